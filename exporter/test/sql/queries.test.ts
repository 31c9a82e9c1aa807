/** What is conspicuous about a statement, in any version of pg_stat_statements, in any schema. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { openSession } from '../support/database.ts';
import { installAdvisors, startAdvised, watch } from './advisors.ts';

interface Statement {
  readonly [column: string]: unknown;
  readonly query: string;
  readonly calls: string;
  readonly findings: string[];
  readonly reason: string | null;
}

/** Statements differ by what they compute, not by how they name it. */
const VERY = 'select pg_sleep($1), $2';

const LOAD = `
  create table big (id int primary key, filler text, n int);
  insert into big select g, repeat('x', 200), g from generate_series(1, 20000) g;
  analyze big`;

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  const ask = (args = '1, 1000'): Promise<Statement[]> =>
    watch<Statement>(server, `select * from pgvigil.analyze_query_performance(${args})`);

  beforeAll(async () => {
    server = await startAdvised(major, { work_mem: '64kB', jit: 'off', track_activity_query_size: '4096' });
    await server.query('create schema "odd Schema"; create extension pg_stat_statements schema "odd Schema"');
  });
  afterAll(() => server?.stop());

  it('says which privilege is missing on the schema of the extension', async () => {
    await expect(ask()).rejects.toMatchObject({
      message: expect.stringContaining('role "watcher" may not use schema "odd Schema"') as string,
      hint: 'grant usage on schema "odd Schema" to watcher',
    });
    await server.query('grant usage on schema "odd Schema" to pgvigil_monitor');
    expect(await ask()).not.toEqual([]);
  });

  it('finds each pattern, and none where there is none', async () => {
    await server.query(LOAD);
    await server.query('select "odd Schema".pg_stat_statements_reset()');
    const session = await openSession(server.url());
    await session.query('select pg_sleep(0.06)');
    await session.query('select pg_sleep(0.51), 1');
    for (let n = 0; n < 5; n++) await session.query(`select id from big where n = ${n}`);
    for (let n = 0; n < 5; n++) await session.query(`select count(*) from big where n > ${n}`);
    await session.query('select filler from big order by filler, n desc limit 20000');
    for (let n = 0; n < 1000; n++) await session.query(`select filler from big where id = ${n}`);
    for (let n = 0; n < 1000; n++) await session.query(`select filler from big where id between ${n} and ${n + 20}`);
    for (let n = 0; n < 40; n++) await session.query(`select pg_sleep(${n === 7 ? '0.5' : '0.0'}), 1, 2`);
    await session.end();

    const all = await ask();
    const of = (text: string): Statement =>
      all.find(({ query }) => (text.includes('pg_sleep') ? query === text : query.includes(text)))!;
    const found = (text: string): string[] => of(text).findings;
    expect(found('select pg_sleep($1)')).toEqual(['slow']);
    expect(found(VERY)).toEqual(['critical']);
    expect(found('where n = $1')).toEqual(['missing_index']);
    expect(of('where n = $1').reason).toMatch(/^touches \d{3} blocks per row: an index may be missing$/);
    expect(found('count(*) from big')).toEqual([]);
    expect(found('order by filler')).toContain('temp_spill');
    expect(found('where id = $1')).toEqual(['n_plus_one']);
    expect(of('where id = $1').reason).toContain('called 1000 times for about one row each: suspicion of N+1');
    expect(found('between')).toEqual([]);
    expect(found('select pg_sleep($1), $2, $3')).toEqual(['unstable']);
  });

  it('gives figures in base units, and NULL for what is not known', async () => {
    const all = await ask();
    const very = all.find(({ query }) => query === VERY)!;
    expect(very).toMatchObject({
      calls: '1',
      datname: 'postgres',
      usename: 'postgres',
      toplevel: true,
      io_seconds: null,
      rows_per_call: 1,
    });
    expect(very.mean_seconds).toBeGreaterThan(0.5);
    expect(very.mean_seconds).toBeLessThan(5);
    expect(very.cache_hit_ratio).toBeNull();
    expect(very.stats_since).toBeInstanceOf(Date);
    const ratios = all.map(({ total_ratio }) => total_ratio as number);
    expect(ratios.reduce((a, b) => a + b)).toBeCloseTo(1, 1);
    expect(ratios).toEqual([...ratios].sort((a, b) => b - a));
    // The part of the whole, not of what is listed.
    expect((await ask('1, 1'))[0].total_ratio).toBeLessThan(0.9);
    expect((await ask('1000, 100')).every(({ calls }) => Number(calls) >= 1000)).toBe(true);
    expect((await ask('1, 2')).length).toBe(2);
  });

  it.each(['0, 10', '1, 0', '1, 10, 0', '1, 10, 2, 1', '1, null'])('refuses (%s)', async (args) => {
    await expect(ask(args)).rejects.toThrow('min_calls and lim must be at least 1');
  });

  it('reads an extension that was not updated for years', async () => {
    await server.query(
      'drop extension pg_stat_statements; create extension pg_stat_statements schema "odd Schema" version "1.4"',
    );
    const [{ attname }] = await server.query<{ attname: string | null }>(
      `select max(attname) as attname from pg_attribute where attrelid = '"odd Schema".pg_stat_statements'::regclass and attname = 'total_time'`,
    );
    expect(attname).toBe('total_time');
    const very = (await ask()).find(({ query }) => query === VERY)!;
    expect(very.findings).toEqual(['critical']);
    expect(very.total_seconds).toBeGreaterThan(0.5);
    expect(very).toMatchObject({ toplevel: null, wal_bytes: null, stats_since: null });
  });

  it('says how to get the extension where it is not', async () => {
    await server.query('create database bare');
    await installAdvisors(server, 'bare');
    await expect(watch(server, 'select * from pgvigil.analyze_query_performance()', 'bare')).rejects.toMatchObject({
      message: 'extension pg_stat_statements is not installed in database "bare"',
      code: '55000',
      hint: expect.stringContaining('create extension pg_stat_statements') as string,
    });
  });
});

it('says how to load the extension where it is not', async () => {
  const server = await startPostgres({ preload: false });
  try {
    await installAdvisors(server);
    await server.query('create extension pg_stat_statements');
    await expect(watch(server, 'select * from pgvigil.analyze_query_performance()')).rejects.toMatchObject({
      message: 'pg_stat_statements is installed but not loaded by the server',
      hint: 'Add pg_stat_statements to shared_preload_libraries and restart.',
    });
  } finally {
    await server.stop();
  }
});
