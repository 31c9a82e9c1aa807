/**
 * docker-compose.yml, run without containers: everything answers, people are told of what goes wrong, what is killed comes
 * back, nothing stays behind. One stack for all of it: the order counts.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isAlive } from '../servers/proc.ts';
import { ServerUnavailable } from '../servers/index.ts';
import { askAll, promQuery, questions } from './check.ts';
import { allDone, Duty } from './oncall/duty.ts';
import { chains, first, type Incident } from './oncall/incidents.ts';
import { type NativeStack, startNative } from './stack.ts';

/** A machine that has much else to do needs its time: nothing here is about speed. */
const PATIENCE_MS = 300_000;
jest.setTimeout(2 * PATIENCE_MS);

const reports: string[] = [];
let stack: NativeStack | undefined;

beforeAll(async () => {
  try {
    const report = (line: string): void => void reports.push(line);
    stack = await startNative({ profiles: ['replica'], without: ['grafana'], speed: 15, report });
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
  }
});
afterAll(() => stack?.stop());

const withStack = (name: string, body: (stack: NativeStack) => Promise<void>, timeoutMs?: number): void =>
  test(
    name,
    async () => {
      if (stack) await body(stack);
    },
    timeoutMs,
  );

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what}: not so; ${reports.join('; ')}`);
    await sleep(100);
  }
}

/** The newest value that Prometheus has. */
async function value(on: NativeStack, query: string): Promise<number | undefined> {
  const [sample] = await promQuery(on, query);
  return sample === undefined ? undefined : Number(sample.value[1]);
}

withStack('every part does what it is there for', async (stack) => {
  const answers = await askAll(questions(stack, false), PATIENCE_MS);
  expect(answers.filter(({ ok }) => !ok)).toEqual([]);
  expect(answers.map(({ name }) => name)).toContain('Replica: streams');
});

withStack(
  "an application gets no further than PgBouncer's databases, and the superuser not even there",
  async (stack) => {
    const login = async (url: string): Promise<void> => {
      const client = new pg.Client({ connectionString: url });
      await client.connect().finally(() => client.end().catch(() => undefined));
    };
    await login(stack.dsn('musicdb_shop'));
    await expect(login(stack.dsn('musicdb_shop', { database: 'pgvigil' }))).rejects.toThrow();
    await expect(login(stack.dsn('musicdb_shop').replace('musicdb_shop:', 'postgres:'))).rejects.toThrow();
    // No password opens a role that has a certificate.
    const direct = stack.dsn('musicdb_shop', { server: 'postgres' });
    await login(direct);
    await expect(login(direct.replace('musicdb_shop:', 'pgvigil_exporter:'))).rejects.toThrow(/certificate/);
  },
);

withStack(
  'whoever is on call is told what goes wrong, and when it is over',
  async (stack) => {
    const duty = new Duty(stack, PATIENCE_MS);
    const endings: (() => Promise<void>)[] = [];
    // That it is over is told minutes later: until then the next thing may go wrong.
    const live = async (chain: readonly Incident[]): Promise<void> => {
      for (const incident of chain) endings.push(await duty.live(incident));
    };
    await live([first]);
    await allDone(chains.map(live));
    await allDone(endings.map((isOver) => isOver()));
  },
  // As many waits, one after the other, as can fail before somebody says which.
  8 * PATIENCE_MS,
);

test.each([
  ['exporter', 'up{job="pgvigil"}'],
  ['pgbouncer', 'pgbouncer_up'],
])('%s comes back after kill -9, and Prometheus sees it', async (name, up) => {
  if (!stack) return;
  const on = stack;
  const service = on.service(name);
  await until('up before', async () => (await value(on, up)) === 1);
  const { pid } = service;
  const killed = Date.now();
  service.kill();
  await until('started again', () => Promise.resolve(service.restarts === 1 && isAlive(service.pid)));
  expect(service.pid).not.toBe(pid);
  // A sample that is younger than the restart.
  const since = Date.now() / 1000;
  await until('seen again', async () => (await value(on, `${up} and timestamp(${up}) > ${since}`)) === 1);
  process.stderr.write(`${name}: killed and seen again after ${((Date.now() - killed) / 1000).toFixed(1)} s\n`);
});

withStack('what was halted stays so until it is started', async (stack) => {
  const service = stack.service('pgbouncer');
  const restarts = service.restarts;
  await service.halt();
  await until('down', async () => (await value(stack, 'pgbouncer_up')) === 0);
  expect(isAlive(service.pid)).toBe(false);
  await service.start();
  await until('up again', async () => (await value(stack, 'pgbouncer_up')) === 1);
  expect(service.restarts).toBe(restarts);
});

withStack('nothing stays behind', async (stack) => {
  const pids = [...stack.services.values()].map(({ pid }) => pid);
  const folder = dirname(dirname(stack.secretFile('ca.crt')));
  expect(existsSync(folder)).toBe(true);
  await stack.stop();
  expect(pids.filter(isAlive)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});
