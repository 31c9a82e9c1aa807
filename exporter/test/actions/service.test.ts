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
  server = await startTarget();
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
    await until('its end', async () => (await read()).finishedAt !== null);
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
