/** How pages hold on to servers: few connections, none for long, and no page waits for a server that hangs. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { type ApiExporter, call, startApi } from '../support/api.ts';
import { until } from '../support/database.ts';
import { startProxy } from '../support/proxy.ts';

let server: PostgresServer;
let exporter: ApiExporter;
const pages = (): Promise<{ datname: string; state: string }[]> =>
  server.query("select datname, state from pg_stat_activity where application_name = 'pgvigil page'");

beforeAll(async () => {
  server = await startPostgres();
  for (let i = 0; i < 8; i++) await server.query(`create database d${i}`);
});
afterAll(() => server.stop());
afterEach(() => exporter.stop());

test('however many databases are looked at, a few connections stay open, and soon none', async () => {
  exporter = await startApi({ env: { DATA_SOURCE_NAME: server.url('postgres') } });
  const look = (i: number) => call(exporter, 'GET /api/v1/objects', { query: { database: `d${i}`, kind: 'table' } });
  const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => look(i % 8)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect((await pages()).length).toBeLessThanOrEqual(3);
  await until('all are closed', async () => (await pages()).length === 0);
});

test('a restart of the server between two looks is no news', async () => {
  exporter = await startApi({ env: { DATA_SOURCE_NAME: server.url('postgres') } });
  expect((await call(exporter, 'GET /api/v1/activity')).status).toBe(200);
  await server.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pgvigil page'");
  expect((await call(exporter, 'GET /api/v1/activity')).status).toBe(200);
});

test('a server that hangs is given up, the others answer, and it comes back by itself', async () => {
  const proxy = await startProxy({ host: '127.0.0.1', port: server.port });
  const hung = server.url('postgres').replace(String(server.port), String(proxy.port));
  exporter = await startApi({
    config: `targets: [{ name: hung, postgres: "${hung}?connect_timeout=2" }, { name: well, postgres: "${server.url('postgres')}" }]`,
  });
  try {
    expect((await call(exporter, 'GET /api/v1/activity', { query: { target: 'hung' } })).status).toBe(200);
    proxy.cut();
    const [activity, targets, health] = await Promise.all([
      call(exporter, 'GET /api/v1/activity', { query: { target: 'hung' } }),
      call(exporter, 'GET /api/v1/targets'),
      call(exporter, 'GET /api/v1/database/health-check', { query: { target: 'hung' } }),
    ]);
    expect([activity.status, activity.error!.code]).toEqual([503, 'database_unavailable']);
    expect(targets.body.map(({ name, up }) => [name, up])).toEqual([
      ['hung', false],
      ['well', true],
    ]);
    expect(targets.body[0].problem).not.toBe('');
    expect([health.body.state, health.body.checks[0].id, health.body.checks[0].state]).toEqual([
      'crit',
      'connection',
      'crit',
    ]);
    proxy.mend();
    const again = await call(exporter, 'GET /api/v1/activity', { query: { target: 'hung' } });
    expect(again.status).toBe(200);
  } finally {
    await proxy.stop();
  }
});
