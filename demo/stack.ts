/** Everything that a user of pgvigil has, on this machine: the demo shows it, the tests of the pages drive it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildPlugin } from '../.ci/plugin.ts';
import { type RunningPreview, startPreview } from '../plugin/preview/server.ts';
import { type ExporterOptions, startExporter, type RunningExporter } from './exporter.ts';
import { startLoad } from './load.ts';
import { createMusicDb } from './musicdb.ts';
import { createLogins, LOGINS } from './roles.ts';
import { makeSecrets, type Secrets } from './secrets.ts';
import { freePort, type PgBouncerServer, type PostgresServer, startPgBouncer, startPostgres } from './servers/index.ts';

export interface StackOptions {
  /** Whether MusicDB is worked in. */
  readonly load: boolean;
  /** Seconds between two snapshots of the statements. */
  readonly historySeconds: number;
  /** Taken where they are free, else the next free ones. */
  readonly usualPorts: boolean;
}

export interface Stack {
  readonly postgres: PostgresServer;
  readonly bouncer: PgBouncerServer;
  readonly exporter: RunningExporter;
  /** How it was started. */
  readonly exporterOptions: ExporterOptions;
  /** What the exporter takes from Grafana. */
  readonly secrets: Pick<Secrets, 'read' | 'write'>;
  readonly preview: RunningPreview;
  /** Harmless when repeated. */
  stop(): Promise<void>;
}

/** What somebody who looks after MusicDB would put on a dashboard. */
export const PANEL_OPTIONS = {
  'pgvigil-actions-panel': { objects: ['musicdb.tracks', 'musicdb.albums', 'musicdb.ingestion_log'] },
};

/** @throws ServerUnavailable where this machine has no PgBouncer; whatever was started by then is ended. */
export async function startStack({ load, historySeconds, usualPorts }: StackOptions): Promise<Stack> {
  const closers: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  const port = (usual: number): Promise<number> => freePort(usualPorts ? usual : undefined);
  try {
    const postgres = await startPostgres({
      major: 18,
      port: await port(5432),
      settings: { track_io_timing: 'on', track_functions: 'pl', max_prepared_transactions: '5' },
    });
    closers.push(() => postgres.stop());
    await createMusicDb(postgres);
    await createLogins(postgres);
    await createState(postgres);
    const bouncer = await startPgBouncer({
      version: 'any',
      port: await port(6432),
      databases: { '*': `host=127.0.0.1 port=${postgres.port}` },
      users: { postgres: '', [LOGINS.shop]: '' },
      authType: 'trust',
      settings: { pool_mode: 'transaction', default_pool_size: '10', ignore_startup_parameters: 'extra_float_digits' },
    });
    closers.push(() => bouncer.stop());
    if (load) closers.push(await startLoad(bouncer.url('musicdb', LOGINS.shop)));
    const secrets = makeSecrets();
    closers.push(() => secrets.remove());
    const exporterOptions: ExporterOptions = {
      port: await port(9187),
      args: [
        `--pgBouncer.connectionString=${bouncer.url()}`,
        `--api.read-secret-file=${secrets.readFile}`,
        `--api.write-secret-file=${secrets.writeFile}`,
        `--actions.journal-file=${join(secrets.folder, 'journal.ndjson')}`,
        `--history.interval=${historySeconds}s`,
      ],
      env: {
        DATA_SOURCE_NAME: postgres.url('musicdb', LOGINS.exporter),
        PGVIGIL_STATE_URL: postgres.url('pgvigil', LOGINS.exporter),
        PGVIGIL_MAINTENANCE_CONNECTION_STRING: postgres.url('musicdb', LOGINS.maintenance),
        PGVIGIL_BENCHMARK_CONNECTION_STRING: postgres.url('musicdb', LOGINS.shop),
      },
    };
    const exporter = await startExporter(exporterOptions);
    closers.push(() => exporter.stop());
    buildPlugin();
    const preview = await startPreview({
      port: await port(3000),
      jsonData: { url: exporter.url },
      secureJsonData: { readSecret: secrets.read, writeSecret: secrets.write },
      panelOptions: PANEL_OPTIONS,
    });
    closers.push(() => preview.close());
    return { postgres, bouncer, exporter, exporterOptions, secrets, preview, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The state database beside the data, in the same server: enough to look at, and not what a production has. */
async function createState(postgres: PostgresServer): Promise<void> {
  await postgres.query('create database pgvigil');
  const program = join(import.meta.dirname, '..', 'exporter', 'src', 'bin.ts');
  const args = ['state', 'migrate', '--state', postgres.url('pgvigil'), '--runtime-role', LOGINS.exporter];
  await promisify(execFile)(process.execPath, [program, ...args]);
}
