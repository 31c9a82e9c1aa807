/** The user's own metrics, end to end: SQL functions from the configuration file, and postgres_exporter's queries.yaml. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type PostgresServer, startPostgres } from '../../demo/servers/index.ts';
import { CREATE_MONITOR, until } from './support/database.ts';
import { startExporter, type TestExporter, type TestExporterOptions } from './support/exporter.ts';
import type { Samples } from './support/exposition.ts';

let server: PostgresServer;
const exporters: TestExporter[] = [];

async function start(options: TestExporterOptions = {}): Promise<TestExporter> {
  const exporter = await startExporter({ env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') }, ...options });
  exporters.push(exporter);
  return exporter;
}

beforeAll(async () => {
  server = await startPostgres({ major: 17 });
  await server.query(`${CREATE_MONITOR};
    create extension pg_stat_statements;
    create schema shop;
    create table shop.orders (status text, cents int, paid boolean, placed timestamptz);
    insert into shop.orders values ('open', 150, false, '2026-01-02 03:04:05.678901+00'),
                                   ('open', 250, false, '2026-01-03 00:00:00+00'),
                                   (E'"odd"\\n\\\\', 1000, true, null);
    create function shop.totals() returns table (status text, orders bigint, cents bigint, all_paid boolean, oldest timestamptz)
      language sql stable security definer
      as $$ select status, count(*), sum(cents), bool_and(paid), min(placed) from shop.orders group by status $$;
    grant usage on schema shop to monitor;
    create table public.item (id serial primary key);
    select pg_create_physical_replication_slot('spare')`);
  await server.query('create database second');
});

afterEach(async () => {
  for (const exporter of exporters.splice(0)) await exporter.stop();
});

afterAll(() => server?.stop());

/** One scrape after which nothing is still to come. */
async function settled(exporter: TestExporter, what: string, holds: (samples: Samples) => boolean): Promise<Samples> {
  let { samples } = await exporter.scrape();
  await until(what, async () => holds(samples) || holds(({ samples } = await exporter.scrape()).samples));
  return samples;
}

