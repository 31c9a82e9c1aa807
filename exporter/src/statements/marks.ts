/** What happened in a window and may be why a statement's figures changed. */
import type { QueryDetail } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { FoundStatement } from './statement_text.ts';
import type { TimeRange } from './time_range.ts';

type Mark = QueryDetail['marks'][number];

/** A plan's first sight is no change of it: only from the second on. */
const SQL = `
  select at, kind, title from (
    select coalesce(j.started_at, j.confirmed_at) as at, 'action' as kind, j.draft ->> 'title' as title
      from pgvigil_state.job j
     where j.target = $1 and j.database_name = $2 and j.started_at is not null
    union all
    select p.first_seen, 'plan', 'new plan ' || p.fingerprint
      from pgvigil_state.plan p join pgvigil_state.target t on t.id = p.target
     where t.name = $1 and p.database_name = $2 and p.query_id = $3::bigint and p.user_name = $4
       and exists (select from pgvigil_state.plan o
                    where o.target = p.target and o.query_id = p.query_id and o.database_name = p.database_name
                      and o.user_name = p.user_name and o.first_seen < p.first_seen)) m
   where at between $5 and $6 and title is not null
   order by at limit 200`;

/** Jobs in its database, and plans not met before. @throws as Store.query */
export async function marksOf(
  store: Store,
  target: string,
  { queryId, database, user }: FoundStatement,
  { from, to }: TimeRange,
): Promise<Mark[]> {
  const rows = await store.query<{ at: Date; kind: Mark['kind']; title: string }>(SQL, [
    target,
    database,
    queryId,
    user,
    from,
    to,
  ]);
  return rows.map(({ at, ...mark }) => ({ at: at.toISOString(), ...mark }));
}
