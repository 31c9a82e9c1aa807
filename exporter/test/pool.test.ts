/** The client pool on a real server that is killed, restarted, cut off and kept busy. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import type pg from 'pg';
import { type PostgresServer, startPostgres } from '../../demo/servers/index.ts';
import { parseDsn } from '../src/config/dsn.ts';
import { type ClientPool, openPool } from '../src/db/pool.ts';
import type { PoolOptions } from '../src/db/pool_options.ts';
import { until } from './support/database.ts';
import { type Proxy, startProxy } from './support/proxy.ts';

let server: PostgresServer;
const pools: ClientPool[] = [];

beforeAll(async () => {
  server = await startPostgres({
    hba: 'host all careful 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust',
    settings: { max_connections: '200' },
  });
  await server.query('create table t (id int primary key, n int not null)');
  await server.query('insert into t select g, 0 from generate_series(1, 100) g');
});
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.end(0))));
afterAll(() => server?.stop());

const dsn = (url = server.url()) => parseDsn(`${url}?sslmode=disable&connect_timeout=2`, { env: {} });

async function open(options: Partial<PoolOptions> = {}, url?: string): Promise<ClientPool> {
  const pool = await openPool(dsn(url), { applicationName: 'pool', ...options });
  pools.push(pool);
  return pool;
}

const pidOf = (client: pg.ClientBase): number => (client as unknown as { processID: number }).processID;
const one = (client: pg.ClientBase) => client.query('select 1');

/** Holds `count` connections at once, so that there are as many. @returns their backends. */
async function warm(pool: ClientPool, count: number): Promise<number[]> {
  const all = Promise.withResolvers<void>();
  const pids: number[] = [];
  const hold = async (client: pg.ClientBase): Promise<void> => {
    if (pids.push(pidOf(client)) === count) all.resolve();
    await all.promise;
  };
  await Promise.all(Array.from({ length: count }, () => pool.use(hold)));
  return pids;
}

const killAll = async (): Promise<number> => {
  const sql = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool'";
  return (await server.query(sql)).length;
};

test('killing every backend under load fails no checkout', async () => {
  const pool = await open();
  const errors = { checkout: [] as unknown[], statement: 0 };
  let done = 0;
  let running = true;
  const worker = async (n: number): Promise<void> => {
    while (running) {
      let checkedOut = false;
      const work = async (client: pg.ClientBase): Promise<void> => {
        checkedOut = true;
        await client.query('update t set n = n + 1 where id = $1', [n]);
      };
      try {
        await (n % 2 ? pool.use(work) : pool.transaction(work));
        done++;
      } catch (error) {
        if (checkedOut || n % 2 === 0) errors.statement++;
        else errors.checkout.push(error);
      }
    }
  };
  const workers = Array.from({ length: 60 }, (_, n) => worker(n + 1));
  let killed = 0;
  try {
    for (let round = 0; round < 6; round++) {
      const before = done;
      await until('all are at work', () => done > before + 200 && pool.statistics().open > 50, 60);
      killed += await killAll();
    }
    const before = done;
    await until('work goes on', () => done > before + 200, 60);
  } finally {
    running = false;
    await Promise.all(workers);
  }

  expect(errors.checkout).toEqual([]);
  expect(pool.statistics()).toMatchObject({ failedCheckouts: 0, waiting: 0, checkedOut: 0 });
  // What a dying backend was doing is lost; nothing else is.
  expect(killed).toBeGreaterThan(250);
  expect(errors.statement).toBeLessThanOrEqual(killed);
  expect(pool.statistics().created).toBeGreaterThan(killed);
});

describe('a connection that died unnoticed', () => {
  /** The backends end while this process sees nothing of it. */
  async function killUnseen(pool: ClientPool): Promise<void> {
    for (const pid of await warm(pool, 5)) process.kill(pid, 'SIGTERM');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  }

  test('is replaced before it is handed out', async () => {
    const pool = await open({ size: 5 });
    await killUnseen(pool);
    await Promise.all(Array.from({ length: 5 }, () => pool.use(one)));
    expect(pool.statistics()).toMatchObject({ failedPings: 5, created: 10, failedCheckouts: 0 });
  });

  test('is the caller’s problem without pre-ping', async () => {
    const pool = await open({ size: 5, prePing: false });
    await killUnseen(pool);
    await expect(pool.use(one)).rejects.toThrow('terminating connection');
    expect(pool.statistics().failedPings).toBe(0);
  });

  test('costs one ping when the network was cut, not one for each', async () => {
    const proxy = await startProxy({ host: '127.0.0.1', port: server.port });
    try {
      const pool = await open({ size: 5, pingTimeoutMs: 300 }, urlOf(proxy));
      await warm(pool, 5);
      proxy.cut();
      proxy.mend();
      await pool.use(one);
      expect(pool.statistics()).toMatchObject({ failedPings: 1, created: 6, open: 1, failedCheckouts: 0 });
    } finally {
      await proxy.stop();
    }
  });
});

