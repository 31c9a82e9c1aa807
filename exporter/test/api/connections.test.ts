/** However many databases there are and pages ask: no more connections to a server than are promised. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { type ApiExporter, call, startApi } from '../support/api.ts';
import { CREATE_MONITOR, openSession, until } from '../support/database.ts';
import { prepareState } from '../support/state.ts';

const MOST = 5;
const DATABASES = Array.from({ length: 6 }, (_, i) => `d${i}`);
/** Looked at from inside the server, as often as it can: one statement that polls, so that no moment is missed for long. */
const WATCH = `
  do $$
  declare now_there int; most int := 0; began timestamptz := clock_timestamp();
  begin
    loop
      perform pg_stat_clear_snapshot();
      select count(*) into now_there from pg_stat_activity where usename = 'monitor';
      if now_there > most then most := now_there; raise log 'MOST %', most; end if;
      perform pg_sleep(0.002);
    end loop;
  end $$`;

let server: PostgresServer;
let exporter: ApiExporter;
const most = async (): Promise<number> =>
  Math.max(0, ...[...(await server.logText()).matchAll(/LOG: {2}MOST (\d+)/g)].map(([, count]) => Number(count)));

beforeAll(async () => {
  server = await startPostgres();
  await server.query(CREATE_MONITOR);
  await server.query('grant pg_read_all_data to monitor; create extension pg_stat_statements');
  for (const name of DATABASES) {
    await server.query(`create database ${name}`);
    await server.query('create table t (id int)', name);
  }
  const state = await prepareState(server);
  exporter = await startApi({
    env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor'), PGVIGIL_STATE_URL: state.runtime },
    args: ['--auto-discover-databases', '--history.interval=1s', '--history.plan-interval=1s'],
  });
});
afterAll(async () => {
  await exporter?.stop();
  await server?.stop();
});

test('pages, history, plans and metrics of many databases hold five connections at most, and all are served', async () => {
  const watcher = await openSession(server.url());
  const watching = watcher.query(WATCH).catch(() => undefined);
  await until('the watcher', async () => (await most()) > 0);
  const look = (i: number) =>
    call(exporter, 'GET /api/v1/objects', { query: { database: DATABASES[i % DATABASES.length], kind: 'table' } });
  let scraped = false;
  const scrapes = (async () => {
    // Until each database has been visited beside the storm of pages.
    await until('metrics of all databases', async () => {
      const { samples, status } = await exporter.scrape('/metrics', { timeoutSeconds: 30 });
      expect([status, samples.value('pg_up')]).toEqual([200, 1]);
      return DATABASES.every((datname) => samples.series('pg_stat_user_tables_seq_scan', { datname }).length > 0);
    });
    scraped = true;
  })();
  const statuses = new Set<number>();
  for (let i = 0; !scraped; i++) {
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, (_, n) => look(i + n)),
      call(exporter, 'GET /api/v1/activity'),
      call(exporter, 'GET /api/v1/maintenance', { query: { database: DATABASES[i % DATABASES.length] } }),
    ]);
    for (const { status } of answers) statuses.add(status);
  }
  await scrapes;
  await watcher.end();
  await watching;
  expect([...statuses]).toEqual([200]);
  expect(await most()).toBeLessThanOrEqual(MOST);
});
