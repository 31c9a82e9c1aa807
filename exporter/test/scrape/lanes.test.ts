/** Collectors that read whole tables keep no other background collector waiting, whoever installed what and when. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { CREATE_MONITOR, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';

const CONFIG = `
functions:
  - name: quick
    sql: select extract(epoch from pg_catalog.clock_timestamp()) as now
    columns: { now: { type: gauge, help: The server's clock (clock_timestamp). } }
    ttl: 1s
    timeout: 5s
  - name: slow
    sql: select 1 as done, pg_catalog.pg_sleep(20)
    columns: { done: { type: gauge, help: Always 1 (select). } }
    ttl: 1m
    timeout: 45s
`;

let server: PostgresServer;
let exporter: TestExporter;

beforeAll(async () => {
  server = await startPostgres({ major: 18 });
  await server.query(CREATE_MONITOR);
  exporter = await startExporter({ config: CONFIG, env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') } });
});

afterAll(async () => {
  await exporter?.stop();
  await server?.stop();
});

const slowOnes = (): Promise<{ pid: number; query_start: string }[]> =>
  server.query(
    "select pid, query_start::text from pg_stat_activity where state = 'active' and wait_event = 'PgSleep' and application_name = 'pgvigil'",
  );

test('a slow collector has a lane of its own', async () => {
  await until('the slow one runs', async () => {
    await exporter.scrape();
    return (await slowOnes()).length === 1;
  });
  const before = await slowOnes();
  const first = (await exporter.scrape()).samples.value('quick_now');
  await until('the quick one has run again', async () => {
    return (await exporter.scrape()).samples.value('quick_now')! > first!;
  });
  // The same run of the slow one: the quick one did not wait for its end.
  expect(await slowOnes()).toEqual(before);
});
