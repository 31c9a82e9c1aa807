/** What surrounds a job: a standby, a pooler, and the effect that the real exporter measures afterwards. */
import { startPgBouncer, startStandby } from '../../../demo/servers/index.ts';
import { call, startApi } from '../support/api.ts';
import { openSession, until } from '../support/database.ts';
import { oidOf, type PostgresServer, prepareState, startRig, startTarget } from './fixture.ts';

const TABLES = `
  create extension pg_stat_statements;
  grant pg_monitor to pgvigil_exporter;
  create role clerk login;
  set role shop_owner;
  grant usage on schema shop to clerk;
  create table shop.track (id int primary key, title text);
  insert into shop.track select n, 'title ' || n from generate_series(1, 200000) n;
  analyze shop.track;
  grant select on shop.track to clerk`;

let server: PostgresServer;

beforeAll(async () => {
  server = await startTarget({ settings: { wal_level: 'logical', autovacuum_naptime: '1s' } });
  await server.query(TABLES);
  await prepareState(server);
});
afterAll(() => server?.stop());

it('refuses a standby', async () => {
  const standby = await startStandby(server);
  const rig = await startRig(standby, { state: server });
  try {
    const plan = await rig.plan('vacuum', { table: await oidOf(server, 'shop.track') });
    expect(plan.runnable).toBe(false);
    expect(plan.preconditions.find(({ state }) => state === 'missing')!.message).toContain('this server is a standby');
  } finally {
    await rig.close();
    await standby.stop();
  }
});

/** A standby, a subscription, a vacuum that takes for ever, and a statement with helpers: what all of them look like. */
const SERVED = `
  create table shop.worn (id int) with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, parallel_workers = 2);
  insert into shop.worn select generate_series(1, 100000); delete from shop.worn;
  insert into shop.worn select generate_series(1, 100000)`;
const PARALLEL = `set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0;
  select count(*) from shop.track where pg_sleep(600) is null`;

it("tells clients' sessions from the server's own processes, and leaves these alone", async () => {
  await server.query(SERVED);
  await server.query('create database copy');
  await server.query('create publication all_of_it');
  await server.query("select pg_create_logical_replication_slot('copy', 'pgoutput')");
  await server.query(
    `create subscription copy connection 'host=${server.socketDir} port=${server.port} dbname=postgres user=postgres'
       publication all_of_it with (create_slot = false, slot_name = 'copy')`,
    'copy',
  );
  const standby = await startStandby(server);
  const exporter = await startApi({
    args: [`--maintenance.connection-string=${server.url('postgres', 'operator')}`],
    env: { DATA_SOURCE_NAME: server.url('postgres', 'pgvigil_exporter') },
  });
  const leader = await openSession(server.url('postgres', 'clerk'));
  const counted = leader.query(PARALLEL).then(
    () => 'counted',
    (error: Error) => error.message,
  );
  const sessions = async () => (await call(exporter, 'GET /api/v1/activity')).body.sessions;
  const timeouts = async () =>
    (await call(exporter, 'GET /api/v1/activity')).body.waits.filter(({ type }) => type === 'Timeout');
  const oneOf = async (backendType: RegExp) => (await sessions()).find((one) => backendType.test(one.backendType))!;
  const act = async (action: 'cancel' | 'terminate', { pid, backendStart }: { pid: number; backendStart: string }) => {
    const params = { session: { pid, backendStart } };
    return (await call(exporter, 'POST /api/v1/actions/:action/session', { params: { action }, body: { params } }))
      .body;
  };
  try {
    for (const type of [/^walsender$/, /^logical replication (apply )?worker$/, /^parallel worker$/]) {
      await until(`a process that is ${type}`, async () => (await oneOf(type))?.state != null);
    }
    for (const type of [/^walsender$/, /^logical replication (apply )?worker$/]) {
      const own = await oneOf(type);
      expect(own).toMatchObject({ background: true, signals: [], leaderPid: null });
      for (const action of ['cancel', 'terminate'] as const) {
        expect(await act(action, own)).toMatchObject({
          done: false,
          message: expect.stringContaining('left alone') as string,
        });
      }
      expect((await sessions()).map(({ pid }) => pid)).toContain(own.pid);
    }
    const helper = await oneOf(/^parallel worker$/);
    expect(helper).toMatchObject({ background: false, signals: [], leaderPid: leader.pid });
    expect((await act('cancel', helper)).message).toContain(`it works for session ${leader.pid}`);
    const led = (await sessions()).find(({ pid }) => pid === leader.pid)!;
    expect(led).toMatchObject({
      background: false,
      leaderPid: null,
      signals: ['cancel', 'terminate'],
    });
    // Who helps it, and who serves the server, waits for nothing that a client waits for.
    await until('the leader sleeps', async () => (await timeouts()).length > 0);
    expect(await timeouts()).toEqual([{ type: 'Timeout', event: 'PgSleep', sessions: 1 }]);

    await until('autovacuum', async () => (await oneOf(/^autovacuum worker$/))?.query?.includes('shop.worn') ?? false);
    const vacuum = await oneOf(/^autovacuum worker$/);
    expect(vacuum).toMatchObject({ background: true, signals: ['cancel'] });
    expect(await act('terminate', vacuum)).toMatchObject({ done: false });
    expect(await act('cancel', vacuum)).toMatchObject({ done: true });
    await until(
      'its end',
      async () => !(await sessions()).some(({ pid, query }) => pid === vacuum.pid && query !== null),
    );
    expect(await act('cancel', led)).toMatchObject({ done: true });
    expect(await counted).toContain('canceling statement due to user request');
  } finally {
    // Its statement would go on without it, and keep the next test's index waiting.
    await server.query(`select pg_terminate_backend(${leader.pid})`);
    await leader.end().catch(() => undefined);
    await exporter.stop();
    await standby.stop();
    await server.query('drop subscription copy', 'copy');
    await server.query('drop table shop.worn');
  }
});

