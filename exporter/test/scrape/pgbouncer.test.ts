/** PgBouncer and PostgreSQL are asked apart: what happens to one costs nothing of the other. */
import {
  type PgBouncerServer,
  type PostgresServer,
  ServerUnavailable,
  startPgBouncer,
  startPostgres,
} from '../../../demo/servers/index.ts';
import { CREATE_MONITOR, openSession, type Session, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';
import type { Samples } from '../support/exposition.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
  await server.query(`${CREATE_MONITOR}; create table t (id int primary key); analyze t`);
});
afterAll(() => server?.stop());

/** Families of PostgreSQL that are not there now. */
const missing = (before: Samples, now: Samples, prefix: RegExp): string[] =>
  [...before.families.keys()].filter((name) => prefix.test(name) && !now.families.has(name));
/** Whether a transaction is running comes and goes; everything else must stand. */
const POSTGRES = /^pg_(?!long_running)/;
const BOUNCER = /^pgbouncer_/;

describe.each(['debian12', 'newer'] as const)('PgBouncer (%s)', (version) => {
  let bouncer: PgBouncerServer | undefined;
  let exporter: TestExporter;
  let client: Session;
  let healthy: Samples;

  beforeAll(async () => {
    try {
      bouncer = await startPgBouncer({
        version,
        databases: { shop: `host=127.0.0.1 port=${server.port} dbname=postgres` },
        settings: { pool_mode: 'transaction', ignore_startup_parameters: 'extra_float_digits' },
      });
    } catch (error) {
      if (!(error instanceof ServerUnavailable)) throw error;
      process.stderr.write(`skipped: ${error.message}\n`);
      return;
    }
    client = await openSession(bouncer.url('shop'));
    await client.query('select 1');
    exporter = await startExporter({
      args: [`--pgBouncer.connectionString=${bouncer.url()}`],
      env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') },
    });
    healthy = (await exporter.scrape()).samples;
  });
  afterEach(async () => {
    if (bouncer) await until('both are up', async () => isUp((await exporter.scrape()).samples));
  });
  afterAll(async () => {
    await exporter?.stop();
    await client?.end();
    await bouncer?.stop();
  });

  const isUp = (samples: Samples): boolean => samples.value('pg_up') === 1 && samples.value('pgbouncer_up') === 1;

  /** What a scrape must give of PostgreSQL while PgBouncer is in trouble. */
  async function scrapeWithoutBouncer(reason: RegExp): Promise<void> {
    const { samples, seconds } = await exporter.scrape('/metrics', { timeoutSeconds: 2 });
    expect(seconds).toBeLessThan(5);
    expect(samples.value('pgbouncer_up')).toBe(0);
    expect(samples.value('pg_up')).toBe(1);
    expect(missing(healthy, samples, POSTGRES)).toEqual([]);
    const failed = samples.series('pg_scrape_collector_success').filter(({ value }) => value !== 1);
    expect(failed.every(({ labels }) => labels.collector.startsWith('pgbouncer_'))).toBe(true);
    const [problem] = samples.series('pgvigil_target_problem');
    expect(problem.labels.source).toBe('pgbouncer');
    expect(problem.labels.reason).toMatch(reason);
  }

  it('is served with all that this version knows', () => {
    if (!bouncer) return;
    expect(isUp(healthy)).toBe(true);
    expect(healthy.value('pgbouncer_version_info', { version: `PgBouncer ${bouncer.version}` })).toBe(1);
    expect(healthy.value('pgbouncer_databases_paused', { name: 'shop' })).toBe(0);
    expect(healthy.series('pgbouncer_pools_client_active_connections', { database: 'shop' })).toHaveLength(1);
    expect(healthy.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
    expect(healthy.series('pgvigil_target_problem')).toEqual([]);
  });

  it('is up also when nothing is collected from it', async () => {
    if (!bouncer) return;
    const quiet = await startExporter({
      args: [`--pgBouncer.connectionString=${bouncer.url()}`, '--disable-default-metrics'],
      env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') },
    });
    try {
      const { samples } = await quiet.scrape();
      expect(isUp(samples)).toBe(true);
      expect(samples.series('pg_scrape_collector_success')).toEqual([]);
    } finally {
      await quiet.stop();
    }
  });

  it('down: only its own part is missing, and comes back', async () => {
    if (!bouncer) return;
    process.kill(bouncer.pid, 'SIGKILL');
    try {
      await scrapeWithoutBouncer(/^(refused|connection_lost)$/);
      await scrapeWithoutBouncer(/^refused$/);
    } finally {
      await bouncer.restart();
    }
    await until('both are up', async () => isUp((await exporter.scrape()).samples));
    const after = (await exporter.scrape()).samples;
    // Without a client since, it has no pool.
    expect(missing(healthy, after, BOUNCER).filter((name) => !/pool|client|server|stats/.test(name))).toEqual([]);
  });

  it('hung (SIGSTOP): only its own part is missing, and comes back', async () => {
    if (!bouncer) return;
    bouncer.pause();
    try {
      for (let i = 0; i < 3; i++) await scrapeWithoutBouncer(/^timeout$/);
    } finally {
      bouncer.resume();
    }
  });

  it('paused on its console: it is up and says so', async () => {
    if (!bouncer) return;
    const admin = await openSession(bouncer.url());
    try {
      await admin.query('pause shop');
      const { samples, seconds } = await exporter.scrape();
      expect(seconds).toBeLessThan(5);
      expect(isUp(samples)).toBe(true);
      expect(samples.value('pgbouncer_databases_paused', { name: 'shop' })).toBe(1);
      await admin.query('resume shop');
      await admin.query('pause');
      const all = (await exporter.scrape()).samples;
      expect(isUp(all)).toBe(true);
      expect(missing(healthy, all, POSTGRES)).toEqual([]);
      await admin.query('resume');
      const resumed = (await exporter.scrape()).samples;
      expect(resumed.value('pgbouncer_databases_paused', { name: 'shop' })).toBe(0);
    } finally {
      await admin.end();
    }
  });

  it('goes on being served while PostgreSQL is down or hung', async () => {
    if (!bouncer) return;
    server.pause();
    try {
      const { samples, seconds } = await exporter.scrape('/metrics', { timeoutSeconds: 2 });
      expect(seconds).toBeLessThan(5);
      expect(samples.value('pg_up')).toBe(0);
      expect(samples.value('pgbouncer_up')).toBe(1);
      expect(samples.value('pgbouncer_version_info', { version: `PgBouncer ${bouncer.version}` })).toBe(1);
      expect(samples.value('pgbouncer_databases_paused', { name: 'shop' })).toBe(0);
    } finally {
      server.resume();
    }
    process.kill(server.pid, 'SIGQUIT');
    try {
      await until('pg_up 0', async () => (await exporter.scrape()).samples.value('pg_up') === 0);
      const { samples } = await exporter.scrape();
      expect(samples.value('pgbouncer_up')).toBe(1);
      expect(samples.value('pgvigil_target_problem', { source: 'postgres', reason: 'refused' })).toBe(1);
      expect(samples.families.has('pgbouncer_databases_paused')).toBe(true);
    } finally {
      await server.restart();
    }
  });
});
