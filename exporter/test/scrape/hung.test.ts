/** A server that does not answer, or does not let us in: the scrape ends in time, and nothing is left behind. */
import { readlinkSync, readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { freePort, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { startProxy } from '../support/proxy.ts';
import { CREATE_MONITOR, exporterSessions, until } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';

let server: PostgresServer;
const exporters: TestExporter[] = [];

async function start(...options: Parameters<typeof startExporter>): Promise<TestExporter> {
  const exporter = await startExporter(...options);
  exporters.push(exporter);
  return exporter;
}

/** Open sockets of a process, those it listens on included. */
const sockets = (pid: number): number =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;

beforeAll(async () => {
  server = await startPostgres();
  await server.query(`${CREATE_MONITOR}; create table t (id int primary key); analyze t`);
});
afterEach(() => Promise.all(exporters.splice(0).map((exporter) => exporter.stop())));
afterAll(() => server?.stop());

describe('a server that is stopped (SIGSTOP)', () => {
  it('is down in time, twenty times over, piles nothing up, and is up again afterwards', async () => {
    const exporter = await start({ env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') } });
    const healthy = (await exporter.scrape()).samples;
    expect(healthy.value('pg_up')).toBe(1);
    const before = sockets(exporter.pid);
    server.pause();
    let most = 0;
    try {
      for (let i = 0; i < 20; i++) {
        // The first ones as Prometheus would come; the others impatient, so that attempts would pile up.
        const timeoutSeconds = i < 3 ? 2 : 0.5;
        const { samples, seconds } = await exporter.scrape('/metrics', { timeoutSeconds });
        expect(seconds).toBeLessThan(timeoutSeconds + 2);
        expect(samples.value('pg_up')).toBe(0);
        expect(samples.value('pgvigil_target_problem', { source: 'postgres', reason: 'timeout' })).toBe(1);
        most = Math.max(most, sockets(exporter.pid));
      }
    } finally {
      server.resume();
    }
    // One attempt, its cancel requests (2 s each at most) and the background's.
    expect(most - before).toBeLessThanOrEqual(5);
    await until('pg_up 1', async () => (await exporter.scrape()).samples.value('pg_up') === 1);
    await until('its five sessions at most', async () => (await exporterSessions(server)).length <= 5);
    await until('all sockets are closed', () => sockets(exporter.pid) <= before + 1);
    const after = (await exporter.scrape()).samples;
    expect([...healthy.families.keys()].filter((name) => !after.families.has(name))).toEqual([]);
    expect(after.series('pgvigil_target_problem')).toEqual([]);
  });

  it('answers scrapers that came together at the time of the most impatient', async () => {
    const exporter = await start({ env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') } });
    expect((await exporter.scrape()).samples.value('pg_up')).toBe(1);
    server.pause();
    try {
      const patient = exporter.scrape('/metrics', { timeoutSeconds: 30 });
      await setTimeout(100);
      const impatient = await exporter.scrape('/metrics', { timeoutSeconds: 2 });
      expect(impatient.seconds).toBeLessThan(5);
      expect((await patient).samples.value('pg_up')).toBe(0);
    } finally {
      server.resume();
    }
  });
});

describe('a network that swallows everything', () => {
  const config = `
collectors:
  user_table_sizes: { interval: 1s, timeout: 1s }
`;
  it('is down meanwhile; scrapes and background are back afterwards, on new connections', async () => {
    const proxy = await startProxy(server);
    try {
      const url = `postgresql://monitor@127.0.0.1:${proxy.port}/postgres?connect_timeout=2`;
      const exporter = await start({ config, env: { DATA_SOURCE_NAME: url } });
      const age = async (): Promise<number> =>
        (await exporter.scrape()).samples.value('pgvigil_collector_age_seconds', { collector: 'user_table_sizes' }) ??
        Infinity;
      await until('a background result', async () => (await age()) < 2);
      proxy.cut();
      for (let i = 0; i < 3; i++) {
        const { samples, seconds } = await exporter.scrape('/metrics', { timeoutSeconds: 2 });
        expect(seconds).toBeLessThan(5);
        expect(samples.value('pg_up')).toBe(0);
      }
      proxy.mend();
      await until('pg_up 1', async () => (await exporter.scrape()).samples.value('pg_up') === 1);
      // The background was in the middle of a run or came into the hole: either ends without the server's help.
      await until('a fresh background result', async () => (await age()) < 2, 60);
    } finally {
      await proxy.stop();
    }
  });
});

it('answers at once while connections are refused, however many ask', async () => {
  const port = await freePort();
  const exporter = await start({ env: { DATA_SOURCE_NAME: `postgresql://monitor@127.0.0.1:${port}/postgres` } });
  const answers = await Promise.all(Array.from({ length: 20 }, () => exporter.scrape()));
  for (const { samples, seconds } of answers) {
    expect(seconds).toBeLessThan(5);
    expect(samples.value('pg_up')).toBe(0);
    expect(samples.value('pgvigil_target_problem', { reason: 'refused' })).toBe(1);
  }
  expect(exporter.log()).toContain('connection refused');
});

describe('a live collector that takes longer than the scrape', () => {
  const config = `
functions:
  - name: endless
    sql: select pg_sleep(60)::text as slept, 1 as value
    columns: { value: { type: gauge, help: 'Never comes.' } }
`;
  it('is cancelled on the server, and costs only its own results', async () => {
    const exporter = await start({ config, env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') } });
    for (let i = 0; i < 3; i++) {
      const { samples, seconds } = await exporter.scrape('/metrics', { timeoutSeconds: 2 });
      expect(seconds).toBeLessThan(5);
      expect(samples.value('pg_up')).toBe(1);
      expect(samples.value('pg_scrape_collector_success', { collector: 'endless' })).toBe(0);
      expect(samples.value('pgvigil_collector_problem', { collector: 'endless', reason: 'timeout' })).toBe(1);
      const failed = samples.series('pg_scrape_collector_success').filter((sample) => sample.value === 0);
      expect(failed.map((sample) => sample.labels.collector)).toEqual(['endless']);
      expect(samples.value('pg_stat_user_tables_n_live_tup', { relname: 't' })).toBeDefined();
      await setTimeout(2000);
      const running = (await exporterSessions(server)).filter(({ state }) => state === 'active');
      expect(running).toEqual([]);
    }
    expect((await exporterSessions(server)).length).toBeLessThanOrEqual(5);
  });
});
