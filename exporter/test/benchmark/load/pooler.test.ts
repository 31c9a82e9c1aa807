/** The load generator through PgBouncer in transaction mode: the old one, and one that keeps prepared statements. */
import {
  type PgBouncerServer,
  type PostgresServer,
  ServerUnavailable,
  startPgBouncer,
  startPostgres,
} from '../../../../demo/servers/index.ts';
import { LoadGenerator } from '../../../src/benchmark/load/generator.ts';
import { until } from '../../support/database.ts';
import { planOf, statement, withLoad } from './support.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await server.query('create table t (id int primary key, n int not null)');
  await server.query('insert into t select g, 0 from generate_series(1, 10) g');
});
afterAll(() => server?.stop());

const find = { sql: 'select n from t where id = $1', parameters: [{ kind: 'uniform' as const, from: 1, to: 10 }] };
const KINDS = [
  { version: 'debian12', name: 'that refuses settings', prepared: false, settings: {} },
  { version: 'newer', name: 'that drops settings', prepared: true, settings: { ignore_startup_parameters: 'options' } },
  {
    version: 'newer',
    name: 'without prepared statements',
    prepared: false,
    settings: { max_prepared_statements: '0' },
  },
] as const;

describe.each(KINDS)('PgBouncer ($version) $name', ({ version, prepared, settings }) => {
  let bouncer: PgBouncerServer | undefined;
  beforeAll(async () => {
    try {
      bouncer = await startPgBouncer({
        version,
        databases: { '*': `host=127.0.0.1 port=${server.port}` },
        // Fewer sessions than clients: each client gets the session of another.
        settings: {
          pool_mode: 'transaction',
          default_pool_size: '2',
          ...(prepared && { max_prepared_statements: '50' }),
          ...settings,
        },
      });
    } catch (error) {
      if (!(error instanceof ServerUnavailable)) throw error;
      process.stderr.write(`skipped: ${error.message}\n`);
    }
  });
  afterAll(() => bouncer?.stop());
  const withBouncer = (name: string, body: (url: string) => Promise<void>): void =>
    test(name, async () => {
      if (bouncer) await body(bouncer.url('postgres'));
    });

  withBouncer('statements and transactions run, prepared where the pooler keeps them', async (url) => {
    const statements = [
      statement('find', find),
      statement('both', find, 'update t set n = n + 1 where id = 1'),
      statement('marked', "select from pg_stat_activity where pid = pg_backend_pid() and query ^@ '/* after */'"),
    ];
    const arms = ['before', 'after'].map((name) => ({ name, session: {} }));
    await withLoad(planOf(url, { statements, clients: 6, arms }), async (load) => {
      expect(load.sessions).toEqual({ before: { pooled: true, prepared }, after: { pooled: true, prepared } });
      for (const arm of ['before', 'after']) {
        const { find, both, marked } = (await load.run({ arm, seed: 1, until: { count: 100 } })).statements;
        expect([find.errors, both.errors, marked.errors]).toEqual([{}, {}, {}]);
        expect(find.count + both.count + marked.count).toBe(100);
        // The pooler prepares a text once for all clients: the arms' differ, or one would have the plans of the other.
        expect(marked.count).toBeGreaterThan(0);
        expect(marked.rows).toBe(arm === 'after' ? marked.count : 0);
      }
    });
  });

  withBouncer('a setting that the pooler does not keep is refused with its name and a cure', async (url) => {
    const arms = [{ name: 'before', session: { work_mem: '5MB' } }];
    const plan = planOf(url, { statements: [statement('find', find)], arms });
    await expect(LoadGenerator.open(plan)).rejects.toMatchObject({
      reason: 'unsupported',
      message: expect.stringMatching(/work_mem[^]*Cure: .*settings:.*through: direct/) as string,
    });
  });

  withBouncer('a setting that the pooler keeps for each client is in force', async (url) => {
    // Since 1.20 in the startup packet's options, where they are not ignored.
    if (version === 'debian12' || 'ignore_startup_parameters' in settings) return;
    const statements = [statement('zone', "select 1 where current_setting('TimeZone') = 'Asia/Tokyo'")];
    const arms = [{ name: 'run', session: { timezone: 'asia/tokyo' } }];
    await withLoad(planOf(url, { statements, arms, clients: 4 }), async (load) => {
      const { zone } = (await load.run({ arm: 'run', seed: 1, until: { count: 40 } })).statements;
      expect([zone.count, zone.rows]).toEqual([40, 40]);
    });
  });

  withBouncer('stopped at once: nothing runs behind the pooler either', async (url) => {
    const active = () =>
      server.query(
        "select from pg_stat_activity where query like '%pg_sleep(600)%' and state = 'active' and pid <> pg_backend_pid()",
      );
    await withLoad(planOf(url, { statements: [statement('long', 'select pg_sleep(600)')] }), async (load) => {
      const stop = new AbortController();
      const run = load.run({ arm: 'run', seed: 1, until: { seconds: 600 } }, { signal: stop.signal });
      run.catch(() => {});
      await until('both sleep', async () => (await active()).length === 2);
      stop.abort();
      await expect(run).rejects.toThrow();
      expect(await active()).toEqual([]);
    });
  });

  withBouncer('no server sets a timeout here: the load cancels what takes too long', async (url) => {
    const plan = planOf(url, { statements: [statement('long', 'select pg_sleep(600)')], statementTimeoutMs: 200 });
    const { statements } = await withLoad(plan, (load) => load.run({ arm: 'run', seed: 1, until: { count: 2 } }));
    expect(statements.long.errors).toEqual({ 57014: 2 });
  });
});
