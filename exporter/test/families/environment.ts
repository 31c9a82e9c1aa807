/** Servers on which every family has something to show. */
import { type PostgresMajor, type PostgresServer, startPostgres, startStandby } from '../../../demo/servers/index.ts';
import { CREATE_MONITOR, openSession, type Session, until } from '../support/database.ts';

export interface Environment {
  readonly primary: PostgresServer;
  /** Streams from the primary through a slot that is named as repmgr names them. */
  readonly standby: PostgresServer;
  stop(): Promise<void>;
}

const SETTINGS = {
  wal_level: 'logical',
  archive_mode: 'on',
  archive_command: 'true',
  max_slot_wal_keep_size: '10GB',
  autovacuum_naptime: '1s',
  track_io_timing: 'on',
  track_functions: 'all',
};

/** Of the login that exporters use. */
export const ROLE_SETTINGS = {
  statement_timeout: '77s',
  lock_timeout: '5s',
  idle_session_timeout: '1h',
  extra_float_digits: '3',
  jit: 'on',
};

/** A page costs at least 1, so a vacuum sleeps at every one of its thousands. */
const SLOWLY = { delay: '100', limit: '1' };

const STATEMENTS = [
  CREATE_MONITOR,
  // What we set for our own sessions: somebody else's differ.
  ...Object.entries(ROLE_SETTINGS).map(([name, value]) => `alter role monitor set ${name} = '${value}'`),
  'create extension pg_stat_statements',
  'create extension pg_buffercache',
  // Before anything is counted: it forgets when tables were vacuumed, too.
  'select pg_stat_reset()',
  'create table item (id serial primary key, note text)',
  'create index on item (note)',
  "insert into item (note) select 'note ' || n || repeat('x', 3000) from generate_series(1, 500) n",
  'select count(*) from item where id = 7',
  'vacuum analyze item',
  'create table hasty (id int) with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, autovacuum_analyze_threshold = 0)',
  'insert into hasty select generate_series(1, 100)',
  'delete from hasty',
  'create table large (id int, filler text) with (autovacuum_enabled = off)',
  "insert into large select n, repeat('x', 1000) from generate_series(1, 20000) n",
  'delete from large where id % 2 = 0',
  `create table crawling (id int, filler text) with (autovacuum_vacuum_cost_delay = ${SLOWLY.delay},
     autovacuum_vacuum_cost_limit = ${SLOWLY.limit}, autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0)`,
  "select pg_create_logical_replication_slot('consumed', 'pgoutput')",
  "select pg_create_logical_replication_slot('spare', 'test_decoding')",
  'create publication everything for table item',
  'create database subscriber',
];

export async function startEnvironment(major: PostgresMajor): Promise<Environment> {
  const primary = await startPostgres({ major, settings: SETTINGS });
  const started: PostgresServer[] = [primary];
  const sessions: Session[] = [];
  const stop = async (): Promise<void> => {
    for (const session of sessions) await session.end();
    for (const server of started.reverse()) await server.stop('immediate');
  };
  try {
    for (const sql of STATEMENTS) await primary.query(sql);
    await primary.query('create table item (id int primary key, note text)', 'subscriber');
    await primary.query(
      `create subscription copying connection 'host=127.0.0.1 port=${primary.port} user=postgres dbname=postgres'
         publication everything with (create_slot = false, slot_name = consumed)`,
      'subscriber',
    );
    const standby = await startStandby(primary, { slot: 'repmgr_slot_1' });
    started.push(standby);
    await resetShared(primary);
    sessions.push(await startVacuum(primary));
    await primary.query("insert into crawling select n, repeat('x', 1000) from generate_series(1, 20000) n");
    await primary.query('delete from crawling where id % 2 = 0');
    await primary.query('select pg_switch_wal()');
    // Somebody who idles, and somebody whose transaction is long.
    sessions.push(await openSession(primary.url('postgres')), await openSession(primary.url('postgres')));
    await sessions.at(-1)!.query('begin; select 1');
    await waitForAll(primary, standby);
    return { primary, standby, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startVacuum(server: PostgresServer): Promise<Session> {
  const session = await openSession(server.url());
  await session.query(`set vacuum_cost_delay = ${SLOWLY.delay}; set vacuum_cost_limit = ${SLOWLY.limit}`);
  session.query('vacuum large').catch(() => undefined);
  return session;
}

async function resetShared(server: PostgresServer): Promise<void> {
  for (const what of ['bgwriter', 'archiver', 'wal', ...(server.major >= 17 ? ['checkpointer'] : [])])
    await server.query(`select pg_stat_reset_shared('${what}')`);
}

/** What the server does in its own time. */
async function waitForAll(primary: PostgresServer, standby: PostgresServer): Promise<void> {
  const holds = async (server: PostgresServer, condition: string): Promise<boolean> =>
    (await server.query<{ holds: boolean }>(`select (${condition}) as holds`))[0].holds;
  const wanted: readonly (readonly [what: string, server: PostgresServer, condition: string])[] = [
    ['the standby streams', primary, "exists (select from pg_stat_replication where application_name like 'standby%')"],
    [
      'the standby has heard of the end',
      standby,
      'exists (select from pg_stat_wal_receiver where latest_end_lsn is not null)',
    ],
    [
      'the subscriber streams',
      primary,
      "exists (select from pg_replication_slots where slot_name = 'consumed' and active)",
    ],
    ['a file is archived', primary, 'exists (select from pg_stat_archiver where last_archived_time is not null)'],
    [
      'autovacuum was there',
      primary,
      "exists (select from pg_stat_user_tables where relname = 'hasty' and last_autovacuum is not null and last_autoanalyze is not null)",
    ],
    [
      'autovacuum crawls',
      primary,
      "exists (select from pg_stat_activity where query like 'autovacuum: % public.crawling%')",
    ],
    [
      'a vacuum is under way',
      primary,
      "exists (select from pg_stat_progress_vacuum where relid = 'large'::regclass and heap_blks_scanned > 0)",
    ],
  ];
  for (const [what, server, condition] of wanted) await until(what, () => holds(server, condition), 30);
}
