import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import pg from 'pg';
import { isAlive } from './proc.ts';
import {
  freePort,
  POSTGRES_MAJORS,
  run,
  ServerUnavailable,
  startPgBouncer,
  startPostgres,
  startPrometheus,
  startStandby,
  tool,
} from './index.ts';
import type { PostgresServer } from './index.ts';

/** Runs the body of a test, or says why this machine cannot. */
async function ifAvailable(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
  }
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('not within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function expectGone(server: PostgresServer): Promise<void> {
  const { pid, socketDir } = server;
  const rows = await server.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  expect(rows.length).toBeGreaterThan(1);
  await server.stop();
  await server.stop();
  expect([pid, ...rows.map((row) => row.pid)].filter(isAlive)).toEqual([]);
  expect(existsSync(socketDir)).toBe(false);
  expect(await server.logText()).toContain('database system is shut down');
}

describe('ports', () => {
  it('prefers the wanted port and evades one that is taken', async () => {
    const wanted = await freePort();
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(wanted, '127.0.0.1', resolve));
    expect(await freePort(wanted)).toBeGreaterThan(wanted);
    await new Promise((resolve) => holder.close(resolve));
    const other = await freePort();
    expect(other).not.toBe(wanted);
  });
});

describe('PostgreSQL', () => {
  it.each(POSTGRES_MAJORS)('%i starts, restarts and leaves nothing behind', async (major) => {
    const server = await startPostgres({ major, settings: { work_mem: '8MB', cluster_name: "it's me" } });
    const [row] = await server.query('SHOW server_version');
    expect(row).toEqual({ server_version: server.version });
    expect(server.version.startsWith(`${major}.`)).toBe(true);
    await server.query('CREATE EXTENSION pg_stat_statements');
    await server.restart();
    const [settings] = await ask(
      server.url(),
      "SELECT current_setting('work_mem') AS mem, current_setting('cluster_name') AS name FROM pg_stat_statements LIMIT 1",
    );
    expect(settings).toEqual({ mem: '8MB', name: "it's me" });
    const runDir = dirname(server.socketDir);
    await expectGone(server);
    expect(existsSync(runDir)).toBe(false);
  });

  it.each([14, 18] as const)('%i has a streaming standby', async (major) => {
    const primary = await startPostgres({ major });
    const standby = await startStandby(primary, { slot: 'one' });
    await primary.query('CREATE TABLE t AS SELECT 42 AS answer');
    await until(async () => (await standby.query("SELECT 1 FROM pg_class WHERE relname = 't'")).length === 1);
    expect(await standby.query('SELECT answer, pg_is_in_recovery() AS standby FROM t')).toEqual([
      { answer: 42, standby: true },
    ]);
    expect(await primary.query('SELECT slot_name, active FROM pg_replication_slots')).toEqual([
      { slot_name: 'one', active: true },
    ]);
    await expectGone(standby);
    await expectGone(primary);
  });

  it('answers nothing while paused, and stops all the same', async () => {
    const server = await startPostgres({ preload: false });
    server.pause();
    const client = new pg.Client({ connectionString: server.url(), connectionTimeoutMillis: 300 });
    client.on('error', () => undefined);
    await expect(client.connect()).rejects.toThrow(/timeout/);
    server.resume();
    expect(await server.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    server.pause();
    await server.stop('immediate');
    expect(isAlive(server.pid)).toBe(false);
  });

  it('tells why it did not start, and leaves nothing behind', async () => {
    const first = await startPostgres();
    await expect(startPostgres({ port: first.port })).rejects.toThrow(/last words:[^]*Address already in use/);
    await expect(startPostgres({ settings: { shared_buffers: 'much' } })).rejects.toThrow(/invalid value/);
    const runDir = dirname(first.socketDir);
    await first.stop();
    expect(existsSync(runDir)).toBe(false);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends with its process on %s', async (signal) => {
    const script = `
      import { startPostgres } from ${JSON.stringify(`${import.meta.dirname}/index.ts`)};
      const server = await startPostgres();
      console.log(server.pid + ' ' + server.socketDir);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
    const [pid, dir] = line.trim().split(' ') as [string, string];
    expect(isAlive(Number(pid))).toBe(true);
    child.kill(signal);
    await until(() => !isAlive(Number(pid)));
    // After SIGKILL, the next process to start a server sweeps.
    if (signal === 'SIGKILL') await (await startPostgres()).stop();
    await until(() => !existsSync(dirname(dir)));
  });
});

describe('PgBouncer', () => {
  const versions = [
    ['debian12', /^1\.18\./],
    ['newer', /^1\.(2[4-9]|[3-9]\d)\./],
    ['any', /^1\./],
  ] as const;

  it.each(versions)('%s starts, restarts and leaves nothing behind', async (version, pattern) => {
    await ifAvailable(async () => {
      const server = await startPostgres();
      try {
        const databases = { shop: `host=127.0.0.1 port=${server.port} dbname=postgres` };
        const bouncer = await startPgBouncer({ version, databases, settings: { max_client_conn: '77' } });
        expect(bouncer.version).toMatch(pattern);
        await bouncer.restart();
        expect(await ask(bouncer.url('shop'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
        expect(await ask(bouncer.url(), 'SHOW CONFIG')).toContainEqual(
          expect.objectContaining({ key: 'max_client_conn', value: '77' }),
        );
        const { pid } = bouncer;
        bouncer.pause();
        await bouncer.stop();
        expect(isAlive(pid)).toBe(false);
        expect(await bouncer.logText()).toContain('process up');
      } finally {
        const runDir = dirname(server.socketDir);
        await server.stop();
        expect(existsSync(runDir)).toBe(false);
      }
    });
  });

  it('asks for passwords when users are given', async () => {
    await ifAvailable(async () => {
      const bouncer = await startPgBouncer({ version: 'any', databases: {}, users: { postgres: 'se"cret' } });
      const url = bouncer.url().replace('@', `:${encodeURIComponent('se"cret')}@`);
      expect(await ask(url, 'SHOW VERSION')).toHaveLength(1);
      await expect(ask(url.replace('se%22', 'se'), 'SHOW VERSION')).rejects.toThrow();
      await bouncer.stop();
    });
  });
});

describe('Prometheus', () => {
  it('has a promtool that checks rules', async () => {
    await ifAvailable(async () => {
      const promtool = await tool('promtool');
      const metrics = '# HELP a_total An a.\n# TYPE a_total counter\na_total 1\n';
      expect(await run(promtool, ['check', 'metrics'], { input: metrics })).toMatchObject({ code: 0 });
      const broken = await run(promtool, ['check', 'metrics'], { input: 'a_total{ 1\n' });
      expect(broken.code).not.toBe(0);
      expect(broken.stderr).toContain('error');
    });
  });

  it('starts and leaves nothing behind', async () => {
    await ifAvailable(async () => {
      const server = await startPrometheus({ config: 'global:\n  scrape_interval: 1s\n' });
      const answer = await fetch(`${server.url}/api/v1/query?query=1`);
      expect(await answer.json()).toMatchObject({ status: 'success' });
      await server.stop();
      expect(isAlive(server.pid)).toBe(false);
    });
  });
});
