/** Reads pg_stat_statements as it is on this server: names and places differ between versions of the extension. */
import pg from 'pg';
import { DatabaseFailure } from '../db/errors.ts';
import { type LiveTarget, TargetUnavailable } from '../live/live_target.ts';
import { recordedText } from '../statements/recorded_text.ts';
import { STATEMENT_COLUMNS, type StatementColumn } from './columns.ts';

/** Why there is no history; the message names the cure. */
export class NoStatements extends Error {}

export interface Row {
  /** Database, user, query id, top level: names one entry of the view. */
  readonly key: string;
  readonly dbOid: number;
  readonly userOid: number;
  readonly queryId: string;
  readonly toplevel: boolean;
  /** When counting began, seconds since 1970; null where the server does not say (extension before 1.11). */
  readonly since: number | null;
  /** In the order of STATEMENT_COLUMNS. */
  readonly values: Float64Array;
}

export interface Reading {
  readonly rows: readonly Row[];
  readonly serverStart: number;
  readonly statsReset: number | null;
  readonly evictions: number | null;
  readonly ioTiming: boolean;
  /** Statements of others that the role may not see. */
  readonly hidden: number;
}

interface View {
  /** Quoted. */
  readonly schema: string;
  readonly columns: ReadonlySet<string>;
  readonly info: boolean;
}

async function findView(client: pg.Client): Promise<View> {
  const { rows } = await client.query<{ schema: string; columns: string[] | null; info: boolean }>(VIEW_SQL);
  if (rows.length === 0) {
    throw new NoStatements(
      'the extension pg_stat_statements is not in this database: create extension pg_stat_statements;',
    );
  }
  return { ...rows[0], columns: new Set(rows[0].columns) };
}

/** Why nothing can be recorded, with the cure; null where the extension is there, or the server does not say. */
export async function whyNotRecorded(target: LiveTarget): Promise<string | null> {
  try {
    await target.use(findView);
    return null;
  } catch (error) {
    if (error instanceof NoStatements) return error.message;
    if (error instanceof TargetUnavailable || error instanceof DatabaseFailure) return null;
    throw error;
  }
}

const VIEW_SQL = `
  select format('%I', n.nspname) as schema,
         (select array_agg(a.attname::text) from pg_catalog.pg_attribute a
           where a.attrelid = to_regclass(format('%I.pg_stat_statements', n.nspname)) and a.attnum > 0
             and not a.attisdropped) as columns,
         to_regclass(format('%I.pg_stat_statements_info', n.nspname)) is not null as info
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
   where e.extname = 'pg_stat_statements'`;

/** First of these that the view has; sums of several where times are split by kind of block. */
const SOURCES: Readonly<Record<StatementColumn, readonly (readonly string[])[]>> = {
  calls: [['calls']],
  exec_ms: [['total_exec_time']],
  shared_read: [['shared_blks_read']],
  rows: [['rows']],
  exec_ms_squared: [['calls * (stddev_exec_time * stddev_exec_time + mean_exec_time * mean_exec_time)']],
  plan_ms: [['total_plan_time']],
  shared_hit: [['shared_blks_hit']],
  shared_dirtied: [['shared_blks_dirtied']],
  shared_written: [['shared_blks_written']],
  local_read: [['local_blks_read']],
  local_written: [['local_blks_written']],
  temp_read: [['temp_blks_read']],
  temp_written: [['temp_blks_written']],
  io_read_ms: [
    ['shared_blk_read_time', 'local_blk_read_time', 'temp_blk_read_time'],
    ['blk_read_time', 'temp_blk_read_time'],
  ],
  io_write_ms: [
    ['shared_blk_write_time', 'local_blk_write_time', 'temp_blk_write_time'],
    ['blk_write_time', 'temp_blk_write_time'],
  ],
  wal_bytes: [['wal_bytes']],
};

