/** One pipeline over all collectors: each runs its statement on every supported PostgreSQL and on PgBouncer. */
import {
  type PgBouncerServer,
  type PostgresServer,
  POSTGRES_MAJORS,
  startPgBouncer,
  startPostgres,
} from '../../demo/servers/index.ts';
import pg from 'pg';
import { collectors } from '../src/collectors/index.ts';
import { parseDsn } from '../src/config/dsn.ts';
import { ConsoleSession } from '../src/db/pgbouncer.ts';
import { chooseSql, CollectorUnavailable } from '../src/metrics/compile.ts';
import { Connected, RunContext } from '../src/metrics/connected.ts';
import { statementParameters } from '../src/metrics/postgres_source.ts';
import { Memory, Sink } from '../src/metrics/sink.ts';
import type { Collector } from '../src/metrics/types.ts';
import { functionsBundle, sampleBundle } from '../src/sql/bundles.ts';
import { installBundles } from '../src/sql/install.ts';

const SETTINGS = {
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 100,
  parameters: statementParameters({ includeQuery: true, queryLength: 120, excludeDatabases: [], excludeUsers: [] }),
};
const ofPostgres = collectors.filter((collector) => collector.source === 'postgres');
const ofPgBouncer = collectors.filter((collector) => collector.source === 'pgbouncer');

/** A bit of everything that a collector can look at. */
const OBJECTS = [
  'create extension pg_stat_statements',
  'create extension pg_buffercache',
  'create table item (id serial primary key, parent int references item, note text)',
  'create index on item (note)',
  "insert into item (note) select 'note ' || n from generate_series(1, 1000) n",
  'analyze item',
  'create function twice(n int) returns int language plpgsql as $$ begin return n * 2; end $$',
  'select twice(2)',
  "select pg_create_physical_replication_slot('spare', true)",
  "select pg_create_logical_replication_slot('decoded', 'test_decoding')",
  'create role plain login',
];

/** Result columns seen on any major: a column that no server has is a mistake in the collector. */
const seenColumns = new Map<string, Set<string>>();

const contextOf = (): RunContext =>
  new RunContext({ labelsOf: () => ({}), budgetOf: (collector) => collector.budget?.max });

/** What the collectors with `needs: ['function …']` read. */
async function installFunctions(server: PostgresServer): Promise<void> {
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  const options = { version: '0', report: () => {} };
  await installBundles(client, [functionsBundle(), sampleBundle('musicdb'), sampleBundle('roadtrip')], options);
  await client.end();
}

async function connect(server: PostgresServer, user: string): Promise<Connected> {
  return Connected.open(parseDsn(server.url('postgres', user), { env: {} }), SETTINGS, contextOf());
}

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  const connections = new Map<string, Connected>();

  beforeAll(async () => {
    server = await startPostgres({
      major,
      settings: { wal_level: 'logical', track_functions: 'all', max_prepared_transactions: '5', track_io_timing: 'on' },
    });
    for (const sql of OBJECTS) await server.query(sql);
    await installFunctions(server);
    await server.query("begin; insert into item (note) values ('prepared'); prepare transaction 'waiting'");
    for (const user of ['postgres', 'plain']) connections.set(user, await connect(server, user));
  });

  afterAll(async () => {
    for (const connected of connections.values()) await connected.close();
    await server?.stop();
  });

  test.each(ofPostgres.map((collector) => [collector.name, collector] as const))('%s', async (_, collector) => {
    for (const user of ['postgres', 'plain']) {
      const connected = connections.get(user)!;
      const result = await connected.run(collector);
      expect({ user, success: result.success, problems: result.success ? [] : result.problems }).toEqual({
        user,
        success: true,
        problems: [],
      });
      expect(result.problems.filter(({ reason }) => reason === 'not_a_number')).toEqual([]);
      expect(result.output?.duplicates ?? 0).toBe(0);
    }
    await rememberColumns(connections.get('postgres')!, collector);
  });
});

async function rememberColumns(connected: Connected, collector: Collector): Promise<void> {
  try {
    const fields = await connected.session.describe(chooseSql(collector, connected.facts));
    const seen = seenColumns.get(collector.name) ?? new Set();
    for (const { name } of fields) seen.add(name);
    seenColumns.set(collector.name, seen);
  } catch (error) {
    if (!(error instanceof CollectorUnavailable)) throw error;
  }
}

test('every declared column exists on at least one PostgreSQL', () => {
  const missing = ofPostgres
    .filter((collector) => !collector.dynamic && !collector.reshape)
    .flatMap(({ name, columns }) =>
      Object.keys(columns)
        .filter((column) => !seenColumns.get(name)?.has(column))
        .map((column) => `${name}: ${column}`),
    );
  expect(missing).toEqual([]);
});

describe.each(['debian12', 'newer'] as const)('PgBouncer %s', (version) => {
  let postgres: PostgresServer;
  let bouncer: PgBouncerServer;
  let session: ConsoleSession;

  beforeAll(async () => {
    postgres = await startPostgres({ major: 18 });
    bouncer = await startPgBouncer({ version, databases: { '*': `host=127.0.0.1 port=${postgres.port}` } });
    session = await ConsoleSession.open(parseDsn(bouncer.url(), { env: {} }));
  });

  afterAll(async () => {
    await session?.close();
    await bouncer?.stop();
    await postgres?.stop();
  });

  /** No row on an idle PgBouncer; and 1.18's SHOW USERS has no number. */
  const MAY_BE_EMPTY = [
    'pgbouncer_peer_pools',
    'pgbouncer_servers',
    ...(version === 'debian12' ? ['pgbouncer_users'] : []),
  ];
  /** What came with a later PgBouncer. */
  const LATER = version === 'debian12' ? ['pgbouncer_state', 'pgbouncer_peer_pools'] : [];

  test.each(ofPgBouncer.map((collector) => [collector.name, collector] as const))('%s', async (name, collector) => {
    const sink = new Sink({ collector, memory: new Memory(), fixedLabels: {} });
    const shown = session.show(collector.sql as string, sink);
    if (LATER.includes(name)) return expect(shown).rejects.toMatchObject({ reason: 'unsupported' });
    await shown;
    const output = await sink.finish();
    expect(output.notNumbers).toEqual([]);
    expect(output.duplicates).toBe(0);
    if (!MAY_BE_EMPTY.includes(name)) expect(output.samples).toBeGreaterThan(0);
  });
});