describe('SQL functions of the configuration file', () => {
  it('become metrics: labels, types, units, names of their own', async () => {
    const exporter = await start({
      config: `
functions:
  - name: shop_orders
    sql: select * from shop.totals()
    labels: [status]
    columns:
      orders: { type: gauge, help: Orders by status (shop.totals). }
      cents: { type: counter, help: Revenue (shop.totals)., scale: 0.01, name: shop_revenue_euros_total }
      all_paid: { type: gauge, help: Whether all are paid (shop.totals). }
      oldest: { type: gauge, help: When the oldest was placed (shop.totals)., name: shop_oldest_timestamp_seconds }
`,
    });
    const { samples } = await exporter.scrape();
    const open = { status: 'open' };
    const odd = { status: '"odd"\n\\' };
    expect(samples.series('shop_orders_orders').map(({ labels, value }) => [labels, value])).toEqual(
      expect.arrayContaining([
        [open, 2],
        [odd, 1],
      ]),
    );
    expect(samples.value('shop_revenue_euros_total', open)).toBe(4);
    expect(samples.value('shop_revenue_euros_total', odd)).toBe(10);
    expect(samples.value('shop_orders_all_paid', open)).toBe(0);
    expect(samples.value('shop_orders_all_paid', odd)).toBe(1);
    expect(samples.series('shop_oldest_timestamp_seconds', open)[0].text).toBe('1767323045.678901');
    // NULL is no sample.
    expect(samples.series('shop_oldest_timestamp_seconds', odd)).toEqual([]);
    const types = ['shop_orders_orders', 'shop_revenue_euros_total'].map((name) => samples.families.get(name)!);
    expect(types.map(({ type, help }) => [type, help])).toEqual([
      ['gauge', 'Orders by status (shop.totals).'],
      ['counter', 'Revenue (shop.totals).'],
    ]);
    expect(samples.value('pg_scrape_collector_success', { collector: 'shop_orders' })).toBe(1);
    expect(samples.series('pgvigil_collector_problem')).toEqual([]);
  });

  it('with a ttl run apart from the scrape, at that interval', async () => {
    const now = '{ columns: { at: { type: gauge, help: Now. } }, sql: select clock_timestamp() as at';
    const exporter = await start({
      config: `functions: [${now}, name: rare, ttl: 1h }, ${now}, name: often, ttl: 1s }, ${now}, name: always }]`,
    });
    const seen = (samples: Samples, name: string): number | undefined => samples.value(`${name}_at`);
    const first = await settled(exporter, 'a first result', (samples) => seen(samples, 'often') !== undefined);
    await setTimeout(50);
    const second = (await exporter.scrape()).samples;
    expect(seen(second, 'always')).toBeGreaterThan(seen(first, 'always')!);
    const later = await settled(exporter, 'another', (samples) => seen(samples, 'often')! > seen(first, 'often')!);
    expect(seen(later, 'rare')).toBe(seen(first, 'rare'));
    expect(later.value('pgvigil_collector_age_seconds', { collector: 'rare' })).toBeGreaterThan(0.5);
    expect(later.series('pgvigil_collector_age_seconds', { collector: 'always' })).toEqual([]);
  });

  it('may run in every database, keep to a budget, and need something', async () => {
    const exporter = await start({
      config: `
functions:
  - name: relations
    scope: database
    sql: select count(*) as count from pg_catalog.pg_class where relnamespace = 'public'::regnamespace
    columns: { count: { type: gauge, help: Relations. } }
  - name: numbered
    sql: select n::text as n, n as size from generate_series(1, 10) n
    labels: [n]
    budget: 3
    columns: { size: { type: gauge, help: Size. } }
  - name: absent
    sql: select postgis_version()
    needs: [extension postgis]
    columns: { n: { type: gauge, help: N. } }
`,
    });
    const both = (samples: Samples): boolean => samples.series('relations_count').length === 2;
    const samples = await settled(exporter, 'both databases', both);
    expect(samples.value('relations_count', { datname: 'postgres' })).toBeGreaterThan(0);
    expect(samples.value('relations_count', { datname: 'second' })).toBe(0);
    const sizes = samples.series('numbered_size').map(({ labels, value }) => [labels.n, value]);
    expect(Object.fromEntries(sizes)).toEqual({ 8: 8, 9: 9, 10: 10, other: 28 });
    expect(samples.value('pgvigil_collector_folded_objects', { collector: 'numbered' })).toBe(7);
    const problems = samples.series('pgvigil_collector_problem', { collector: 'absent' });
    expect(problems.map(({ labels }) => labels.reason)).toEqual(['missing_extension']);
  });

  const MISTAKES = `
functions:
  - { name: no_table, sql: select n from nowhere, columns: { n: { type: gauge, help: N. } } }
  - { name: no_sense, sql: selec 1 as n, columns: { n: { type: gauge, help: N. } } }
  - { name: no_label, sql: select 1 as n, labels: [colour], columns: { n: { type: gauge, help: N. } } }
  - { name: writes, sql: "insert into shop.orders values ('x') returning 1 as n", columns: { n: { type: gauge, help: N. } } }
  - { name: text, sql: "select 'many' as n, 7 as m", columns: { n: { type: gauge, help: N. }, m: { type: gauge, help: M. } } }
  - { name: twice, sql: "select 1 as n union all select 2", columns: { n: { type: gauge, help: N. } } }
  - { name: good, sql: select 42 as n, columns: { n: { type: gauge, help: N. } } }
  - { name: slow, sql: select 43 as n from pg_sleep(100), ttl: 1h, timeout: 1s, columns: { n: { type: gauge, help: N. } } }
`;

  it('that cannot work are said in the log at start', async () => {
    const exporter = await start({ config: MISTAKES, args: ['--log.format=json'] });
    await until('three collectors are complained of', () => complaints(exporter).size >= 3);
    expect(Object.fromEntries(complaints(exporter))).toMatchObject({
      no_table: { level: 'error', reason: 'missing_object', message: 'relation "nowhere" does not exist' },
      no_sense: { level: 'error', reason: 'bad_sql', message: 'syntax error at or near "selec"' },
      no_label: {
        level: 'error',
        reason: 'bad_sql',
        message: 'the result of collector no_label has no column "colour" for that label',
      },
    });
    expect([...complaints(exporter).keys()]).not.toContain('good');
  });

  it('that fail are said in pgvigil_collector_problem and cost nobody else anything', async () => {
    const exporter = await start({ config: MISTAKES, args: ['--log.format=json'] });
    const samples = await settled(exporter, 'the slow one is cancelled', (all) =>
      all.series('pgvigil_collector_problem', { collector: 'slow' }).some(({ labels }) => labels.reason === 'timeout'),
    );
    const problems = samples.series('pgvigil_collector_problem').map(({ labels }) => [labels.collector, labels.reason]);
    expect(Object.fromEntries(problems)).toEqual({
      ...{ no_table: 'missing_object', no_sense: 'bad_sql', no_label: 'bad_sql', text: 'not_a_number' },
      ...{ slow: 'timeout', writes: expect.any(String) as string },
    });
    const failed = samples.series('pg_scrape_collector_success').filter(({ value }) => value === 0);
    expect(failed.map(({ labels }) => labels.collector).sort()).toEqual(
      ['no_label', 'no_sense', 'no_table', 'slow', 'writes'].sort(),
    );
    expect(samples.value('pgvigil_collector_duplicate_samples', { collector: 'twice' })).toBe(1);
    expect(samples.value('text_m')).toBe(7);
    expect(samples.value('good_n')).toBe(42);
    expect(samples.value('pg_up')).toBe(1);
    expect((await server.query<{ n: number }>('select count(*)::int as n from shop.orders'))[0].n).toBe(3);
    await until('the log has the text column', () => complaints(exporter).has('text'));
    expect(complaints(exporter).get('text')).toMatchObject({ reason: 'not_a_number', message: 'not a number: text_n' });
  });
});

