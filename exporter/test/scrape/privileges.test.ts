/** What the login may not see, or the server does not have, is missing; nothing else is, and the reason is said. */
import { type PostgresMajor, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { CREATE_MONITOR, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';
import type { Samples } from '../support/exposition.ts';

let server: PostgresServer;
const exporters: TestExporter[] = [];

async function start(target: PostgresServer, user: string, database = 'postgres'): Promise<TestExporter> {
  const exporter = await startExporter({ env: { DATA_SOURCE_NAME: target.url(database, user) } });
  exporters.push(exporter);
  return exporter;
}

const failed = (samples: Samples): string[] =>
  samples
    .series('pg_scrape_collector_success')
    .filter(({ value }) => value !== 1)
    .map(({ labels }) => labels.collector);

beforeAll(async () => {
  server = await startPostgres();
  await server.query(`${CREATE_MONITOR};
    create role nobody_special login;
    create extension pg_stat_statements;
    create table t (id serial primary key);
    analyze t`);
  await server.query('create database closed');
  await server.query('revoke connect on database closed from public');
  await server.query('create database open');
  await server.query('create table inside (id int primary key)', 'open');
});
afterEach(() => Promise.all(exporters.splice(0).map((exporter) => exporter.stop())));
afterAll(() => server?.stop());

it('without pg_monitor gives all that such a role may see, and says for each collector what it lacks', async () => {
  const whole = (await (await start(server, 'monitor')).scrape()).samples;
  const samples = (await (await start(server, 'nobody_special')).scrape()).samples;
  expect(samples.value('pg_up')).toBe(1);
  const problems = samples.series('pgvigil_collector_problem');
  const affected = new Set(problems.map(({ labels }) => labels.collector));
  expect(new Set(problems.map(({ labels }) => labels.reason))).toEqual(new Set(['missing_privilege']));
  for (const collector of ['stat_activity', 'stat_statements', 'replication_lag']) {
    expect(affected).toContain(collector);
  }
  // The difference is explained: whoever fails is among them, and what needs no privilege is the same.
  expect(failed(samples).filter((collector) => !affected.has(collector))).toEqual([]);
  for (const family of [
    'pg_stat_database_xact_commit',
    'pg_stat_user_tables_n_live_tup',
    'pg_settings_work_mem_bytes',
  ]) {
    expect(samples.series(family).length).toBe(whole.series(family).length);
  }
  expect(whole.series('pgvigil_collector_problem')).toEqual([]);
});

it('leaves out a database that it may not enter, and only that', async () => {
  const exporter = await start(server, 'monitor');
  let samples = (await exporter.scrape()).samples;
  await until('the other database', async () => {
    samples = (await exporter.scrape()).samples;
    return samples.value('pg_stat_user_tables_n_live_tup', { datname: 'open', relname: 'inside' }) !== undefined;
  });
  expect(samples.series('pg_stat_user_tables_n_live_tup', { datname: 'closed' })).toEqual([]);
  // Its statistics on the server are public.
  expect(samples.value('pg_stat_database_xact_commit', { datname: 'closed' })).toBeDefined();
  expect(samples.value('pg_database_size_bytes', { datname: 'closed' })).toBeDefined();
  expect(failed(samples)).toEqual([]);
});

it('says so when the database of the DSN itself is closed to it', async () => {
  await server.query('create role outsider login');
  const exporter = await start(server, 'outsider', 'closed');
  const { samples } = await exporter.scrape();
  expect(samples.value('pg_up')).toBe(0);
  expect(samples.value('pgvigil_target_problem', { reason: 'permission_denied' })).toBe(1);
});

it('is up where no collector is left to ask', async () => {
  const exporter = await startExporter({
    args: ['--disable-default-metrics'],
    env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') },
  });
  exporters.push(exporter);
  const { samples } = await exporter.scrape();
  expect(samples.value('pg_up')).toBe(1);
  expect(samples.series('pg_scrape_collector_success')).toEqual([]);
});

describe.each([17, 18] as const)('pg_stat_statements 1.8 on PostgreSQL %i', (major: PostgresMajor) => {
  let other: PostgresServer;
  beforeAll(async () => {
    other = await startPostgres({ major });
    await other.query(`${CREATE_MONITOR}; create extension pg_stat_statements version '1.8'`);
  });
  afterAll(() => other?.stop());

  it('gives the columns that 1.8 has, and the rest after ALTER EXTENSION', async () => {
    const exporter = await start(other, 'monitor');
    await other.query('select 1');
    const { samples } = await exporter.scrape();
    expect(failed(samples)).toEqual([]);
    expect(samples.series('pg_stat_statements_calls_total').length).toBeGreaterThan(0);
    expect(samples.families.has('pg_stat_statements_block_read_seconds_total')).toBe(true);
    await other.query('alter extension pg_stat_statements update');
    // The prepared statement still names the columns of before; at most one scrape may meet that.
    await exporter.scrape();
    await until('a scrape without failure', async () => failed((await exporter.scrape()).samples).length === 0);
    const after = (await exporter.scrape()).samples;
    expect(after.series('pg_stat_statements_calls_total').length).toBeGreaterThan(0);
    expect(after.series('pgvigil_collector_problem', { collector: 'stat_statements' })).toEqual([]);
  });

  it('says that 1.7 is too old', async () => {
    await other.query("drop extension pg_stat_statements; create extension pg_stat_statements version '1.7'");
    const { samples } = await (await start(other, 'monitor')).scrape();
    expect(samples.value('pgvigil_collector_problem', { collector: 'stat_statements' })).toBe(1);
    expect(samples.families.has('pg_stat_statements_calls_total')).toBe(false);
    expect(failed(samples)).toEqual([]);
  });
});
