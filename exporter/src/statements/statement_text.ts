/** Finds a statement by its query id: texts come from the server's own record and never from a request. */
import type { LiveTarget } from '../live/live_target.ts';
import { StateMissing, StateUnavailable, type Store } from '../store/store.ts';
import { recordedText } from './recorded_text.ts';
import { StatementRefusal } from './refusal.ts';

/** One statement of a target: a query id of a user in a database. */
export interface StatementKey {
  /** Signed, in decimal. */
  readonly queryId: string;
  /** Default: the one of the target's connection string. */
  readonly database?: string;
  /** Default: any. */
  readonly user?: string;
}

export interface FoundStatement {
  readonly queryId: string;
  readonly database: string;
  readonly user: string;
  readonly text: string;
}

/** In the history, or where that is not to be had in pg_stat_statements as it is now. @throws StatementRefusal not_found */
export async function findStatement(
  live: LiveTarget,
  store: Store | undefined,
  key: StatementKey,
): Promise<FoundStatement> {
  const database = key.database ?? live.dsn.database;
  if (!fits(key.queryId)) throw notFound(key.queryId, database);
  const found =
    (await inHistory(live.name, store, { ...key, database })) ?? (await inServer(live, { ...key, database }));
  if (found === undefined) throw notFound(key.queryId, database);
  return found;
}

/** Nineteen digits can be more than 64 bits, which PostgreSQL refuses to read. */
export const fits = (queryId: string): boolean => BigInt.asIntN(64, BigInt(queryId)) === BigInt(queryId);

const notFound = (queryId: string, database: string): StatementRefusal =>
  new StatementRefusal(
    'not_found',
    `no statement ${queryId} is known in database ${database}`,
    'It may have been evicted from pg_stat_statements, or belong to another database or user.',
  );

type Key = StatementKey & { readonly database: string };

async function inHistory(target: string, store: Store | undefined, key: Key): Promise<FoundStatement | undefined> {
  if (store === undefined) return undefined;
  try {
    const [row] = await store.query<{ user: string; text: string }>(HISTORY_SQL, [
      target,
      key.queryId,
      key.database,
      key.user ?? null,
    ]);
    return row && { queryId: key.queryId, database: key.database, ...row };
  } catch (error) {
    if (error instanceof StateUnavailable || error instanceof StateMissing) return undefined;
    throw error;
  }
}

const HISTORY_SQL = `
  select s.user_name as user, s.query as text
    from pgvigil_state.statement s join pgvigil_state.target t on t.id = s.target
   where t.name = $1 and s.query_id = $2::bigint and s.database_name = $3 and ($4::text is null or s.user_name = $4)
   order by s.first_seen desc limit 1`;

/** The extension may be in another schema, and in another database than the statement's. */
async function inServer(live: LiveTarget, key: Key): Promise<FoundStatement | undefined> {
  for (const database of new Set([live.dsn.database, key.database])) {
    const [view] = await live.query<{ name: string }>(VIEW_SQL, [], database);
    if (view === undefined) continue;
    const [row] = await live.query<{ user: string; text: string }>(
      `select r.rolname::text as user, s.query as text
         from ${view.name} s join pg_catalog.pg_roles r on r.oid = s.userid join pg_catalog.pg_database d on d.oid = s.dbid
        where s.queryid = $1::bigint and d.datname = $2 and ($3::text is null or r.rolname = $3)
          and s.query <> '<insufficient privilege>'
        order by s.total_exec_time desc limit 1`,
      [key.queryId, key.database, key.user ?? null],
      database,
    );
    return row && { queryId: key.queryId, database: key.database, user: row.user, text: await recordedText(row.text) };
  }
  return undefined;
}

const VIEW_SQL = `
  select pg_catalog.format('%I.pg_stat_statements', n.nspname) as name
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
   where e.extname = 'pg_stat_statements'`;
