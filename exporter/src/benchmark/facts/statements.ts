/** What pg_stat_statements counted while a benchmark ran. */
import type { StatementDelta } from '../../contract/benchmarks.ts';
import type pg from 'pg';

/** Costliest first; what comes after them is noise of others. */
const MOST = 50;

/** @param source the extension's function, with its schema. */
const COUNTS_SQL = (source: string): string => `
  select pg_catalog.concat_ws('/', userid, queryid, toplevel) as key, query, calls::float8 as calls,
         total_exec_time as "totalMs", rows::float8 as rows, shared_blks_read::float8 as "sharedRead",
         temp_blks_written::float8 as "tempWritten", wal_bytes::float8 as "walBytes"
    from ${source} s
   where dbid = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
     and queryid is not null`;

const SCHEMA_SQL = `
  select pg_catalog.quote_ident(n.nspname) as schema
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
   where e.extname = 'pg_stat_statements'`;

type Row = StatementDelta & { readonly key: string; readonly query: string | null };

const FIGURES = ['calls', 'totalMs', 'rows', 'sharedRead', 'tempWritten', 'walBytes'] as const;

/** PostgreSQL keeps passwords in the text of commands that set one. */
const TELLING = /\bpassword\b/i;

export class StatementCounter {
  readonly #client: pg.Client;
  readonly #source: string | null;
  readonly #before: ReadonlyMap<string, Row>;

  /** Where there is no such extension, or it may not be read, it finds nothing. */
  static async start(client: pg.Client): Promise<StatementCounter> {
    try {
      const { rows } = await client.query<{ schema: string }>(SCHEMA_SQL);
      if (rows.length === 0) return new StatementCounter(client, null, []);
      const source = `${rows[0].schema}.pg_stat_statements`;
      return new StatementCounter(client, source, await countsOf(client, `${source}(false)`));
    } catch {
      return new StatementCounter(client, null, []);
    }
  }

  private constructor(client: pg.Client, source: string | null, before: readonly Row[]) {
    this.#client = client;
    this.#source = source;
    this.#before = new Map(before.map((row) => [row.key, row]));
  }

  /** Null: not known. What was reset or evicted meanwhile counts from zero, and may have been more. */
  async stop(): Promise<StatementDelta[] | null> {
    if (this.#source === null) return null;
    const after = await countsOf(this.#client, `${this.#source}(true)`).catch(() => null);
    return (
      after
        ?.flatMap((row) => this.#deltaOf(row))
        .sort((a, b) => b.totalMs - a.totalMs)
        .slice(0, MOST) ?? null
    );
  }

  #deltaOf(after: Row): StatementDelta[] {
    const { query } = after;
    const found = this.#before.get(after.key);
    // After a reset it may have been called more often than before, and yet have taken less time.
    const before = found && FIGURES.every((name) => found[name] <= after[name]) ? found : undefined;
    const grown = Object.fromEntries(FIGURES.map((name) => [name, after[name] - (before?.[name] ?? 0)]));
    if (query === null || grown.calls === 0 || TELLING.test(query)) return [];
    return [{ query, ...(grown as Omit<StatementDelta, 'query'>) }];
  }
}

const countsOf = async (client: pg.Client, source: string): Promise<Row[]> =>
  (await client.query<Row>(COUNTS_SQL(source))).rows;
