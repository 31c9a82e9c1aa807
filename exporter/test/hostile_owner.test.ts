/** The owner of a database sets a search_path for all who connect to it: nothing of pgvigil's may find their functions. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type PostgresServer, startPostgres } from '../../demo/servers/index.ts';
import { collectors } from '../src/collectors/index.ts';
import { parseDsn } from '../src/config/dsn.ts';
import { Connected, RunContext } from '../src/metrics/connected.ts';
import { type ApiExporter, call, startApi } from './support/api.ts';
import { openSession, until } from './support/database.ts';
import { pgvigil } from './support/state.ts';
import { caught, setTraps } from './support/traps.ts';

const DATABASE = 'shop';
const BIN = join(import.meta.dirname, '../src/bin.ts');
const OFF = collectors
  .filter(({ source, enabled }) => source === 'postgres' && enabled === false)
  .map(({ name }) => name);

/** A query of the user's own says with which path it runs. */
const CONFIG = `
functions:
  - name: mine
    sql: select (current_setting('search_path') = '"$user", public')::int as fits
    columns: { fits: { type: gauge, help: 'Whether the path is the server’s.' } }
`;

describe.each([14, 18] as const)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  const url = (user: string): string => server.url(DATABASE, user);
  const env = (): Record<string, string> => ({ DATA_SOURCE_NAME: url('monitor'), PGVIGIL_STATE_URL: url('keeper') });

  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query(`
      create role villain login; create role admin superuser login;
      create role monitor login; grant pg_monitor, pg_read_all_data to monitor;
      create role keeper login; create role operator login; grant pg_monitor, pg_signal_backend to operator`);
    await server.query(`create database ${DATABASE} owner villain`);
    await server.query(
      'create extension pg_stat_statements; create extension pgstattuple; create extension pg_buffercache',
      DATABASE,
    );
    await server.query(
      'create schema plain; create table plain.thing as select 1 as id; grant usage on schema plain to monitor',
      DATABASE,
    );
    await setTraps(server, DATABASE, 'villain');
    await server.query(`
      alter database ${DATABASE} set search_path = evil, pg_catalog;
      alter role keeper set search_path = evil, pg_catalog; alter role operator set search_path = evil, pg_catalog`);
  });
  afterAll(() => server?.stop());

  it('the traps work', async () => {
    const careless = await openSession(url('monitor'));
    await careless.query("select count(*) from pg_class where relname = 'pg_class'");
    await careless.end();
    await until('the log', async () => (await caught(server)).length > 0);
    expect((await caught(server))[0]).toMatch(/ by monitor \(test\)$/);
  });

  const ours = async (): Promise<string[]> => (await caught(server)).filter((line) => !line.endsWith('(test)'));

  it('commands step into none, as a superuser', async () => {
    const db = ['--db', url('admin')];
    expect(await pgvigil('sql', 'install', ...db)).toMatchObject({ status: 0 });
    expect(await pgvigil('sql', 'status', ...db)).toMatchObject({ status: 0 });
    expect(await pgvigil('partitions', 'status', ...db)).toMatchObject({ status: 0 });
    expect(await pgvigil('partitions', 'create', ...db)).toMatchObject({ status: 0 });
    expect(await pgvigil('partitions', 'detach', ...db)).toMatchObject({ status: 0 });
    const state = ['--state', url('admin')];
    expect(await pgvigil('state', 'migrate', ...state, '--runtime-role', 'keeper')).toMatchObject({ status: 0 });
    expect(await pgvigil('state', 'status', ...state)).toMatchObject({ status: 0 });
    expect(await ours()).toEqual([]);
  });

  (major === 18 ? it : it.skip)('nor does the sample', async () => {
    const loaded = await pgvigil('sample', 'load', '--db', url('admin'), '--size', '100', '--sample', 'musicdb');
    expect(loaded.text).toContain('musicdb');
    expect(loaded.status).toBe(0);
    expect(await ours()).toEqual([]);
  });

  it('pgvigil check steps into none', async () => {
    const { stdout } = spawnSync(process.execPath, [BIN, 'check', ...OFF.map((name) => `--collector.${name}`)], {
      env: { ...process.env, HOME: '/nowhere', ...env() },
      encoding: 'utf8',
    });
    expect(stdout).toContain(`PostgreSQL ${major}`);
    expect(await ours()).toEqual([]);
  });

  it('nor do metrics, history, pages and plans', async () => {
    await server.query('grant pgvigil_monitor to monitor');
    const exporter = await startApi({
      env: env(),
      config: CONFIG,
      args: [
        ...OFF.map((name) => `--collector.${name}`),
        '--history.interval=1s',
        `--maintenance.connection-string=user=operator`,
      ],
    });
    try {
      await until('all collectors', async () => {
        const { samples } = await exporter.scrape('/metrics', { timeoutSeconds: 30 });
        expect(samples.value('mine_fits')).toBe(1);
        return samples.sum('pg_scrape_collector_success') >= samples.series('pg_scrape_collector_success').length;
      });
      await openPages(exporter);
    } finally {
      await exporter.stop();
    }
    expect(await ours()).toEqual([]);
  });

  it('queries of the user have the path that their login was given, and never the database’s', async () => {
    const context = new RunContext({ labelsOf: () => ({}), budgetOf: () => undefined });
    const pathOf = async (user: string): Promise<string> => {
      const dsn = parseDsn(url(user), { env: {} });
      const connected = await Connected.open(dsn, { statementTimeoutMs: 30_000, lockTimeoutMs: 100 }, context);
      await connected.close();
      return connected.facts.userPath;
    };
    expect(await pathOf('monitor')).toBe('"$user", public');
    expect(await pathOf('operator')).toBe('evil, pg_catalog');
  });

  it('a superuser reads and installs nothing where the owner of the database was first', async () => {
    await server.query('create database planted owner villain');
    const villain = await openSession(server.url('planted', 'villain'));
    await villain.query(`
      create schema pgvigil; create schema pgvigil_state; create schema pgvigil_queue;
      create function pgvigil.spy() returns text language plpgsql as $$ begin raise 'RAN AS %', session_user; end $$;
      create view pgvigil.installed_file as select pgvigil.spy() as bundle, '' as file;
      create view pgvigil_state.installed_file as select pgvigil.spy() as bundle, '' as file;
      create table pgvigil.installed_object (); create table pgvigil_state.installed_object ()`);
    await villain.end();
    const admin = server.url('planted', 'admin');
    const answers = [
      await pgvigil('sql', 'status', '--db', admin),
      await pgvigil('sql', 'install', '--db', admin),
      await pgvigil('sql', 'uninstall', '--yes', '--db', admin),
      await pgvigil('state', 'migrate', '--state', admin),
      await pgvigil('state', 'status', '--state', admin),
    ];
    expect(answers.map(({ status }) => status)).toEqual([1, 1, 1, 1, 1]);
    expect(answers[0].text).toContain('pgvigil.installed_file is no table of pgvigil');
    for (const { text } of answers.slice(1))
      expect(text).toMatch(/schema pgvigil(_\w+)? is there already and belongs to villain/);
    expect(answers.map(({ text }) => text).join()).not.toContain('RAN AS');
  });

  /** Statements of a user with an ordinary path, for the history to have. */
  async function workload(): Promise<void> {
    const client = await openSession(url('monitor'), { options: '-c search_path=pg_catalog,plain' });
    await client.query('select id from thing where id = 1');
    await client.end();
  }

  async function openPages(exporter: ApiExporter): Promise<void> {
    const of = { database: DATABASE };
    let queryId = '';
    await until('the statement in the history', async () => {
      // What ran before the first point is of no window.
      await workload();
      const { body } = await call(exporter, 'GET /api/v1/database/slow-queries', {
        query: { ...of, search: 'from thing where' },
      });
      queryId = body?.items[0]?.queryId ?? '';
      return queryId !== '';
    });
    const query = { ...of, user: 'monitor' };
    const answers = [
      await call(exporter, 'GET /api/v1/targets'),
      await call(exporter, 'GET /api/v1/status'),
      await call(exporter, 'GET /api/v1/database/health-check'),
      await call(exporter, 'GET /api/v1/database/metrics'),
      await call(exporter, 'GET /api/v1/activity', { query: of }),
      await call(exporter, 'GET /api/v1/maintenance', { query: of }),
      await call(exporter, 'GET /api/v1/objects', { query: { ...of, kind: 'table' } }),
      await call(exporter, 'GET /api/v1/jobs'),
      await call(exporter, 'GET /api/v1/audit'),
      await call(exporter, 'GET /api/v1/queries/:queryId', { params: { queryId }, query }),
      await call(exporter, 'GET /api/v1/queries/:queryId/index-candidates', { params: { queryId }, query }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await call(exporter, 'GET /api/v1/queries/:queryId/plan', { params: { queryId }, query });
    await call(exporter, 'GET /api/v1/queries/:queryId/parameters', { params: { queryId }, query });
  }
});
