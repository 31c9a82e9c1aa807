/** A target with a state database, and `pgvigil bench` as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  freePort,
  type PgBouncerServer,
  type PostgresMajor,
  type PostgresServer,
  startPgBouncer,
  startPostgres,
} from '../../../../demo/servers/index.ts';
import { CREATE_MONITOR } from '../../support/database.ts';
import { prepareState } from '../../support/state.ts';

const BIN = join(import.meta.dirname, '../../../src/bin.ts');

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface Bench {
  readonly server: PostgresServer;
  readonly bouncer: PgBouncerServer;
  /** Of `pgvigil.yml`. */
  readonly config: string;
  /** Where `file` puts workloads. */
  readonly workloads: string;
  /** Writes a workload file. @returns its path. */
  file(name: string, content: object): string;
  /** `pgvigil bench …` with the configuration of this target, which is called `music`. */
  start(command: string, ...args: readonly string[]): Started;
  run(command: string, ...args: readonly string[]): Promise<Ended>;
  /** `pgvigil serve`. */
  serve(): Promise<Started>;
  /** What runs may change, and must take back. */
  fingerprint(): Promise<unknown>;
  stop(): Promise<void>;
}

/** As docs/benchmarks.md lists them. Before PostgreSQL 15 only a superuser may ALTER SYSTEM. */
const GRANTS = [
  'grant alter system on parameter work_mem, autovacuum_naptime to maintainer',
  'grant execute on function pg_reload_conf(), pg_show_all_file_settings() to maintainer',
  'grant select on pg_file_settings to maintainer',
  'grant create on schema public to maintainer',
];

async function configOf(bouncer: PgBouncerServer): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: bouncer.url() });
  await client.connect();
  const { rows } = await client.query<{ key: string; value: string }>('SHOW CONFIG');
  await client.end();
  return rows.map(({ key, value }) => [key, value]);
}

/** Table `t` with 1,000 rows; the load's login may only read and change it. */
export async function startBench(major: PostgresMajor): Promise<Bench> {
  const server = await startPostgres({ major });
  await server.query(`${CREATE_MONITOR}; create role maintainer login; create role loader login`);
  for (const grant of major === 14 ? ['alter role maintainer superuser'] : GRANTS) await server.query(grant);
  await server.query('create extension pg_stat_statements');
  await server.query('create table t (id int primary key, n int not null, filler text)');
  await server.query("insert into t select g, g % 10, repeat('x', 100) from generate_series(1, 1000) g");
  await server.query('alter table t owner to maintainer');
  // Whose rights the maintainer has only while it is him: from 16 on that is said with the grant.
  await server.query(
    'create role keeper; create table u (n int); alter table u owner to keeper; grant create on schema public to keeper',
  );
  await server.query(`grant keeper to maintainer${major >= 16 ? ' with inherit false, set true' : ''}`);
  await server.query('grant select, insert, update, delete on t to loader; grant create on schema public to loader');
  const bouncer = await startPgBouncer({
    version: 'any',
    databases: { '*': `host=127.0.0.1 port=${server.port}` },
    users: { postgres: '', loader: '' },
    authType: 'trust',
    settings: { pool_mode: 'transaction', default_pool_size: '4' },
  });
  const { runtime } = await prepareState(server);
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-bench-'));
  const workloads = join(folder, 'workloads');
  mkdirSync(workloads);
  const file = join(folder, 'pgvigil.yml');
  const dsn = (user: string): string => server.url('postgres', user);
  const config = JSON.stringify({
    state: { url: runtime },
    targets: [
      {
        name: 'music',
        postgres: dsn('monitor'),
        maintenance: dsn('maintainer'),
        load: dsn('loader'),
        pgbouncer: bouncer.url(),
        benchmark: 'allowed',
      },
      { name: 'other', postgres: dsn('monitor'), maintenance: dsn('maintainer') },
    ],
  });
  writeFileSync(file, config, { mode: 0o600 });
  const program = (argv: readonly string[]) => {
    const child = spawn(process.execPath, [BIN, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject).on('close', (status) => resolve({ status, out, err }));
    });
    return { process: child, ended };
  };
  const start = (command: string, ...rest: readonly string[]) =>
    program(['bench', command, '--config.file', file, ...rest]);
  return {
    server,
    bouncer,
    config,
    workloads,
    file(name, content) {
      const path = join(workloads, `${name}.yml`);
      writeFileSync(path, JSON.stringify({ id: name, title: name, description: 'of a test', ...content }));
      return path;
    },
    start,
    run: (command, ...args) => start(command, ...args).ended,
    serve: async () => program(['serve', '--config.file', file, `--web.listen-address=127.0.0.1:${await freePort()}`]),
    fingerprint: async () => ({
      auto: (await readFile(join(server.dataDir, 'postgresql.auto.conf'), 'utf8')).split('\n').sort(),
      settings: await server.query(
        "select name, setting from pg_settings where source not in ('client', 'session') order by name",
      ),
      indexes: await server.query('select indexrelid::regclass::text as name from pg_index order by 1'),
      tables: await server.query("select relname, reloptions from pg_class where relkind = 'r' order by relname"),
      pooler: await configOf(bouncer),
    }),
    async stop() {
      await bouncer.stop();
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