function expression(column: StatementColumn, there: ReadonlySet<string>): string {
  const chosen = SOURCES[column].find(([first]) => first.includes(' ') || there.has(first)) ?? [];
  const parts = chosen.filter((name) => name.includes(' ') || there.has(name));
  return parts.length === 0 ? '0' : parts.join(' + ');
}

/**
 * Everything that pg_stat_statements counts, without its texts.
 * @throws NoStatements where the extension is missing; what the server says.
 */
export async function readStatements(client: pg.Client): Promise<Reading> {
  const view = await findView(client);
  const facts = await readFacts(client, view);
  const rows: Row[] = [];
  let hidden = 0;
  const query = new pg.Query({
    text: `
      select dbid, userid, queryid, ${view.columns.has('toplevel') ? 'toplevel' : "'t'"},
             ${view.columns.has('stats_since') ? 'extract(epoch from stats_since)' : 'null'},
             ${STATEMENT_COLUMNS.map((column) => expression(column, view.columns)).join(', ')}
        from ${view.schema}.pg_stat_statements(showtext => false)`,
    rowMode: 'array',
    // Numbers are made once, below.
    types: { getTypeParser: () => (value: string) => value },
  } as pg.QueryConfig);
  await new Promise<void>((resolve, reject) => {
    // Row by row as they arrive: 5,000 at once would keep scrapes waiting.
    query.on('row', (row: unknown) => {
      const [dbOid, userOid, queryId, toplevel, since, ...values] = row as (string | null)[];
      if (queryId === null) return void hidden++;
      rows.push({
        key: `${dbOid}/${userOid}/${queryId}/${toplevel}`,
        dbOid: Number(dbOid),
        userOid: Number(userOid),
        queryId,
        toplevel: toplevel === 't',
        since: since === null ? null : Number(since),
        values: Float64Array.from(values, Number),
      });
    });
    query.on('error', reject);
    query.on('end', () => resolve());
    client.query(query);
  });
  return { rows, hidden, ...facts };
}

async function readFacts(client: pg.Client, { schema, info }: View): Promise<Omit<Reading, 'rows' | 'hidden'>> {
  const { rows } = await client.query<Omit<Reading, 'rows' | 'hidden'>>(`
    select extract(epoch from pg_postmaster_start_time())::float8 as "serverStart",
           current_setting('track_io_timing')::boolean as "ioTiming",
           ${info ? `i.dealloc::float8` : 'null::float8'} as evictions,
           ${info ? `extract(epoch from i.stats_reset)::float8` : 'null::float8'} as "statsReset"
      ${info ? `from ${schema}.pg_stat_statements_info i` : ''}`);
  return rows[0];
}

/** What the texts and names of new statements are. Texts that were evicted meanwhile are missing. */
export interface Names {
  readonly databases: ReadonlyMap<number, string>;
  readonly users: ReadonlyMap<number, string>;
}

export async function readNames(client: pg.Client): Promise<Names> {
  const named = async (text: string): Promise<Map<number, string>> => {
    const { rows } = await client.query<{ oid: number; name: string }>(text);
    return new Map(rows.map(({ oid, name }) => [oid, name]));
  };
  return {
    databases: await named('select oid, datname::text as name from pg_catalog.pg_database'),
    users: await named('select oid, rolname::text as name from pg_catalog.pg_roles'),
  };
}

/** Longer ones are cut; nobody reads a megabyte of VALUES. */
const LONGEST_TEXT = 100_000;

/** By `database/user/queryId`. Reads the file with the texts: only for those that are new. */
export async function readTexts(client: pg.Client, queryIds: readonly string[]): Promise<Map<string, string>> {
  const { schema } = await findView(client);
  const { rows } = await client.query<{ key: string; query: string | null }>(
    `select format('%s/%s/%s', dbid, userid, queryid) as key, left(query, ${LONGEST_TEXT}) as query
       from ${schema}.pg_stat_statements(showtext => true) where queryid = any ($1::bigint[])`,
    [queryIds],
  );
  const texts = new Map<string, string>();
  for (const { key, query } of rows) if (query !== null) texts.set(key, await recordedText(query));
  return texts;
}
