/**
 * What a system in use has and the sample data has not, and what is there only when something is the matter: each made as
 * it comes about, and there until the servers end. So nothing has to be excused for having no data.
 */
import type { NativeStack } from '../../../demo/native/stack.ts';
import { type Api, ask } from '../../../exporter/test/support/caller.ts';

/** What needs a restart to be on. */
const SETTINGS = [
  'wal_level = logical',
  'archive_mode = on',
  "archive_command = 'true'",
  'max_prepared_transactions = 5',
].join('\n');

/** Before PgBouncer's other sections: what follows goes on with the last of them. */
const USERS = '[users]\nmusicdb_shop = pool_size=25 max_user_connections=90\n\n';

/** Configuration files of the stack, with a node_exporter that answers at `node`. */
export const edited =
  (node: string) =>
  (path: string, text: string): string => {
    if (path.endsWith('/postgresql.conf')) return `${text}\n${SETTINGS}\n`;
    if (path.endsWith('/pgbouncer-1.21.ini')) return USERS + text;
    // The scrape configurations are the last of the file.
    if (path.endsWith('/prometheus.yml'))
      return `${text}\n  - job_name: node\n    static_configs: [{ targets: ['${node}'] }]\n`;
    return text;
  };

/** Limits, an end of a password, partitions, settings that tests do without. */
async function ordinary(on: NativeStack): Promise<void> {
  await on.query('alter database musicdb connection limit 150');
  await on.query('alter role musicdb_shop connection limit 140');
  await on.query("create role seasonal login password 'of one summer' valid until 'tomorrow'");
  await on.query("alter system set max_slot_wal_keep_size = '10GB'");
  await on.query("alter system set autovacuum_naptime = '5s'");
  // Servers of tests do without; a disk has to answer here.
  await on.query('alter system set fsync = on');
  await on.query('select pg_reload_conf()');
  await on.query(
    'create table public.plays (track_id bigint, played_at timestamptz not null) partition by range (played_at)',
  );
  await on.query('create table public.plays_default partition of public.plays default');
  await on.query("insert into pgvigil.partition_policy (parent, step, premake) values ('public.plays', 'day', 4)");
  await on.query('select pg_switch_wal()');
}

/** A slot that nobody uses, and a second database that takes a table from the first. */
async function logical(on: NativeStack): Promise<void> {
  await on.query("select pg_create_logical_replication_slot('search', 'pgoutput')");
  // In the same server: publisher and subscriber must not wait for each other, so the slot is made apart.
  await on.query("select pg_create_logical_replication_slot('copy', 'pgoutput')");
  await on.query('create table public.ratings (id int primary key)');
  await on.query('create publication ratings for table public.ratings');
  const [{ socket, port }] = await on.query<{ socket: string; port: string }>(
    "select current_setting('unix_socket_directories') as socket, current_setting('port') as port",
  );
  await on.query('create database copy');
  await on.query('create table public.ratings (id int primary key)', 'copy');
  await on.query(
    `create subscription copy connection 'host=${socket} port=${port} dbname=musicdb user=postgres'
       publication ratings with (create_slot = false, copy_data = false)`,
    'copy',
  );
}

/** Ends with the server, and with an error that is no news. */
const forEver = (on: NativeStack, sql: string): void => void on.query(sql).catch(() => undefined);

/** What takes long: a wait for a lock, a vacuum, a transaction that waits for its second half, a standby's replay. */
async function slow(on: NativeStack): Promise<void> {
  await on.query('create table public.jobs as select 1 as id');
  // Whichever comes first, the other one waits: for the row, as a table that is locked has no size.
  for (let n = 0; n < 2; n++) forEver(on, 'begin; update public.jobs set id = 2; select pg_sleep(3600)');
  // A page every tenth of a second, or slower.
  await on.query(
    `create table public.attic with (autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_cost_delay = 100)
         as select n from generate_series(1, 400000) n`,
    'copy',
  );
  await on.query('delete from public.attic', 'copy');
  await on.query("begin; insert into public.ratings values (1); prepare transaction 'import'");
  await on.query("alter system set recovery_min_apply_delay = '2s'", 'postgres', 'replica');
  await on.query('select pg_reload_conf()', 'postgres', 'replica');
}

/** A function that an index rests on has changed since; in the second database one of MusicDB's gives no columns. */
async function broken(on: NativeStack): Promise<void> {
  await on.query('create function public.share(int) returns int immutable language sql return $1');
  await on.query('create table public.shares as select 0 as n');
  await on.query('create index on public.shares (public.share(n))');
  await on.query('create or replace function public.share(int) returns int immutable language sql return 100 / $1');
  await on.query('create schema musicdb', 'copy');
  await on.query('create function musicdb.ingestion_summary() returns int language sql return 1', 'copy');
}

/** Before anything is asked. */
export async function furnish(on: NativeStack): Promise<void> {
  await ordinary(on);
  await logical(on);
  await slow(on);
  await broken(on);
  await act(on, 'musicdb.tracks');
  // Divides by 0.
  await act(on, 'public.shares');
}

/** The stack's exporter, as `ask` wants it. */
export const apiOf = (on: NativeStack): Api => ({
  url: on.url('exporter'),
  secrets: { read: on.secret('api_read_secret'), write: on.secret('api_write_secret') },
});

/** Analyzes a table, whether it succeeds or not. */
async function act(on: NativeStack, table: string): Promise<void> {
  const [{ oid }] = await on.query<{ oid: number }>(`select '${table}'::regclass::oid as oid`);
  const { id: planId } = await ask<{ id: string }>(apiOf(on), 'actions/analyze/plan', { params: { table: oid } });
  await ask(apiOf(on), 'actions/analyze/run', { planId });
}
