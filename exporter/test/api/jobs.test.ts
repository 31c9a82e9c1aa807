/** Jobs as pages ask for them: lists, a queue, who is refused; and two exporters that share the work. */
import type { Job, ParamValues } from '../../src/contract/index.ts';
import { oidOf, PATIENT, type PostgresServer, prepareState, startTarget } from '../actions/fixture.ts';
import { type ApiExporter, call, type Given, startApi } from '../support/api.ts';
import type { CallOptions } from '../support/caller.ts';
import { holdLock, openSession, type Session, until } from '../support/database.ts';

const SMALL = 6;
const TABLES = `
  create extension pg_stat_statements;
  create role clerk login;
  set role shop_owner;
  create table shop.track (id int primary key, title text) with (autovacuum_enabled = off);
  insert into shop.track select n, 'title ' || n from generate_series(1, 5000) n;
  create index track_title on shop.track (title);
  create materialized view shop.plain as select count(*) from shop.track;
  ${Array.from({ length: SMALL }, (_, n) => `create table shop.small_${n} (id int) with (autovacuum_enabled = off);`).join('\n')}
  insert into shop.small_0 values (1)`;

let server: PostgresServer;
/** Processes of their own, on one state database. */
let exporters: ApiExporter[] = [];
let exporter: ApiExporter;
const sessions: Session[] = [];

beforeAll(async () => {
  server = await startTarget();
  await server.query(TABLES);
  await prepareState(server);
  const start = (): Promise<ApiExporter> =>
    startApi({
      config: `
state: { url: "${server.url('state', 'pgvigil_exporter')}" }
actions: { lock_budget_seconds: ${PATIENT}s }
targets:
  - { name: shop, postgres: "${server.url('postgres', 'pgvigil_exporter')}", maintenance: { user: operator } }
  - { name: other, postgres: "${server.url('state', 'pgvigil_exporter')}" }`,
    });
  exporters = await Promise.all([start(), start()]);
  [exporter] = exporters;
});
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.end();
});
afterAll(async () => {
  await Promise.all(exporters.map((one) => one.stop()));
  await server?.stop();
});

type As = CallOptions['as'];
const plan = (action: string, params: ParamValues, as?: As) =>
  call(exporter, 'POST /api/v1/actions/:action/plan', { params: { action }, body: { params }, as });
const run = (action: string, planId: string, as?: As, by = exporter) =>
  call(by, 'POST /api/v1/actions/:action/run', { params: { action }, body: { planId }, as });
const confirm = async (action: string, params: ParamValues, by = exporter): Promise<Job> => {
  const { body } = await plan(action, params);
  expect(body.preconditions.filter(({ state }) => state === 'missing')).toEqual([]);
  return (await run(action, body.id, 'Admin', by)).body;
};
const get = async ({ id }: Job): Promise<Job> =>
  (await call(exporter, 'GET /api/v1/jobs/:id', { params: { id }, as: 'Viewer' })).body;
const list = async (query: Given<'GET /api/v1/jobs'>['query'] = {}) =>
  (await call(exporter, 'GET /api/v1/jobs', { query, as: 'Viewer' })).body;
const idsOf = ({ items }: { items: Job[] }): string[] => items.map(({ id }) => id);
const audit = async (query: Given<'GET /api/v1/audit'>['query'] = {}) =>
  (await call(exporter, 'GET /api/v1/audit', { query, as: 'Viewer' })).body;

test('a request by a viewer or an editor for what is an admin’s changes nothing', async () => {
  const params: ParamValues = { table: await oidOf(server, 'shop.track'), columns: [{ name: 'title', order: 'asc' }] };
  const { body: planned } = await plan('create_index', params, 'Admin');
  expect(planned.runnable).toBe(true);
  const clerk = await openSession(server.url('postgres', 'clerk'));
  sessions.push(clerk);
  const [{ start }] = await server.query<{ start: string }>(
    `select to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as start from pg_stat_activity where pid = ${clerk.pid}`,
  );
  for (const as of ['Viewer', 'Editor'] as const) {
    const answers = [
      await plan('create_index', params, as),
      // Somebody else's plan, by its own path.
      await run('create_index', planned.id, as),
      await call(exporter, 'POST /api/v1/actions/:action/session', {
        params: { action: 'terminate' },
        body: { params: { session: { pid: clerk.pid, backendStart: start } } },
        as,
      }),
    ];
    for (const { status, error } of answers) expect([status, error?.code]).toEqual([403, 'forbidden']);
  }
  // By the path of what an editor may.
  const { status, error } = await run('vacuum', planned.id, 'Editor');
  expect([status, error?.code]).toEqual([400, 'bad_request']);
  expect(await clerk.query('select 1 as one')).toEqual([{ one: 1 }]);
  expect(await server.query("select from pg_index where indrelid = 'shop.track'::regclass")).toHaveLength(2);
  expect(await list()).toEqual({ items: [], total: 0, page: 1, pageSize: 50 });
  expect((await audit()).total).toBe(0);
});

