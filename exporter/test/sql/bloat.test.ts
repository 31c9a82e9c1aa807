/** What the bloat functions say when they cannot know, what they may read, and that they wait for nobody. */
import { POSTGRES_MAJORS, type PostgresServer } from '../../../demo/servers/index.ts';
import { holdLock, openSession, until } from '../support/database.ts';
import { installAdvisors, startAdvised, watch } from './advisors.ts';

interface Said {
  readonly [column: string]: unknown;
  readonly relname: string;
  readonly indexrelname?: string;
  readonly part?: string;
  readonly size_bytes: string | null;
  readonly bloat_bytes: string | null;
  readonly bloat_ratio: number | null;
  readonly method: string | null;
  readonly pages_read: string;
  readonly reason: string | null;
}

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;

  const indexes = (budget: number, minBytes = 0, database = 'postgres'): Promise<Said[]> =>
    watch<Said>(
      server,
      `select * from pgvigil.index_bloat(${budget}, ${minBytes}) where schemaname = 'public'`,
      database,
    );
  const tables = (budget: number, minBytes = 0, database = 'postgres'): Promise<Said[]> =>
    watch<Said>(
      server,
      `select * from pgvigil.table_bloat(${budget}, ${minBytes}) where schemaname = 'public'`,
      database,
    );
  const index = async (name: string, budget = 0): Promise<Said> =>
    (await indexes(budget)).find(({ indexrelname }) => indexrelname === name)!;
  const table = async (name: string, budget = 0): Promise<Said> =>
    (await tables(budget)).find(({ relname, part }) => relname === name && part === 'table')!;
  const unknown = (reason: RegExp): object =>
    expect.objectContaining({
      bloat_bytes: null,
      bloat_ratio: null,
      method: null,
      reason: expect.stringMatching(reason) as string,
    }) as object;

  beforeAll(async () => {
    server = await startAdvised(major);
    await server.query(
      `create table t (id int primary key, j jsonb, r int4range, n int);
       insert into t select g, jsonb_build_object('k', g), int4range(g, g + 1), g from generate_series(1, 20000) g;
       create index t_gin on t using gin (j); create index t_gist on t using gist (r);
       create index t_hash on t using hash (n); create index t_brin on t using brin (n); create index t_n on t (n);
       create table never (a int); insert into never select generate_series(1, 5000); create index never_a on never (a);
       create table toasted (id int, big text); alter table toasted alter big set storage external;
       insert into toasted select g, repeat(md5(g::text), 200) from generate_series(1, 500) g;
       create index toasted_id on toasted (id)`,
    );
    await server.query('vacuum analyze t');
    await server.query('vacuum analyze toasted');
    await until('that is counted', async () => (await index('t_n')).method === 'estimate');
  });
  afterAll(() => server?.stop());

  it('without pgstattuple estimates, and says what it cannot estimate and why', async () => {
    const said = await indexes(1_000_000);
    expect(said.map(({ pages_read }) => pages_read)).toEqual(said.map(() => '0'));
    const by: Record<string, Said> = Object.fromEntries(said.map((row) => [row.indexrelname!, row]));
    expect(by.t_n).toMatchObject({ method: 'estimate', reason: null });
    expect(by.t_gin).toEqual(unknown(/what gin makes of its keys/));
    expect(by.t_gist).toEqual(unknown(/gist/));
    expect(by.t_hash).toEqual(unknown(/hash/));
    expect(by.t_brin).toEqual(unknown(/brin/));
    expect(by.never_a).toEqual(unknown(/no statistics of 1 columns that postgres may read: never analysed/));
    expect(await table('never')).toEqual(unknown(/never analysed/));
    expect((await tables(0)).find(({ part }) => part === 'toast')).toEqual(unknown(/TOAST has no statistics/));
    expect((await indexes(0, 10_000_000)).length).toBe(0);
    await expect(indexes(-1)).rejects.toThrow('page_budget and min_bytes must be 0 or more');
    await expect(tables(-1)).rejects.toThrow('page_budget and min_bytes must be 0 or more');
  });

  it('says that a table was never counted', async () => {
    await server.query('create table uncounted (a int); insert into uncounted select generate_series(1, 5000)');
    expect(await table('uncounted')).toEqual(unknown(/never analysed/));
  });

  it('does not judge by statistics that are out of date', async () => {
    await server.query(
      'create table stale (a int); insert into stale select generate_series(1, 20000); create index stale_a on stale (a)',
    );
    await server.query('vacuum analyze stale');
    await until('it is counted', async () => (await table('stale')).method === 'estimate');
    await server.query('delete from stale where a % 2 = 0');
    await until('the deletes are counted', async () => (await table('stale')).method === null);
    expect(await table('stale')).toEqual(unknown(/10000 rows changed since the last ANALYZE/));
    expect(await index('stale_a')).toEqual(unknown(/10000 rows changed since the last ANALYZE/));
    await server.query('vacuum analyze stale');
    await until('it is counted again', async () => (await table('stale')).method === 'estimate');
    expect((await index('stale_a')).bloat_ratio).toBeCloseTo(0.5, 1);
  });

  it('gives no figure when the statistics describe other rows than there are', async () => {
    await server.query(
      `create table odd (a text); insert into odd select repeat('x', 100) || g from generate_series(1, 5000) g;
       create index odd_a on odd (a); analyze odd`,
    );
    await server.query("update pg_class set reltuples = 20000 where relname in ('odd', 'odd_a')");
    expect(await index('odd_a')).toEqual(unknown(/the estimate exceeds its size/));
    expect(await table('odd')).toEqual(unknown(/the estimate exceeds its size/));
  });

  it('reads as a monitor no more than it may, and takes nothing for known that its owner cannot see', async () => {
    await server.query('create role humble login; grant create on database postgres to humble');
    await server.query('create database humbles');
    await server.query('alter database humbles owner to humble');
    await installAdvisors(server, 'humbles');
    await server.query(
      `create table secret (a int); insert into secret select generate_series(1, 5000); create index secret_a on secret (a);
       alter function pgvigil.index_estimates(bigint) owner to humble; alter function pgvigil.table_estimates(bigint) owner to humble;
       grant usage on schema pgvigil to humble; grant execute on all functions in schema pgvigil to humble`,
      'humbles',
    );
    await server.query('vacuum analyze secret', 'humbles');
    const [row] = await indexes(0, 0, 'humbles');
    expect(row).toEqual(unknown(/1 columns that humble may read/));
    const session = await openSession(server.url('humbles', 'watcher'));
    await expect(session.query('select from secret')).rejects.toThrow('permission denied');
    await session.end();
  });

  it('is for its members only', async () => {
    await server.query('create role stranger login');
    const session = await openSession(server.url('postgres', 'stranger'));
    for (const call of ['index_bloat()', 'table_bloat()', 'index_estimates(0)', 'table_estimates(0)']) {
      await expect(session.query(`select * from pgvigil.${call}`)).rejects.toThrow('permission denied');
    }
    await session.end();
  });

  describe('with pgstattuple', () => {
    beforeAll(async () => {
      await server.query('create schema "else where"; create extension pgstattuple schema "else where"');
      await server.query('grant usage on schema "else where" to pgvigil_monitor');
    });

    it('measures the largest suspects within the budget of pages, and estimates the others', async () => {
      const all = await indexes(1_000_000);
      const measured = all.filter(({ method }) => method === 'pgstatindex');
      expect(measured.map(({ indexrelname }) => indexrelname)).toEqual(
        expect.arrayContaining(['t_n', 't_pkey', 'never_a', 'stale_a']),
      );
      for (const { pages_read, size_bytes } of measured) expect(Number(pages_read) * 8192).toBe(Number(size_bytes));
      expect(all.find(({ indexrelname }) => indexrelname === 't_gin')).toEqual(unknown(/gin/));

      const budget = 60;
      const some = await indexes(budget);
      const read = some.reduce((sum, { pages_read }) => sum + Number(pages_read), 0);
      expect(read).toBeGreaterThan(0);
      expect(read).toBeLessThanOrEqual(budget);
      expect(some.find(({ indexrelname }) => indexrelname === 't_n')!.method).toBe('estimate');
      expect(some.length).toBe(all.length);

      const [toast] = (await tables(1_000_000)).filter(
        ({ part, relname }) => part === 'toast' && relname === 'toasted',
      );
      expect(toast).toMatchObject({ method: 'pgstattuple_approx', reason: null });
      // Chunks fill pages badly, a rewrite's as well: that much is taken for bloat.
      expect(toast.bloat_ratio).toBeLessThan(0.12);
      const read_tables = (await tables(budget)).reduce((sum, { pages_read }) => sum + Number(pages_read), 0);
      expect(read_tables).toBeLessThanOrEqual(budget);
    });

    it('measures TOAST apart from its table', async () => {
      await server.query('delete from toasted where id % 2 = 0');
      await server.query('vacuum analyze toasted');
      const [toast] = (await tables(1_000_000)).filter(
        ({ part, relname }) => part === 'toast' && relname === 'toasted',
      );
      expect(toast.bloat_ratio).toBeGreaterThan(0.45);
      expect(toast.bloat_ratio).toBeLessThan(0.6);
    });

    it('does not wait for a lock, and says who is locked', async () => {
      const holder = await holdLock(server, 'lock table t, toasted');
      try {
        for (const budget of [0, 1_000_000]) {
          expect(await index('t_n', budget)).toEqual(unknown(/^locked$/));
          expect(await table('t', budget)).toEqual(unknown(/^locked$/));
          expect((await index('stale_a', budget)).method).not.toBeNull();
        }
      } finally {
        await holder.end();
      }
    });
  });
});
