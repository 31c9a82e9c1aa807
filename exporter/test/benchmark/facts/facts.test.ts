/** What is recorded of the server, asked as a role with pg_monitor. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  type PgBouncerServer,
  type PostgresServer,
  startPgBouncer,
  startPostgres,
} from '../../../../demo/servers/index.ts';
import { readFacts } from '../../../src/benchmark/facts/facts.ts';
import { StatementCounter } from '../../../src/benchmark/facts/statements.ts';
import { WorkMeter } from '../../../src/benchmark/facts/work.ts';
import { LOAD_APPLICATION } from '../../../src/benchmark/load/session.ts';
import { parseDsn } from '../../../src/config/dsn.ts';
import { openSession } from '../../../src/db/session.ts';
import { within } from '../../../src/db/within.ts';
import { CREATE_MONITOR, until } from '../../support/database.ts';

describe.each([14, 18] as const)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let bouncer: PgBouncerServer;
  let monitor: pg.Client;
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { primary_conninfo: 'host=x password=s3cret' } });
    await server.query(
      `${CREATE_MONITOR}; create schema "odd.name"; create schema ext; grant usage on schema ext to monitor`,
    );
    await server.query('create extension pg_stat_statements schema ext');
    await server.query('create table public.t (id int primary key, n int); create table "odd.name".t (id int)');
    bouncer = await startPgBouncer({
      version: 'any',
      databases: { '*': `host=127.0.0.1 port=${server.port}` },
      settings: { pool_mode: 'transaction' },
    });
    monitor = (await openSession(dsnOf('monitor'), { applicationName: 'test' })).client;
  });
  afterAll(async () => {
    await monitor?.end();
    await bouncer?.stop();
    await server?.stop();
  });

  const checkpointsCounted = async (): Promise<number> => {
    const sql =
      major < 17
        ? 'select checkpoints_timed + checkpoints_req as count from pg_stat_bgwriter'
        : 'select num_timed + num_requested as count from pg_stat_checkpointer';
    return Number((await server.query<{ count: string }>(sql))[0].count);
  };
  const dsnOf = (user: string) => parseDsn(`${server.url('postgres', user)}?sslmode=disable`, { env: {} });

  test('holds no secret, and nothing of the path of whoever asks', async () => {
    const console = parseDsn(`${bouncer.url()}?sslmode=disable`, { env: {}, service: 'pgbouncer' });
    const facts = await readFacts(monitor, console);
    expect(JSON.stringify(facts)).not.toMatch(/s3cret|conninfo|userlist|auth_/);
    expect(facts.pooler).toMatchObject({ pool_mode: 'transaction' });
    expect(Object.keys(facts.schema)).toEqual(['"odd.name".t', 'public.t']);
    await server.query("alter database postgres set search_path = 'odd.name', public");
    const { client } = await openSession(dsnOf('monitor'), { applicationName: 'test' });
    expect((await readFacts(client)).schema).toEqual(facts.schema);
    await server.query('create index on public.t (n)');
    const changed = await readFacts(client);
    expect(changed.schema['public.t']).not.toBe(facts.schema['public.t']);
    expect(changed.schema['"odd.name".t']).toBe(facts.schema['"odd.name".t']);
    await client.end();
  });

  test.each(['directly', 'through PgBouncer'])(
    'waits of the load are seen %s, with WAL and checkpoints',
    async (how) => {
      const url = how === 'directly' ? server.url() : bouncer.url('postgres', 'postgres');
      const load = new pg.Client({ connectionString: url, application_name: LOAD_APPLICATION });
      await load.connect();
      const meter = await WorkMeter.start(monitor, LOAD_APPLICATION);
      await load.query('insert into public.t select 1, 1 on conflict do nothing');
      await load.query('select pg_sleep(0.7)');
      const before = await checkpointsCounted();
      await server.query('checkpoint');
      // Up to PostgreSQL 14 what is counted is told in passing, and comes a moment later.
      await until('the checkpoint is counted', async () => (await checkpointsCounted()) > before);
      const { waits, checkpoints, walBytes, sessions } = await meter.stop();
      await load.end();
      expect(waits!['Timeout:PgSleep']).toBeGreaterThan(2);
      expect(checkpoints).toBeGreaterThan(0);
      expect(walBytes).toBeGreaterThan(0);
      expect(sessions).toEqual(expect.any(Number));
    },
  );

  test('what could not be asked is null, and no zero', async () => {
    const { client } = await openSession(dsnOf('monitor'), { applicationName: 'test' });
    const meter = await WorkMeter.start(client, LOAD_APPLICATION);
    await client.end();
    // Samples fail meanwhile.
    await sleep(300);
    expect(await meter.stop()).toEqual({ walBytes: null, checkpoints: null, sessions: null, waits: null });
  });

  test('statements count from a reset on, and their texts hold no password', async () => {
    const busy = 'select pg_sleep(0.02) from generate_series(1, 5)';
    await server.query(busy);
    const counter = await StatementCounter.start(monitor);
    await server.query('select ext.pg_stat_statements_reset()');
    for (let i = 0; i < 3; i++) await server.query('select pg_sleep(0.001) from generate_series(1, 5)');
    await server.query("create role known password 'hidden'");
    const found = (await counter.stop())!;
    await server.query('drop role known');
    const [slept] = found.filter(({ query }) => query.includes('pg_sleep'));
    expect(slept).toMatchObject({ calls: 3, rows: 15 });
    for (const { calls, totalMs, rows } of found) expect(Math.min(calls, totalMs, rows)).toBeGreaterThanOrEqual(0);
    expect(JSON.stringify(found)).not.toContain('hidden');
    await server.query('drop extension pg_stat_statements');
    expect(await (await StatementCounter.start(monitor)).stop()).toBeNull();
  });

  test('who is silent is not waited for', async () => {
    const { client } = await openSession(dsnOf('monitor'), { applicationName: 'test' });
    const ended = new Promise((resolve) => client.once('end', resolve));
    const asking = within(0.2, client.query('select pg_sleep(60)'), () => client.connection.stream.destroy());
    await expect(asking).rejects.toThrow(/terminated/);
    await ended;
  });
});