it('refuses to act through a pooler', async () => {
  const bouncer = await startPgBouncer({
    version: 'any',
    databases: { '*': `host=127.0.0.1 port=${server.port}` },
    settings: { ignore_startup_parameters: 'options' },
    authType: 'trust',
    users: { operator: '' },
  });
  const rig = await startRig(server, { state: server, maintenancePort: bouncer.port });
  try {
    const plan = rig.plan('vacuum', { table: await oidOf(server, 'shop.track') });
    await expect(plan).rejects.toThrow('maintenance login: the connection goes through a pooler');
  } finally {
    await rig.close();
    await bouncer.stop();
  }
});

it('measures what a new index brought to the statements', async () => {
  const exporter = await startApi({
    args: [`--maintenance.connection-string=${server.url('postgres', 'operator')}`, '--history.interval=1s'],
    env: {
      DATA_SOURCE_NAME: server.url('postgres', 'pgvigil_exporter'),
      PGVIGIL_STATE_URL: server.url('state', 'pgvigil_exporter'),
    },
  });
  const clerk = await openSession(server.url('postgres', 'clerk'));
  let busy = true;
  const load = (async () => {
    while (busy) {
      await clerk.query("select id from shop.track where title = 'title 4711'");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  try {
    await until('history of the statement', async () => {
      const { body } = await call(exporter, 'GET /api/v1/database/slow-queries', {
        query: { search: 'from shop.track' },
      });
      return (body?.items[0]?.figures.calls ?? 0) > 50;
    });
    const params = { table: await oidOf(server, 'shop.track'), columns: [{ name: 'title' }] };
    const plan = await call(exporter, 'POST /api/v1/actions/:action/plan', {
      params: { action: 'create_index' },
      body: { params },
    });
    const run = await call(exporter, 'POST /api/v1/actions/:action/run', {
      params: { action: 'create_index' },
      body: { planId: plan.body.id },
    });
    const read = async () => (await call(exporter, 'GET /api/v1/jobs/:id', { params: { id: run.body.id } })).body;
    await until('it has stopped', async () => (await read()).finishedAt !== null);
    expect(await read()).toMatchObject({ state: 'done', effectDueAt: expect.any(String) as string });
    await until('the effect', async () => (await read()).effectDueAt === null);
    const mean = (await read()).effect.find(({ title }) => title === 'Mean time of the statements on the table')!;
    // A scan of 200,000 rows against one look into the index.
    expect(mean.after! * 10).toBeLessThan(mean.before!);
    const audit = await call(exporter, 'GET /api/v1/audit', { query: { action: 'create_index' } });
    expect(audit.body.items[0]).toMatchObject({ outcome: 'done', login: 'admin', jobId: run.body.id });
    expect(audit.body.items[0].effect.find(({ title }) => title === mean.title)).toEqual(mean);
    const { samples } = await exporter.scrape();
    const labels = { action: 'create_index' };
    expect(samples.value('pgvigil_job_end_timestamp_seconds', labels)! * 1000).toBeCloseTo(
      new Date((await read()).finishedAt!).getTime(),
      -1,
    );
  } finally {
    busy = false;
    await load;
    await clerk.end();
    await exporter.stop();
  }
});
