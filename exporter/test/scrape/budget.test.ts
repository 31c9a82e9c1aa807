/** More objects than the budget: some keep their names, the rest are added up, and nothing is lost on the way. */
import { gunzipSync } from 'node:zlib';
import http from 'node:http';
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { CREATE_MONITOR, openSession, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';
import { parseExposition, type Sample, type Samples } from '../support/exposition.ts';

const OBJECTS = 3000;
const BUDGET = 100;
const COLLECTORS = [
  'stat_user_tables',
  'statio_user_tables',
  'user_table_sizes',
  'stat_user_indexes',
  'stat_statements',
];

let server: PostgresServer;
let budgeted: TestExporter;
let unlimited: TestExporter;

/** Reads and writes some of the tables, so that counters grow. */
async function work(): Promise<void> {
  await server.query(`do $$ begin
    for i in 1..${OBJECTS} by 7 loop
      execute format('insert into t%s values (%s, 1) on conflict do nothing', i, (random() * 1e9)::int);
      execute format('select count(*) from t%s where id > 0', i);
    end loop;
  end $$`);
}

const isOther = ({ labels }: Sample): boolean => Object.values(labels).includes('other');
const nameOf = ({ labels }: Sample): string => JSON.stringify(Object.entries(labels).sort());
const named = (samples: Samples, family: string): Set<string> =>
  new Set(
    samples
      .series(family)
      .filter((sample) => !isOther(sample))
      .map(nameOf),
  );

beforeAll(async () => {
  server = await startPostgres({ settings: { max_locks_per_transaction: '1024', 'pg_stat_statements.max': '20000' } });
  await server.query(`${CREATE_MONITOR}; create extension pg_stat_statements`);
  await server.query(`do $$ begin
    for i in 1..${OBJECTS} loop execute format('create table t%s (id int primary key, n int)', i); end loop;
  end $$`);
  const session = await openSession(server.url());
  // The number of columns makes the statement: 3,000 of them are 3,000 query ids.
  for (let from = 1; from <= OBJECTS; from += 500) {
    const statements = Array.from({ length: 500 }, (_, i) => `select n from t${from + i} where id = 1`);
    await session.query(statements.join(';'));
  }
  await session.end();
  await work();
  const config = `series_budget: ${BUDGET}\n`;
  const env = { DATA_SOURCE_NAME: server.url('postgres', 'monitor') };
  budgeted = await startExporter({ config, env });
  unlimited = await startExporter({ config: 'series_budget: 0\n', env });
}, 180_000);

afterAll(async () => {
  await budgeted?.stop();
  await unlimited?.stop();
  await server?.stop();
});

it('names 100 of 3,000, folds 2,900, and loses nothing of any counter', async () => {
  // Nobody works meanwhile, but sessions report their counts with a delay.
  let whole = (await unlimited.scrape()).samples;
  await until('statistics that stand still', async () => {
    const before = whole.sum('pg_stat_user_tables_idx_scan') + whole.sum('pg_stat_user_tables_n_tup_ins');
    await new Promise((resolve) => setTimeout(resolve, 1200));
    whole = (await unlimited.scrape()).samples;
    return before === whole.sum('pg_stat_user_tables_idx_scan') + whole.sum('pg_stat_user_tables_n_tup_ins');
  });
  const folded = (await budgeted.scrape()).samples;
  expect(whole.series('pg_stat_user_tables_n_tup_ins')).toHaveLength(OBJECTS);
  for (const collector of ['stat_user_tables', 'statio_user_tables', 'stat_user_indexes']) {
    expect(folded.value('pgvigil_collector_folded_objects', { collector })).toBe(OBJECTS - BUDGET);
    expect(whole.series('pgvigil_collector_folded_objects', { collector })).toEqual([]);
  }
  const counters = [...whole.families.values()].filter(
    ({ type, name }) => type === 'counter' && /^pg_stat(io)?_user_/.test(name),
  );
  expect(counters.length).toBeGreaterThan(20);
  for (const { name } of counters) {
    expect([name, named(folded, name).size <= BUDGET]).toEqual([name, true]);
    expect([name, folded.series(name).filter(isOther).length]).toEqual([name, 1]);
    expect([name, folded.sum(name)]).toEqual([name, whole.sum(name)]);
  }
  expect(named(folded, 'pg_stat_user_tables_n_tup_ins').size).toBe(BUDGET);
  // Sizes are gauges that add up as well.
  const sizes = 'pg_stat_user_tables_table_size_bytes';
  await until('sizes', async () => {
    const [a, b] = [(await budgeted.scrape()).samples, (await unlimited.scrape()).samples];
    return a.series(sizes).length === BUDGET + 1 && b.series(sizes).length === OBJECTS && a.sum(sizes) === b.sum(sizes);
  });
});

/** Family of pg_stat_statements → its column. */
const STATEMENTS = {
  pg_stat_statements_calls_total: 'calls',
  pg_stat_statements_rows_total: 'rows',
  pg_stat_statements_shared_blocks_hit_total: 'shared_blks_hit',
  pg_stat_statements_shared_blocks_dirtied_total: 'shared_blks_dirtied',
  pg_stat_statements_wal_records_total: 'wal_records',
  pg_stat_statements_wal_bytes_total: 'wal_bytes',
};

it('folds statements, exactly', async () => {
  const columns = Object.values(STATEMENTS);
  const totals = `
    select count(*)::float8 as n, ${columns.map((column) => `sum(${column})::float8 as ${column}`).join(', ')}
      from (select ${columns.map((column) => `sum(${column}) as ${column}`).join(', ')}
              from pg_stat_statements s
             where exists (select from pg_database d where d.oid = s.dbid)
             group by userid, dbid, queryid) s`;
  const [before] = await server.query<Record<string, number>>(totals);
  const { samples } = await budgeted.scrape();
  const [after] = await server.query<Record<string, number>>(totals);
  const folded = samples.value('pgvigil_collector_folded_objects', { collector: 'stat_statements' })!;
  const all = folded + named(samples, 'pg_stat_statements_calls_total').size;
  expect(all).toBe(folded + BUDGET);
  expect(folded).toBeGreaterThanOrEqual(OBJECTS - BUDGET);
  // The exporter's own statements count as well, so each total is between the one before and the one after.
  expect(all).toBeGreaterThanOrEqual(before.n);
  expect(all).toBeLessThanOrEqual(after.n);
  for (const [family, column] of Object.entries(STATEMENTS)) {
    const sum = samples.sum(family);
    expect([family, sum >= before[column], sum <= after[column]]).toEqual([family, true, true]);
  }
});

it('names the same ones from scrape to scrape, whatever goes on', async () => {
  const one = (await budgeted.scrape()).samples;
  await work();
  const two = (await budgeted.scrape()).samples;
  await work();
  const three = (await budgeted.scrape()).samples;
  for (const family of [
    'pg_stat_user_tables_n_tup_ins',
    'pg_stat_user_indexes_idx_scan_total',
    'pg_statio_user_tables_heap_blocks_hit',
  ]) {
    if (!one.families.has(family)) continue;
    expect(named(two, family)).toEqual(named(one, family));
    expect(named(three, family)).toEqual(named(one, family));
  }
  // A statement that outgrows the others may take a place; the list must not be a new one.
  const statements = [one, three].map((samples) => named(samples, 'pg_stat_statements_calls_total'));
  expect([...statements[0]].filter((name) => statements[1].has(name)).length).toBeGreaterThanOrEqual(BUDGET * 0.95);
  // And what is added up never goes back: it would look like a counter reset.
  for (const { name, type } of one.families.values()) {
    if (type !== 'counter' || !/^pg_stat(io)?_user_/.test(name)) continue;
    const other = (samples: Samples): number => samples.series(name).find(isOther)?.value ?? 0;
    expect([name, other(two) >= other(one) && other(three) >= other(two)]).toEqual([name, true]);
  }
});

it('is whole beyond the size of one write, as it is and compressed', async () => {
  const { text } = await unlimited.scrape();
  expect(text.length).toBeGreaterThan(1_000_000);
  const zipped = await new Promise<Buffer>((resolve, reject) => {
    http
      .get(`${unlimited.url}/metrics`, { agent: false, headers: { 'Accept-Encoding': 'gzip' } }, (response) => {
        expect(response.headers['content-encoding']).toBe('gzip');
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)));
      })
      .on('error', reject);
  });
  const samples = parseExposition(gunzipSync(zipped).toString('utf8'));
  for (const collector of COLLECTORS) {
    expect(samples.value('pg_scrape_collector_success', { collector })).toBe(1);
  }
  expect(samples.series('pg_stat_user_tables_n_tup_ins')).toHaveLength(OBJECTS);
  expect(samples.value('process_cpu_seconds_total')).toBeGreaterThan(0);
});
