/** Every query of every panel, asked of a Prometheus that watches real servers: primary, standby, pooler, load. */
import { setTimeout as sleep } from 'node:timers/promises';
import { promQuery } from '../../demo/native/check.ts';
import { type NativeStack, startNative } from '../../demo/native/stack.ts';
import { ServerUnavailable } from '../../demo/servers/index.ts';
import { grafanaContext } from '../../exporter/test/support/api.ts';
import { interpolated, targets } from './support/boards.ts';

/** A machine that has much else to do needs its time: nothing here is about speed. */
const PATIENCE_MS = 420_000;
jest.setTimeout(2 * PATIENCE_MS);

/** Scrapes every three seconds: a range of four has filled soon after the servers are up. */
const SPEED = 5;
const RANGES = { rateInterval: '20s', range: '60s' };

/** What may have no answer here, and why. */
const EMPTY: Readonly<Record<string, string>> = {
  'database-performance 22 Firing alerts A': 'nothing has to fire',
  'database-performance 43 Free space in a day A': 'needs node_exporter on the database’s host',
  'pgvigil-connections 45 Server limits used B': 'no user of the pooler has a limit of its own',
  'pgvigil-exporter 22 What is left out, and why A': 'nothing has to be left out',
  'pgvigil-exporter 23 Collectors that fail A': 'none fails',
  'pgvigil-locks 32 Wait events of active sessions A': 'of one moment: nobody has to wait in it',
  'pgvigil-replication 34 Delay of commits A': 'absent while the standby has everything',
  'pgvigil-replication 34 Delay of commits B': 'absent while the standby has everything',
  'pgvigil-replication 34 Delay of commits C': 'absent while the standby has everything',
  'pgvigil-replication 53 Workers of subscriptions A': 'nothing is subscribed to',
  'pgvigil-replication 54 Errors of subscriptions A': 'nothing is subscribed to',
  'pgvigil-replication 55 Last message to subscriptions A': 'nothing is subscribed to',
  'pgvigil-tables 34 Running vacuums A': 'of one moment: no vacuum has to run in it',
};
const MOST_EMPTY = 0.05;

/** What needs a restart to be on. */
const MORE_SETTINGS = ['wal_level = logical', 'archive_mode = on', "archive_command = 'true'"].join('\n');

let stack: NativeStack | undefined;

beforeAll(async () => {
  try {
    stack = await startNative({
      profiles: ['demo', 'replica'],
      without: ['grafana', 'alertmanager', 'webhook'],
      speed: SPEED,
      edit: (path, text) => (path.endsWith('postgresql.conf') ? `${text}\n${MORE_SETTINGS}\n` : text),
    });
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
  }
});
afterAll(() => stack?.stop());

/** What a database in use has and the sample data has not: limits, an end of a password, partitions, a logical slot. */
async function furnish(on: NativeStack): Promise<void> {
  await on.query('alter database musicdb connection limit 150');
  await on.query('alter role musicdb_shop connection limit 140');
  await on.query("create role seasonal login password 'of one summer' valid until 'tomorrow'");
  await on.query("alter system set max_slot_wal_keep_size = '10GB'");
  // Servers of tests do without; a disk has to answer here.
  await on.query('alter system set fsync = on');
  await on.query('select pg_reload_conf()');
  await on.query("select pg_create_logical_replication_slot('search', 'pgoutput')");
  await on.query(
    'create table public.plays (track_id bigint, played_at timestamptz not null) partition by range (played_at)',
  );
  await on.query('create table public.plays_default partition of public.plays default');
  await on.query("insert into pgvigil.partition_policy (parent, step, premake) values ('public.plays', 'day', 4)");
  await on.query('select pg_switch_wal()');
}

/** As Grafana's routes ask. */
async function ask<T>(on: NativeStack, path: string, body?: unknown): Promise<T> {
  const secret = on.secret(body === undefined ? 'api_read_secret' : 'api_write_secret');
  const headers = {
    'content-type': 'application/json',
    'X-Pgvigil-Secret': secret,
    'X-Grafana-Context': grafanaContext('Admin'),
  };
  const method = body === undefined ? 'GET' : 'POST';
  const response = await fetch(`${on.url('exporter')}/api/v1/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function analyzeTracks(on: NativeStack): Promise<void> {
  const [{ oid }] = await on.query<{ oid: number }>("select 'musicdb.tracks'::regclass::oid as oid");
  const { id: planId } = await ask<{ id: string }>(on, 'actions/analyze/plan', { params: { table: oid } });
  await ask(on, 'actions/analyze/run', { planId });
}

test('every query of every panel has an answer', async () => {
  if (!stack) return;
  const on = stack;
  await furnish(on);
  await analyzeTracks(on);
  const deadline = Date.now() + PATIENCE_MS;
  let open = targets.map(({ at, target }) => ({ at, query: interpolated(target.expr, RANGES) }));
  const wanted = (): string[] => open.map(({ at }) => at).filter((at) => !(at in EMPTY));
  while (wanted().length > 0 && Date.now() < deadline) {
    // Each time: a mean needs answers within its range.
    await ask(on, 'targets');
    await sleep(3000);
    const still: typeof open = [];
    for (const one of open) if ((await promQuery(on, one.query)).length === 0) still.push(one);
    open = still;
  }
  expect(wanted()).toEqual([]);
});

test('few may be empty, and each of them is a query', () => {
  const all = targets.map(({ at }) => at);
  expect(Object.keys(EMPTY).filter((at) => !all.includes(at))).toEqual([]);
  expect(Object.keys(EMPTY).length / all.length).toBeLessThanOrEqual(MOST_EMPTY);
});