const urlOf = (proxy: Proxy): string => server.url().replace(`:${server.port}`, `:${proxy.port}`);

describe('a server that is away', () => {
  test('for a moment: callers wait', async () => {
    const pool = await open({ size: 5, checkoutTimeoutMs: 20_000 });
    await warm(pool, 5);
    const restarted = server.restart('immediate');
    await until('the backends are gone', () => pool.statistics().lost >= 5);
    await Promise.all(Array.from({ length: 8 }, () => pool.use(one)));
    await restarted;
    expect(pool.statistics().failedCheckouts).toBe(0);
  });

  test('for longer: the error says so', async () => {
    const proxy = await startProxy({ host: '127.0.0.1', port: server.port });
    const pool = await open({ checkoutTimeoutMs: 500 }, urlOf(proxy));
    await pool.use(one);
    await proxy.stop();
    await expect(pool.use(one)).rejects.toThrow(/^no connection within 500 ms: connection refused/);
    await expect(pool.use(one)).rejects.toMatchObject({ reason: 'refused' });
    expect(pool.statistics()).toMatchObject({ failedCheckouts: 2, checkedOut: 0, waiting: 0 });
  });
});

test('overflow is opened, refused beyond its limit, and closed when idle', async () => {
  const pool = await open({ size: 2, overflow: 3, overflowIdleMs: 300, checkoutTimeoutMs: 200 });
  const release = Promise.withResolvers<void>();
  const held = Array.from({ length: 5 }, () => pool.use(() => release.promise));
  await until('five are out', () => pool.statistics().open === 5);
  await expect(pool.use(one)).rejects.toThrow('5 of 5 are in use, callers waiting: 1');
  release.resolve();
  await Promise.all(held);
  expect(pool.statistics().idle).toBe(5);
  await until('the overflow is closed', () => pool.statistics().open === 2);
  expect((await server.query("select 1 from pg_stat_activity where application_name = 'pool'")).length).toBe(2);
});

test('a connection is replaced at its age, used or not, but never under somebody', async () => {
  const pool = await open({ size: 2, recycleSeconds: 1 });
  const [idle] = await warm(pool, 2);
  const before = await pool.use(async (client) => {
    const first = pidOf(client);
    await setTimeout(1500);
    await one(client);
    return first;
  });
  await until('both are closed', () => pool.statistics().recycled === 2);
  const after = await warm(pool, 2);
  expect(after).not.toContain(idle);
  expect(after).not.toContain(before);
  expect(pool.statistics().lost).toBe(0);
});

test('the server ends a transaction that somebody forgot, and the pool goes on', async () => {
  const pool = await open({ size: 1, overflow: 0, idleInTransactionTimeoutMs: 200 });
  const forgotten = pool.transaction(async (client) => {
    await client.query('update t set n = -1 where id = 100');
    await setTimeout(1500);
    await one(client);
  });
  await expect(forgotten).rejects.toThrow('terminating connection due to idle-in-transaction timeout');
  const { rows } = await pool.use((client) => client.query<{ n: number }>('select n from t where id = 100'));
  expect(rows).not.toEqual([{ n: -1 }]);
  expect(pool.statistics()).toMatchObject({ lost: 1, created: 2, failedCheckouts: 0 });
});

test('callers are served in the order in which they came, whatever dies meanwhile', async () => {
  const pool = await open({ size: 1, overflow: 0 });
  const served: number[] = [];
  const callers = Array.from({ length: 30 }, (_, n) =>
    pool.use((client) => {
      served.push(n);
      if (n % 3 === 0) process.kill(pidOf(client), 'SIGTERM');
      return Promise.resolve();
    }),
  );
  await Promise.all(callers);
  expect(served).toEqual(Array.from({ length: 30 }, (_, n) => n));
});

