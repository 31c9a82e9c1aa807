/** What the exporter may cost: connections, collections, and the time of those who scrape. */
import { setTimeout } from 'node:timers/promises';
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { CREATE_MONITOR, exporterSessions, openSession, type Session, until } from '../support/database.ts';
import type { Samples } from '../support/exposition.ts';
import { startExporter, type TestExporter, type TestExporterOptions } from '../support/exporter.ts';

let server: PostgresServer;
let watcher: Session;
const exporters: TestExporter[] = [];

async function start(options: TestExporterOptions = {}): Promise<TestExporter> {
  const exporter = await startExporter({
    ...options,
    env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor'), ...options.env },
  });
  exporters.push(exporter);
  return exporter;
}

const COUNT = "select count(*)::int as n from pg_stat_activity where application_name = 'pgvigil'";

/** The most sessions of the exporter at once, as the server sees them while `work` goes on. */
async function peakDuring(work: () => Promise<void>): Promise<number> {
  let over = false;
  let peak = 0;
  const watching = (async () => {
    while (!over) {
      const [{ n }] = await watcher.query(COUNT);
      peak = Math.max(peak, n as number);
      await setTimeout(5);
    }
  })();
  await work().finally(() => (over = true));
  await watching;
  return peak;
}

beforeAll(async () => {
  server = await startPostgres({ settings: { log_connections: 'on' } });
  await server.query(`${CREATE_MONITOR};
    create extension pg_stat_statements;
    create table t (id serial primary key);
    analyze t`);
  watcher = await openSession(server.url());
});
afterEach(() => Promise.all(exporters.splice(0).map((exporter) => exporter.stop())));
afterAll(async () => {
  await watcher?.end();
  await server?.stop();
});

/** A live function that takes a moment, so that scrapes at the same time meet. */
const MARKED = `
functions:
  - name: marked
    sql: select pg_sleep(0.5)::text as slept, 1 as marked
    columns: { marked: { type: gauge, help: 'Always 1.' } }
`;
const CALLS = "select coalesce(sum(calls), 0)::int as n from pg_stat_statements where query like '%as marked%'";

it('runs one collection for 20 scrapes at the same time, over five connections at most', async () => {
  const exporter = await start({ config: MARKED });
  const collections = async (): Promise<number> =>
    (await exporter.scrape()).samples.value('pgvigil_collections_total')!;
  const before = await collections();
  const [{ n: callsBefore }] = await watcher.query(CALLS);
  const peak = await peakDuring(async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => exporter.scrape()));
    for (const { samples } of answers) {
      expect(samples.value('pg_up')).toBe(1);
      expect(samples.value('marked_marked')).toBe(1);
      expect(samples.value('pgvigil_collections_total')).toBe(before + 1);
    }
  });
  const [{ n: callsAfter }] = await watcher.query(CALLS);
  expect((callsAfter as number) - (callsBefore as number)).toBe(1);
  expect(await collections()).toBe(before + 2);
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThanOrEqual(5);
});

it('costs the database once when two Prometheus servers scrape within a second', async () => {
  // As it is by default, except that a slow machine may take its time between the two.
  const exporter = await start({ config: MARKED, shareSeconds: 10 });
  const [{ n: before }] = await watcher.query(CALLS);
  const first = (await exporter.scrape()).samples;
  const second = (await exporter.scrape()).samples;
  const [{ n: after }] = await watcher.query(CALLS);
  expect((after as number) - (before as number)).toBe(1);
  expect(second.value('pg_exporter_scrapes_total')).toBe(first.value('pg_exporter_scrapes_total')! + 1);
  expect(second.value('pgvigil_collections_total')).toBe(1);
});

/** In the background, for half a minute. */
const SLOW = `
functions:
  - name: slow
    sql: select pg_sleep(30)::text as slept, 42 as answer
    ttl: 5m
    timeout: 60s
    columns: { answer: { type: gauge, help: 'What took so long.' } }
`;