/** Log records by the collector they are about. */
function complaints(exporter: TestExporter): Map<string, Record<string, unknown>> {
  const records = exporter
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return new Map(
    records.reverse().flatMap((record) => (record.collector ? [[record.collector as string, record]] : [])),
  );
}

describe("postgres_exporter's queries.yaml", () => {
  /** Like the example that Debian ships, which the machines of half the world still run. */
  const QUERIES = `
pg_replication:
  query: "SELECT CASE WHEN NOT pg_is_in_recovery() THEN 0 ELSE GREATEST(0, EXTRACT(EPOCH FROM (now() - pg_last_xact_replay_timestamp()))) END AS lag"
  master: true
  metrics:
    - lag:
        usage: "GAUGE"
        description: "Replication lag behind master in seconds"

pg_postmaster:
  query: "SELECT pg_postmaster_start_time AS start_time_seconds FROM pg_postmaster_start_time()"
  master: true
  metrics:
    - start_time_seconds:
        usage: "GAUGE"
        description: "Time at which postmaster started"

pg_stat_user_tables:
  query: |
    SELECT current_database() datname, schemaname, relname, seq_scan, n_live_tup,
           COALESCE(last_vacuum, '1970-01-01Z') AS last_vacuum
      FROM pg_stat_user_tables
  metrics:
    - datname: { usage: "LABEL", description: "Name of current database" }
    - schemaname: { usage: "LABEL", description: "Name of the schema" }
    - relname: { usage: "LABEL", description: "Name of this table" }
    - seq_scan: { usage: "COUNTER", description: "Number of sequential scans" }
    - n_live_tup: { usage: "GAUGE", description: "Estimated number of live rows" }
    - last_vacuum: { usage: "GAUGE", description: "Last manual vacuum" }

pg_process_idle:
  query: |
    SELECT 'shop' AS application_name, 12.5 AS seconds_sum, 7 AS seconds_count,
           ARRAY[1, 2.5, 60] AS seconds, ARRAY[2, 3, 6] AS seconds_bucket
  metrics:
    - application_name: { usage: "LABEL", description: "Application Name" }
    - seconds: { usage: "HISTOGRAM", description: "Idle time of server processes" }

cached:
  query: SELECT clock_timestamp() AS at, 'nothing' AS note
  master: true
  cache_seconds: 3600
  metrics:
    - at: { usage: GAUGE, description: Now }
    - note: { usage: DISCARD, description: Nothing }

mode:
  query: SELECT 'hot' AS state, '1m30s' AS uptime
  metrics:
    - state: { usage: MAPPEDMETRIC, description: State, metric_mapping: { cold: 0, hot: 1 } }
    - uptime: { usage: DURATION, description: Uptime }

matching:
  query: SELECT 1 AS n
  runonserver: ">=16.0.0 <18.0.0"
  metrics: [{ n: { usage: GAUGE, description: N } }]

too_old:
  query: SELECT nothing FROM nowhere
  runonserver: "<10.0.0 || >=18.0.0"
  metrics: [{ n: { usage: GAUGE, description: N } }]
`;
  let directory: string;
  let file: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'pgvigil-queries-'));
    file = join(directory, 'queries.yaml');
    writeFileSync(file, QUERIES);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const label = (): string => `127.0.0.1:${server.port}`;

  it.each(['0.20', '0.11'])('is taken as it is, --compat=%s', async (compat) => {
    const exporter = await start({ args: [`--extend.query-path=${file}`, `--compat=${compat}`] });
    const samples = await settled(exporter, 'the cached one', (all) => all.series('cached_at').length > 0);
    const all = { server: label() };
    expect(samples.value('pg_replication_lag', all)).toBe(0);
    expect(samples.value('pg_postmaster_start_time_seconds', all)).toBeGreaterThan(1.7e9);
    expect(samples.value('mode_state', all)).toBe(1);
    expect(samples.value('mode_uptime_milliseconds', all)).toBe(90_000);
    const table = { ...all, datname: 'postgres', schemaname: 'public', relname: 'item' };
    expect(samples.series('pg_stat_user_tables_last_vacuum', table)).toMatchObject([{ labels: table, value: 0 }]);
    expect(samples.families.get('pg_stat_user_tables_seq_scan')).toMatchObject({
      ...{ type: 'counter', help: 'Number of sequential scans' },
    });
    const idle = samples.families.get('pg_process_idle_seconds')!;
    expect([idle.type, ...idle.samples.map(({ name, labels, value }) => [name, labels.le, value])]).toEqual([
      'histogram',
      ['pg_process_idle_seconds_bucket', '1', 2],
      ['pg_process_idle_seconds_bucket', '2.5', 3],
      ['pg_process_idle_seconds_bucket', '60', 6],
      ['pg_process_idle_seconds_bucket', '+Inf', 7],
      ['pg_process_idle_seconds_sum', undefined, 12.5],
      ['pg_process_idle_seconds_count', undefined, 7],
    ]);
    expect(idle.samples[0].labels).toEqual({ application_name: 'shop', server: label(), le: '1' });
    expect(samples.value('matching_n', all)).toBe(1);
    expect(samples.series('too_old_n')).toEqual([]);
    expect(samples.families.has('cached_note')).toBe(false);
    expect(samples.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
    expect(samples.series('pgvigil_collector_problem')).toEqual([]);

    const again = (await exporter.scrape()).samples;
    expect(again.value('cached_at')).toBe(samples.value('cached_at'));
  });

  it('takes the place of built-in collectors, and the log says which', async () => {
    const exporter = await start({ args: [`--extend.query-path=${file}`] });
    const { samples } = await exporter.scrape();
    expect(samples.series('pg_stat_user_tables_n_dead_tup')).toEqual([]);
    expect(exporter.log()).toMatch(/the built-in collector stat_user_tables is switched off/);
    expect(exporter.log()).toMatch(/the built-in collector postmaster is switched off/);
    // Neither is off, nor is what stands beside them.
    expect(samples.series('pg_statio_user_tables_heap_blocks_hit').length).toBeGreaterThan(0);
    expect(samples.value('pg_replication_is_replica')).toBe(0);
  });

  it('asks every database where discovery is asked for, "master" ones but once', async () => {
    const exporter = await start({ args: [`--extend.query-path=${file}`, '--auto-discover-databases'] });
    const two = (samples: Samples): boolean => samples.series('matching_n').length === 2;
    const samples = await settled(exporter, 'the second database', two);
    expect(samples.series('pg_replication_lag').length).toBe(1);
    expect(samples.series('pg_postmaster_start_time_seconds').length).toBe(1);
    const tables = samples.series('pg_stat_user_tables_seq_scan').map(({ labels }) => labels);
    expect(tables).toHaveLength(2);
    expect(tables).toContainEqual({ datname: 'postgres', schemaname: 'public', relname: 'item', server: label() });
  });
});
