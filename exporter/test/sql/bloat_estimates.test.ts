/** What the estimates and the measurements say, against what REINDEX and VACUUM FULL really give back. */
import { POSTGRES_MAJORS, type PostgresServer } from '../../../demo/servers/index.ts';
import { until } from '../support/database.ts';
import { startAdvised, watch } from './advisors.ts';

/** Points of a hundred between what is said and what is true. */
const TOLERANCE = 5;

const ROWS = 100_000;

/** The six shapes every estimate has to get right; then others, where the model could go wrong. */
const DATA = `
  select setseed(0.42);
  create table shapes (id bigint, n bigint, low int, txt text, nulls bigint, a int, b int, thrice text, few int, flt float8, num numeric,
                       wide text, pad text, five int, twin int);
  insert into shapes
  select g, (random() * 1e9)::bigint, (random() * 49)::int, substr(repeat(md5(g::text), 2), 1, 10 + (random() * 20)::int),
         case when random() < 0.1 then (random() * 1e9)::bigint end, (random() * 1000)::int, (random() * 1e6)::int,
         md5((g / 3)::text), (random() * ${ROWS} / 2)::int, (random() * 49)::int, (random() * 49)::int,
         repeat(md5(g::text), 4), case when random() < 0.5 then repeat('x', (random() * 60)::int) end, g / 5, g / 5 * 2
    from generate_series(1, ${ROWS}) g;
  create unique index shapes_unique on shapes (id);
  create index shapes_bigint on shapes (n);
  create index shapes_50_distinct on shapes (low);
  create index shapes_text on shapes (txt);
  create index shapes_90_null on shapes (nulls);
  create index shapes_two_columns on shapes (a, b);
  create index shapes_few_duplicates on shapes (few);
  create index shapes_three_alike on shapes (thrice);
  create index shapes_float on shapes (flt);
  create index shapes_numeric on shapes (num);
  create index shapes_wide on shapes (wide);
  create index shapes_included on shapes (low) include (a);
  create index shapes_no_dedup on shapes (low) with (deduplicate_items = off);
  create index shapes_half_full on shapes (n) with (fillfactor = 50);
  create index shapes_partial on shapes (n) where low < 10;
  create index shapes_expression on shapes (upper(txt));
  create index shapes_mixed on shapes (low, txt, nulls);
  create index shapes_dependent on shapes (five, twin);
  create statistics shapes_together (ndistinct) on five, twin from shapes;
  create table narrow (a int) with (fillfactor = 80);
  insert into narrow select g from generate_series(1, ${ROWS}) g;
  create table broad (a int, t text);
  insert into broad select g, repeat(md5(g::text), 30) from generate_series(1, ${ROWS} / 20) g;
  alter table broad alter t set storage external;
  create table dropped (a int, gone text, b int);
  insert into dropped select g, 'some text that goes', g from generate_series(1, ${ROWS}) g;
  alter table dropped drop column gone`;

const TABLES = ['shapes', 'narrow', 'broad', 'dropped'];

interface Said {
  readonly [column: string]: unknown;
  readonly name: string;
  readonly bloat_ratio: number | null;
  readonly method: string | null;
  readonly reason: string | null;
}

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;

  const ask = (budget: number): Promise<Said[]> =>
    watch<Said>(
      server,
      `select indexrelname as name, bloat_ratio, method, reason from pgvigil.index_bloat(${budget}, 0) where schemaname = 'public'
        union all
       select relname, bloat_ratio, method, reason from pgvigil.table_bloat(${budget}, 0) where schemaname = 'public' and part = 'table'`,
    );
  const sizes = async (): Promise<Map<string, number>> => {
    const rows = await server.query<{ relname: string; bytes: string }>(
      "select relname, pg_relation_size(oid) as bytes from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')",
    );
    return new Map(rows.map(({ relname, bytes }) => [relname, Number(bytes)]));
  };
  const each = async (command: string): Promise<void> => {
    for (const table of TABLES) await server.query(`${command} ${table}`);
    await until('the counters are up to date', async () => {
      const [{ changed }] = await server.query<{ changed: number }>(
        'select sum(n_mod_since_analyze)::int as changed from pg_stat_user_tables',
      );
      return changed === 0;
    });
  };

  /** Points of a hundred by which each answer misses what a rewrite gives back. */
  async function misses(): Promise<{ estimated: Record<string, number>; measured: Record<string, number> }> {
    const estimates = await ask(0);
    const measurements = await ask(1_000_000);
    expect(estimates.filter(({ method }) => method !== 'estimate')).toEqual([]);
    expect(new Set(measurements.map(({ method }) => method))).toEqual(new Set(['pgstatindex', 'pgstattuple_approx']));
    const before = await sizes();
    for (const table of TABLES) await server.query(`vacuum full ${table}`);
    const after = await sizes();
    const by = (said: Said[]): Record<string, number> =>
      Object.fromEntries(
        said.map(({ name, bloat_ratio }) => [
          name,
          Math.round(1000 * (bloat_ratio! - (1 - after.get(name)! / before.get(name)!))) / 10,
        ]),
      );
    return { estimated: by(estimates), measured: by(measurements) };
  }
  const beyond = (said: Record<string, number>): [string, number][] =>
    Object.entries(said).filter(([, points]) => !(Math.abs(points) <= TOLERANCE));

  beforeAll(async () => {
    server = await startAdvised(major, { maintenance_work_mem: '128MB' });
    await server.query('create extension pgstattuple');
    await server.query(DATA);
    await each('vacuum analyze');
  });
  afterAll(() => server?.stop());

  it('says that what was just built is not bloated', async () => {
    const { estimated, measured } = await misses();
    if (process.env.PGVIGIL_PRINT) console.log(major, 'fresh', estimated, measured);
    expect(Object.keys(estimated).length).toBe(18 + TABLES.length);
    expect(beyond(estimated)).toEqual([]);
    expect(beyond(measured)).toEqual([]);
  });

  it('says how much a rewrite gives back after half of the rows were deleted', async () => {
    await each('vacuum analyze');
    for (const table of TABLES) await server.query(`delete from ${table} where random() < 0.5`);
    await each('vacuum analyze');
    const { estimated, measured } = await misses();
    if (process.env.PGVIGIL_PRINT) console.log(major, 'half', estimated, measured);
    expect(beyond(estimated)).toEqual([]);
    expect(beyond(measured)).toEqual([]);
  });
});