describe('with 12 databases', () => {
  const names = Array.from({ length: 11 }, (_, i) => `shop_${i + 1}`);
  beforeAll(async () => {
    for (const name of names) {
      await server.query(`create database ${name}`);
      await server.query(`create table only_${name} (id int primary key); analyze only_${name}`, name);
    }
  });

  it('holds five connections at most, opens none for a scrape, and serves every database', async () => {
    const exporter = await start();
    let held = 0;
    const peak = await peakDuring(async () => {
      await until(
        'figures of every database',
        async () => {
          const { samples } = await exporter.scrape();
          held = Math.max(held, samples.value('pgvigil_connections')!);
          return names.every(
            (datname) =>
              samples.value('pg_stat_user_tables_n_live_tup', { datname, relname: `only_${datname}` }) !== undefined &&
              samples.value('pg_stat_user_tables_table_size_bytes', { datname }) !== undefined,
          );
        },
        60,
      );
    });
    expect(peak).toBeLessThanOrEqual(5);
    expect(held).toBeLessThanOrEqual(5);

    // Every collector of a database is younger than two of its intervals.
    const { samples } = await exporter.scrape();
    const ages = samples.series('pgvigil_collector_age_seconds');
    expect(new Set(ages.map(({ labels }) => labels.datname))).toEqual(new Set(['', 'postgres', ...names]));
    expect(ages.filter(({ value }) => value >= 120)).toEqual([]);
    expect(samples.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);

    // The scrape's own connection stays the same one, and nothing else comes while nothing is due.
    const opened = async (): Promise<number> =>
      (await server.logText()).split('connection authorized: user=monitor').length;
    const connections = async (): Promise<string> =>
      `${await opened()} opened, ${(await exporterSessions(server)).length} there`;
    // On a busy machine something becomes due meanwhile: then once more.
    await until('twenty scrapes without a new connection', async () => {
      const before = await connections();
      for (let i = 0; i < 20; i++) expect((await exporter.scrape()).samples.value('pg_up')).toBe(1);
      return (await connections()) === before;
    });
  });

  // Both take their time: one exporter shows both.
  it('keeps every database younger than 120 s over two rounds, and no scrape waits for a function of 30 s', async () => {
    const exporter = await start({ config: SLOW });
    // The very first answer may wait a moment for what the background finds at once.
    await exporter.scrape();
    const scrape = async (): Promise<Samples> => {
      const { samples, seconds } = await exporter.scrape();
      expect(seconds).toBeLessThan(5);
      expect(samples.value('pg_up')).toBe(1);
      return samples;
    };
    const oldest = new Map<string, number>();
    let youngest = Infinity;
    const end = Date.now() + 80_000;
    await until('every database', async () => {
      const samples = await scrape();
      return names.every((datname) => samples.series('pg_stat_user_tables_n_live_tup', { datname }).length > 0);
    });
    const peak = await peakDuring(async () => {
      while (Date.now() < end) {
        const samples = await scrape();
        // A collector whose own interval is longer than that is not meant.
        for (const { labels, value } of samples.series('pgvigil_collector_age_seconds', {
          collector: 'stat_user_tables',
        })) {
          oldest.set(labels.datname, Math.max(oldest.get(labels.datname) ?? 0, value));
        }
        // It is delivered as soon as it is there.
        const age = samples.value('pgvigil_collector_age_seconds', { collector: 'slow' });
        if (samples.value('slow_answer') !== undefined) youngest = Math.min(youngest, age!);
        await setTimeout(1000);
      }
    });
    expect([...oldest.keys()].sort()).toEqual([...names].sort());
    expect(Math.max(...oldest.values())).toBeLessThan(120);
    // It did come again.
    expect(Math.max(...oldest.values())).toBeLessThan(90);
    expect(peak).toBeLessThanOrEqual(5);
    const samples = await scrape();
    expect(samples.value('slow_answer')).toBe(42);
    expect(youngest).toBeLessThan(5);
    expect(samples.value('pg_scrape_collector_duration_seconds', { collector: 'slow' })).toBeGreaterThanOrEqual(30);
  });
});