describe('a transaction', () => {
  test('commits, rolls back, and does not call a rollback a success', async () => {
    const pool = await open({ size: 1, overflow: 0 });
    const set = (client: pg.ClientBase, n: number) => client.query('update t set n = $1 where id = 99', [n]);
    const value = async () => (await server.query('select n from t where id = 99'))[0].n;

    expect(await pool.transaction(async (client) => (await set(client, 1)).rowCount)).toBe(1);
    expect(await value()).toBe(1);
    const thrown = pool.transaction(async (client) => {
      await set(client, 2);
      throw new Error('changed my mind');
    });
    await expect(thrown).rejects.toThrow('changed my mind');
    const swallowed = pool.transaction(async (client) => {
      await set(client, 3);
      await client.query('select 1 / 0').catch(() => {});
    });
    await expect(swallowed).rejects.toThrow('nothing was committed');
    expect(await value()).toBe(1);
    expect(pool.statistics()).toMatchObject({ created: 1, checkedOut: 0 });
  });

  test('left open by its caller ends with its connection', async () => {
    const pool = await open({ size: 1, overflow: 0 });
    await pool.use((client) => client.query('begin; update t set n = 7 where id = 98'));
    const { rows } = await pool.use((client) => client.query('select n from t where id = 98 for update'));
    expect(rows).toEqual([{ n: 0 }]);
    expect(pool.statistics().created).toBe(2);
  });
});

describe('the end', () => {
  test('turns callers away, waits for those at work, then ends what they do', async () => {
    const pool = await open({ size: 1, overflow: 0 });
    let finished = false;
    const working = pool.use(async (client) => {
      await client.query('select pg_sleep(0.5)');
      finished = true;
    });
    const waiting = expect(pool.use(one)).rejects.toThrow('the pool is closed');
    await until('one is at work', () => pool.statistics().idle === 0 && pool.statistics().created === 1);
    await pool.end();
    expect(finished).toBe(true);
    await Promise.all([working, waiting, expect(pool.use(one)).rejects.toThrow('the pool is closed')]);
  });

  test('comes even when somebody never gives back', async () => {
    const pool = await open({ size: 2 });
    const stuck = expect(pool.use((client) => client.query('select pg_sleep(60)'))).rejects.toThrow();
    let holds = false;
    void pool.use(() => {
      holds = true;
      return new Promise(() => {});
    });
    await until('both are at work', () => holds && pool.statistics().checkouts === 2);
    await pool.end(100);
    await stuck;
    expect(pool.statistics()).toMatchObject({ open: 0, checkedOut: 0 });
  });
});

describe('secrets', () => {
  let directory: string;
  let file: string;
  const careful = () => ({ ...dsn(server.url('postgres', 'careful')), passwordFile: file });
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'pgvigil-pool-'));
    file = join(directory, 'password');
    await server.query("create role careful login password 'Old-Secret'");
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('a password that is renewed needs no restart, and a wrong one is no reason to wait', async () => {
    writeFileSync(file, 'Old-Secret\n');
    const pool = await openPool(careful(), { applicationName: 'pool' });
    pools.push(pool);
    await pool.use(one);
    expect(inspect(pool, { depth: 20, showHidden: true })).not.toContain('Old-Secret');

    await server.query("alter role careful password 'New-Secret'");
    await killAll();
    await until('it is gone', () => pool.statistics().lost === 1);
    const error = await pool.use(one).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: 'authentication' });
    expect(inspect(error, { depth: 20 })).not.toContain('Secret');
    writeFileSync(file, 'New-Secret\n');
    await pool.use(one);

    rmSync(file);
    // The one that is open still works; whoever needs another is told why there is none.
    const [open, other] = await Promise.allSettled([pool.use(one), pool.use(one)]);
    expect([open.status, other.status]).toEqual(['fulfilled', 'rejected']);
    expect(String((other as PromiseRejectedResult).reason)).toContain(`cannot read the password file ${file} (ENOENT)`);
    expect(pool.statistics().checkedOut).toBe(0);
  });
});

test.each([
  [{ size: 0 }, 'pool: size is 0; give a whole number from 1 to 10000'],
  [{ recycleSeconds: 1.5 }, 'pool: recycleSeconds is 1.5'],
  [{ checkoutTimeoutMs: NaN }, 'pool: checkoutTimeoutMs is NaN'],
])('a wrong option is named: %j', async (options, message) => {
  await expect(openPool(dsn(), options)).rejects.toThrow(message);
});
