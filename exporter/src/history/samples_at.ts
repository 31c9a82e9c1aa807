/** What sessions were seen doing at a moment of the past. */
import type { PastSessions } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import { entriesOf, readLayers, type StoredPoint, toTotals } from './points.ts';

type PastSession = PastSessions['items'][number];

/** More different ones are left out, those seen least first. */
const MOST = 200;

interface Around extends StoredPoint {
  readonly target: number;
  readonly previous: Date;
}

/**
 * Sums of the samples between the two points around `at`: single looks are not kept, nor who was connected.
 * @param database only its sessions; default those of all.
 */
export async function sessionsAt(store: Store, name: string, at: Date, database?: string): Promise<PastSessions> {
  const [point] = await store.query<Around & Record<string, unknown>>(AROUND_SQL, [name, at]);
  if (point === undefined) return { interval: null, items: [] };
  const { target, previous } = point;
  const totals = toTotals(await readLayers((text, values) => store.query(text, values), target, 'wait', previous));
  const { ids, columns } = await entriesOf('wait', point);
  const length = (point.at.getTime() - previous.getTime()) / 1000;
  const grown = Array.from(ids, (id, entry) => ({ id, seconds: columns[0][entry] - totals.get(id, 0) }))
    .filter(({ seconds }) => seconds > 0)
    .sort((a, b) => b.seconds - a.seconds);
  const described = await store.query<PastSession & { id: number }>(DESCRIBE_SQL, [
    target,
    grown.map(({ id }) => id),
    database ?? null,
  ]);
  const byId = new Map(described.map(({ id, ...session }) => [id, session]));
  return {
    interval: { from: previous.toISOString(), to: point.at.toISOString() },
    items: grown
      .flatMap(({ id, seconds }) => {
        const session = byId.get(id);
        return session === undefined ? [] : [{ ...session, sessions: seconds / length }];
      })
      .slice(0, MOST),
  };
}

/** Nothing in a gap, and before the first point. */
const AROUND_SQL = `
  select p.* from pgvigil_state.target t
   cross join lateral (
     select n.target, n.at, n.previous, n.gap, n.keyframe, n.entries, n.head, null as rest
       from pgvigil_state.point n
      where n.target = t.id and n.stream = 'wait' and n.at >= $2 order by n.at limit 1) p
   where t.name = $1 and not p.gap and p.previous <= $2`;

/** The blocker's user and database are not in the sample: any statement of its queryid says what it ran. */
const DESCRIBE_SQL = `
  select w.id, w.query_id::text as "queryId", w.database_name as database, w.user_name as "user", w.application, w.state,
         nullif(w.wait_type, '') as "waitType", nullif(w.wait_event, '') as "waitEvent",
         w.blocked_by::text as "blockedBy", s.query as text,
         (select b.query from pgvigil_state.statement b where b.target = $1 and b.query_id = w.blocked_by limit 1) as "blockedByText"
    from pgvigil_state.wait w
    left join pgvigil_state.statement s
      on s.target = $1 and s.query_id = w.query_id and s.database_name = w.database_name and s.user_name = w.user_name
   where w.target = $1 and w.id = any ($2) and ($3::text is null or w.database_name = $3)`;
