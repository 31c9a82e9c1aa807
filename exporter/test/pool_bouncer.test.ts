/** The client pool through PgBouncer in transaction mode, where a setting of the session would be somebody else's too. */
import type pg from 'pg';
import {
  type PgBouncerServer,
  type PostgresServer,
  ServerUnavailable,
  startPgBouncer,
  startPostgres,
} from '../../demo/servers/index.ts';
import { parseDsn } from '../src/config/dsn.ts';
import { type ClientPool, openPool } from '../src/db/pool.ts';
import { until } from './support/database.ts';

const KINDS = [
  { name: 'refuses settings', ignore: 'extra_float_digits' },
  { name: 'drops settings', ignore: 'extra_float_digits,idle_in_transaction_session_timeout,statement_timeout' },
];

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await server.query('create table t (id int primary key, n int not null)');
  await server.query('insert into t select g, 0 from generate_series(1, 100) g');
});
afterAll(() => server?.stop());

const SETTINGS = `select current_setting('idle_in_transaction_session_timeout') as idle,
                         current_setting('statement_timeout') as statement`;
const settings = async (client: pg.ClientBase) =>
  (await client.query<{ idle: string; statement: string }>(SETTINGS)).rows[0];
const timeouts = { idleInTransactionTimeoutMs: 700, statementTimeoutMs: 4000 };
const dsn = (url: string) => parseDsn(`${url}?sslmode=disable`, { env: {} });

test('on PostgreSQL itself the timeouts are the session’s', async () => {
  const pool = await openPool(dsn(server.url()), timeouts);
  expect(await pool.use(settings)).toEqual({ idle: '700ms', statement: '4s' });
  expect(await pool.transaction(settings)).toEqual({ idle: '700ms', statement: '4s' });
  await pool.end();
});

describe.each(['debian12', 'newer'] as const)('PgBouncer (%s)', (version) => {
  describe.each(KINDS)('that $name', ({ ignore }) => {
    let bouncer: PgBouncerServer | undefined;
    let pool: ClientPool;

    beforeAll(async () => {
      try {
        bouncer = await startPgBouncer({
          version,
          databases: { '*': `host=127.0.0.1 port=${server.port}` },
          settings: { pool_mode: 'transaction', default_pool_size: '4', ignore_startup_parameters: ignore },
        });
      } catch (error) {
        if (!(error instanceof ServerUnavailable)) throw error;
        process.stderr.write(`skipped: ${error.message}\n`);
        return;
      }
      pool = await openPool(dsn(bouncer.url('postgres')), timeouts);
    });
    afterAll(async () => {
      await pool?.end();
      await bouncer?.stop();
    });
    const withPool = (name: string, body: () => Promise<void>): void =>
      test(name, async () => {
        if (bouncer) await body();
      });

    withPool('the timeouts hold in each transaction and stay on no connection', async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => pool.transaction(settings)));
      for (const found of all) expect(found).toEqual({ idle: '700ms', statement: '4s' });
      const afterwards = await Promise.all(Array.from({ length: 20 }, () => pool.use(settings)));
      for (const found of afterwards) expect(found).toEqual({ idle: '0', statement: '0' });
    });

    withPool('a forgotten transaction ends, and the next caller notices nothing', async () => {
      const forgotten = pool.transaction(async (client) => {
        await client.query('update t set n = 1 where id = 1');
        await new Promise((resolve) => setTimeout(resolve, 1500));
        await client.query('select 1');
      });
      await expect(forgotten).rejects.toThrow(/idle-in-transaction timeout|server closed|server conn crashed/);
      expect(await server.query('select n from t where id = 1')).toEqual([{ n: 0 }]);
      await pool.transaction(settings);
    });

    withPool('killing every server connection fails no checkout', async () => {
      let done = 0;
      let running = true;
      const lost: string[] = [];
      const worker = async (id: number): Promise<void> => {
        while (running) {
          const work = (client: pg.ClientBase) => client.query('update t set n = n + 1 where id = $1', [id]);
          await pool.use(work).then(
            () => done++,
            (error: Error) => lost.push(error.message),
          );
        }
      };
      const workers = Array.from({ length: 60 }, (_, n) => worker(n + 10));
      let killed = 0;
      try {
        for (let round = 0; round < 4; round++) {
          const before = done;
          await until('work goes on', () => done > before + 200, 60);
          const sql =
            "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
          killed += (await server.query(sql)).length;
        }
        const before = done;
        await until('work goes on', () => done > before + 200, 60);
      } finally {
        running = false;
        await Promise.all(workers);
      }
      expect(pool.statistics().failedCheckouts).toBe(0);
      expect(killed).toBeGreaterThan(4);
      expect(lost.length).toBeLessThanOrEqual(killed);
    });
  });
});
