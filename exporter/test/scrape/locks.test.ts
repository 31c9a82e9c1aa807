/** A lock on somebody's table must cost us that table's size and nothing else. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { CREATE_MONITOR, holdLock, openSession, type Session, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';
import type { Samples } from '../support/exposition.ts';

const CONFIG = `
collectors:
  user_table_sizes: { interval: 1s }
  user_index_sizes: { interval: 1s }
  sequences: { interval: 1s }
`;

let server: PostgresServer;
let exporter: TestExporter;
const sessions: Session[] = [];

const start = (): Promise<TestExporter> =>
  startExporter({ config: CONFIG, env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') } });

/** A scrape that must not have waited for anybody. */
async function scrape(from = exporter): Promise<Samples> {
  const { samples, seconds } = await from.scrape();
  expect(seconds).toBeLessThan(5);
  expect(samples.value('pg_up')).toBe(1);
  return samples;
}

const tableSize = (samples: Samples, relname: string): number | undefined =>
  samples.value('pg_stat_user_tables_table_size_bytes', { datname: 'postgres', relname });
const indexSize = (samples: Samples, indexrelname: string): number | undefined =>
  samples.value('pg_stat_user_indexes_size_bytes', { datname: 'postgres', indexrelname });
const age = (samples: Samples, labels: Record<string, string>): number | undefined =>
  samples.value('pgvigil_value_age_seconds', labels);

/** Scrapes until the locked object is served with an age, and the age grows. */
async function untilAged(labels: Record<string, string>): Promise<Samples> {
  let samples = await scrape();
  await until(`an age of ${JSON.stringify(labels)}`, async () => {
    samples = await scrape();
    return (age(samples, labels) ?? 0) > 1.5;
  });
  return samples;
}

/** What is there before and after but not meanwhile: families, and collectors that failed. */
function expectComplete(before: Samples, now: Samples): void {
  const names = new Set(now.families.keys());
  expect([...before.families.keys()].filter((name) => !names.has(name))).toEqual([]);
  expect(now.series('pg_scrape_collector_success').filter((sample) => sample.value !== 1)).toEqual([]);
}

beforeAll(async () => {
  server = await startPostgres();
  await server.query(`${CREATE_MONITOR};
    create table held (id serial primary key, text text);
    create table free (id serial primary key, text text);
    insert into held (text) select repeat('x', 100) from generate_series(1, 1000);
    insert into free (text) select repeat('x', 100) from generate_series(1, 1000);
    create index held_text on held (text);
    analyze`);
  exporter = await start();
  await until('sizes', async () => {
    const { samples } = await exporter.scrape();
    return tableSize(samples, 'held') !== undefined && indexSize(samples, 'held_text') !== undefined;
  });
});

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.end();
  await until('no lock is held', async () => {
    const [{ count }] = await server.query<{ count: number }>(
      "select count(*)::int from pg_locks where relation::regclass::text like 'held%' and mode = 'AccessExclusiveLock'",
    );
    return count === 0;
  });
});

afterAll(async () => {
  await exporter?.stop();
  await server?.stop();
});

describe('a table that somebody holds with ACCESS EXCLUSIVE', () => {
  it('is served with its last size and its age; everything else is as ever', async () => {
    const before = await scrape();
    sessions.push(await holdLock(server, 'lock table held in access exclusive mode'));
    const locked = await untilAged({ relname: 'held', collector: 'user_table_sizes' });
    expect(tableSize(locked, 'held')).toBe(tableSize(before, 'held'));
    expect(tableSize(locked, 'free')).toBe(tableSize(before, 'free'));
    expect(age(locked, { relname: 'free' })).toBeUndefined();
    expectComplete(before, locked);
    await sessions.pop()!.end();
    await until('no age is served', async () => (await scrape()).series('pgvigil_value_age_seconds').length === 0);
  });

  it('is all that a fresh exporter lacks', async () => {
    const before = await scrape();
    sessions.push(await holdLock(server, 'lock table held in access exclusive mode'));
    const fresh = await start();
    try {
      // The first answer waits two seconds for sizes, which a busy machine can take longer for.
      await until('sizes have been read', async () =>
        (await scrape(fresh)).families.has('pg_stat_user_indexes_size_bytes'),
      );
      const second = await scrape(fresh);
      expectComplete(before, second);
      expect(tableSize(second, 'held')).toBeUndefined();
      expect(tableSize(second, 'free')).toBe(tableSize(before, 'free'));
      const sizes = (samples: Samples): number => samples.series('pg_stat_user_tables_table_size_bytes').length;
      expect(sizes(second)).toBe(sizes(before) - 1);
    } finally {
      await fresh.stop();
    }
  });
});

it('treats a lock that is only waited for the same way: whoever asks would queue behind it', async () => {
  const before = await scrape();
  sessions.push(await holdLock(server, 'select from held limit 1'));
  const waiting = await openSession(server.url());
  sessions.push(waiting);
  await waiting.query('begin');
  waiting.query('lock table held in access exclusive mode').catch(() => undefined);
  const locked = await untilAged({ relname: 'held', collector: 'user_table_sizes' });
  expect(tableSize(locked, 'held')).toBe(tableSize(before, 'held'));
  expectComplete(before, locked);
});

it('serves the last size of an index under REINDEX', async () => {
  const before = await scrape();
  sessions.push(await holdLock(server, 'reindex index held_text'));
  const locked = await untilAged({ indexrelname: 'held_text' });
  expect(indexSize(locked, 'held_text')).toBe(indexSize(before, 'held_text'));
  expect(age(locked, { indexrelname: 'held_pkey' })).toBeUndefined();
  expect(indexSize(locked, 'free_pkey')).toBe(indexSize(before, 'free_pkey'));
  expectComplete(before, locked);
});