test('lists: what runs, what waits, what has ended; a job is cancelled before its turn', async () => {
  const writer = await holdLock(server, "insert into shop.track values (-1, 'x')");
  sessions.push(writer);
  const view = { view: await oidOf(server, 'shop.plain') };
  const first = await confirm('reindex', { index: await oidOf(server, 'shop.track_title') });
  await until('the first waits for the writer', async () => ((await get(first)).progress?.blockedBy.length ?? 0) > 0);
  const second = await confirm('refresh_matview', view);
  await until('the second waits for the first', async () =>
    (await get(second)).message.startsWith('waits for its turn'),
  );
  const third = await confirm('refresh_matview', view);
  expect(idsOf(await list({ active: 'true' }))).toEqual([third, second, first].map(({ id }) => id));

  const cancel = (job: Job, as: As) => call(exporter, 'POST /api/v1/jobs/:id/cancel', { params: { id: job.id }, as });
  expect((await cancel(second, 'Viewer')).error?.code).toBe('forbidden');
  // Not an editor's to run, so not to cancel.
  expect((await cancel(first, 'Editor')).error?.code).toBe('forbidden');
  expect((await cancel(second, 'Editor')).body).toMatchObject({
    state: 'cancelled',
    startedAt: null,
    message: 'cancelled by editor before it began',
  });
  expect((await cancel(second, 'Editor')).error?.code).toBe('conflict');

  expect(idsOf(await list({ state: 'cancelled' }))).toEqual([second.id]);
  expect(idsOf(await list({ state: 'running' }))).toEqual([first.id]);
  expect(idsOf(await list({ active: 'true' }))).toEqual([third.id, first.id]);
  await writer.end();
  await until('both have ended', async () => (await list({ active: 'true' })).total === 0);
  expect([(await get(first)).state, (await get(third)).state]).toEqual(['done', 'done']);

  expect(idsOf(await list())).toEqual([third.id, second.id, first.id]);
  const page = await list({ page: 2, pageSize: 2 });
  expect([idsOf(page), page.total, page.page, page.pageSize]).toEqual([[first.id], 3, 2, 2]);
  const behind = await list({ page: 9, pageSize: 2 });
  expect([behind.items, behind.total]).toEqual([[], 3]);
  expect(idsOf(await list({ state: 'done', pageSize: 1 }))).toEqual([third.id]);
  expect((await list({ target: 'shop' })).total).toBe(3);
  expect((await list({ target: 'other' })).total).toBe(0);
  const nowhere = await call(exporter, 'GET /api/v1/jobs', { query: { target: 'nowhere' } });
  expect([nowhere.status, nowhere.error?.code]).toEqual([404, 'not_found']);
  const unknown = await call(exporter, 'GET /api/v1/jobs/:id', {
    params: { id: '00000000-0000-4000-8000-000000000000' },
  });
  expect([unknown.status, unknown.error?.code]).toEqual([404, 'not_found']);

  const outcomes = async (query: Parameters<typeof audit>[0]) =>
    (await audit(query)).items.map(({ jobId, outcome }) => [jobId, outcome]);
  expect(await outcomes({ action: 'refresh_matview' })).toEqual([
    [third.id, 'done'],
    [second.id, 'cancelled'],
  ]);
  expect(await outcomes({ page: 2, pageSize: 2 })).toEqual([[first.id, 'done']]);
  expect(await outcomes({ search: 'INDEX concurrently shop.track' })).toEqual([[first.id, 'done']]);
  expect([(await audit({ login: 'admin' })).total, (await audit({ login: 'nobody' })).total]).toEqual([3, 0]);
  expect([(await audit({ target: 'other' })).total, (await audit({ page: 9 })).total]).toEqual([0, 3]);
});

test('two exporters share a queue: each job runs once', async () => {
  await server.query('select pg_stat_statements_reset()');
  const jobs: Job[] = [];
  for (let n = 0; n < SMALL; n++) {
    jobs.push(await confirm('vacuum', { table: await oidOf(server, `shop.small_${n}`) }, exporters[n % 2]));
  }
  await until('all have ended', async () => (await list({ active: 'true' })).total === 0);
  const ended = await Promise.all(jobs.map(get));
  expect(ended.map(({ state }) => state)).toEqual(jobs.map(() => 'done'));
  const calls = await server.query(
    `select substring(query from 'small_\\d') as name, sum(calls)::int as calls
       from pg_stat_statements where query ~ 'vacuum shop.small_' group by 1 order by 1`,
  );
  expect(calls).toEqual(jobs.map((_, n) => ({ name: `small_${n}`, calls: 1 })));
  const { items } = await audit({ action: 'vacuum' });
  expect(items.map(({ jobId }) => jobId).sort()).toEqual(jobs.map(({ id }) => id).sort());
  // Each of the two has metrics of those that it ran, and together they have all.
  const counted = await Promise.all(
    exporters.map(async (one) => (await one.scrape()).samples.value('pgvigil_jobs_total', { action: 'vacuum' }) ?? 0),
  );
  expect(counted[0] + counted[1]).toBe(SMALL);
});
