/** The servers on which faults are made. Each is started once for all of its faults. */
import { dirname, join } from 'node:path';
import pg from 'pg';
import { type RunningExporter, startExporter } from '../../../demo/exporter.ts';
import { createLogins, LOGINS } from '../../../demo/roles.ts';
import {
  freePort,
  type NodeExporter,
  type PgBouncerServer,
  type PostgresMajor,
  type PostgresServer,
  startNodeExporter,
  startPgBouncer,
  startPostgres,
  startStandby,
} from '../../../demo/servers/index.ts';
import { loadMusicDb } from '../../../exporter/src/sample/musicdb/load.ts';
import { functionsBundle, sampleBundle } from '../../../exporter/src/sql/bundles.ts';
import { installBundles } from '../../../exporter/src/sql/install.ts';
import { VERSION } from '../../../exporter/src/version.ts';
import { makeSecrets, type Secrets } from '../../../exporter/test/support/api.ts';
import { prepareState } from '../../../exporter/test/support/state.ts';
import { QUICK, USUAL } from './prometheus.ts';

export interface Node {
  /** The label: `db1:9187`. */
  readonly instance: string;
  readonly postgres: PostgresServer;
  readonly bouncer?: PgBouncerServer;
  /** The one that runs at the moment. */
  readonly exporter: RunningExporter;
  /** Those of its API, where it can act. */
  readonly secrets?: Secrets;
  /** Watches a disk of its host. */
  readonly disk?: NodeExporter;
  /** On the same port, with these flags beside its own. */
  restartExporter(args?: readonly string[]): Promise<void>;
}

type Close = () => Promise<unknown> | void;

/** Starts its servers, and tells `closing` how to end each of them. */
export type Start = (closing: (close: Close) => void) => Promise<Node[]>;

export interface Topology {
  readonly start: Start;
  /** Seconds between two scrapes. */
  readonly interval: number;
}

/** Small limits, so that little is needed to reach them; nothing here is out of order. */
const SETTINGS = {
  max_connections: '40',
  max_prepared_transactions: '5',
  wal_level: 'logical',
  archive_mode: 'on',
  archive_command: '/bin/true',
  track_io_timing: 'on',
  // The load makes dead rows as if the table were a large one.
  autovacuum_naptime: '5s',
};

/** Seldom and heavy ones would not be done within a second; who needs them has a topology of their own. */
const HEAVY = ['duplicates', 'table_bloat', 'index_findings'];

/** Series in a recording are read by people: a few objects by name, the rest as `other`. */
const BUDGET = '12';

interface Watched {
  readonly instance: string;
  readonly postgres: PostgresServer;
  readonly user: string;
  readonly database: string;
  readonly bouncer?: PgBouncerServer;
  /** Collectors that are left out. Default: the heavy ones. */
  readonly without?: readonly string[];
  /** Beside those that every exporter of the lab has. */
  readonly args?: readonly string[];
  readonly secrets?: Secrets;
  readonly disk?: NodeExporter;
}

async function watch(watched: Watched, closing: (close: Close) => void): Promise<Node> {
  const { instance, postgres, user, database, bouncer, secrets, disk, without = HEAVY, args = [] } = watched;
  const port = await freePort();
  const start = (more: readonly string[]): Promise<RunningExporter> =>
    startExporter({
      port,
      args: [
        // Background collectors would take a minute to notice a fault.
        '--collectors.inline',
        '--scrape.share-seconds=0s',
        '--scrape.timeout-margin=0.1s',
        `--series-budget=${BUDGET}`,
        ...without.map((name) => `--no-collector.${name}`),
        ...args,
        ...(bouncer ? [`--pgBouncer.connectionString=${bouncer.url()}`] : []),
        ...more,
      ],
      env: { DATA_SOURCE_NAME: postgres.url(database, user) },
    });
  let exporter = await start([]);
  closing(() => exporter.stop());
  return {
    instance,
    postgres,
    bouncer,
    secrets,
    disk,
    get exporter() {
      return exporter;
    },
    restartExporter: async (args = []) => {
      await exporter.stop();
      exporter = await start(args);
    },
  };
}

export async function createMusicDb(postgres: PostgresServer, tracks: number): Promise<void> {
  await postgres.query('create database musicdb');
  await postgres.query('create extension pg_stat_statements', 'musicdb');
  const client = new pg.Client({ connectionString: postgres.url('musicdb') });
  await client.connect();
  try {
    const bundles = [functionsBundle(), sampleBundle('musicdb')];
    await installBundles(client, bundles, { version: VERSION, report: () => undefined });
    await loadMusicDb(client, { tracks, seed: 1 });
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
  await createLogins(postgres);
}

/** What a catalogue in use has beside its tables: a view that is refreshed, partitions made ahead, a subscriber. */
async function furnish(postgres: PostgresServer): Promise<void> {
  const run = (sql: string): Promise<unknown> => postgres.query(sql, 'musicdb');
  await run(`create materialized view musicdb.top_artists as
             select artist_id, name from musicdb.artists order by artist_id limit 10 with no data`);
  await run("select * from pgvigil.refresh_matview('musicdb.top_artists')");
  await run('create table musicdb.play_days (day date not null, plays int) partition by range (day)');
  await run('create table musicdb.play_days_default partition of musicdb.play_days default');
  await run("insert into pgvigil.partition_policy (parent, step, premake) values ('musicdb.play_days', 'day', 6)");
  await run('select * from pgvigil.create_partitions_ahead()');
  // In the same server: publisher and subscriber must not wait for each other, so the slot is made apart.
  const table = 'create table musicdb.plays (id int primary key)';
  await run(table);
  await run('create publication plays for table musicdb.plays');
  await run("select pg_create_logical_replication_slot('copy', 'pgoutput')");
  await postgres.query('create database copy');
  await postgres.query(`create schema musicdb; ${table}`, 'copy');
  await postgres.query(
    `create subscription copy connection 'host=127.0.0.1 port=${postgres.port} dbname=musicdb user=postgres'
       publication plays with (create_slot = false, copy_data = false)`,
    'copy',
  );
}

const BOUNCER_USERS = ['reports', 'batch'];

/** Users with limits of their own. */
const BOUNCER_INI = `
[users]
reports = pool_size=2
batch = max_user_connections=3
[pgbouncer]
auth_type = trust
auth_file = users.txt
admin_users = postgres
stats_users = postgres
`;

/** A primary with MusicDB and PgBouncer, and its standby. */
const pair: Start = async (closing) => {
  const primary = await startPostgres({ major: 18, settings: SETTINGS });
  closing(() => primary.stop('immediate'));
  await createMusicDb(primary, 1000);
  await furnish(primary);
  const standby = await startStandby(primary, { slot: 'db2', settings: { ...SETTINGS, hot_standby_feedback: 'on' } });
  closing(() => standby.stop('immediate'));
  for (const name of BOUNCER_USERS) await primary.query(`create role ${name} login; grant pg_read_all_data to ${name}`);
  const bouncer = await startPgBouncer({
    version: 'newer',
    databases: {
      // Three servers over all pools, of which each might have ten.
      limited: `host=127.0.0.1 port=${primary.port} dbname=musicdb pool_size=10 max_db_connections=3`,
      musicdb: `host=127.0.0.1 port=${primary.port}`,
      '*': `host=127.0.0.1 port=${primary.port}`,
    },
    ini: BOUNCER_INI,
    users: { postgres: '', [LOGINS.shop]: '', ...Object.fromEntries(BOUNCER_USERS.map((name) => [name, ''])) },
    settings: {
      pool_mode: 'transaction',
      default_pool_size: '5',
      max_client_conn: '50',
      ignore_startup_parameters: 'extra_float_digits',
    },
  });
  closing(() => bouncer.stop());
  const login = { user: LOGINS.exporter, database: 'musicdb' };
  return [
    await watch({ instance: 'db1:9187', postgres: primary, bouncer, ...login }, closing),
    await watch({ instance: 'db2:9187', postgres: standby, ...login }, closing),
  ];
};

/** One server, no pooler, no extension, and a login that may see what everybody may. */
const plain =
  (major: PostgresMajor, settings: Readonly<Record<string, string>> = {}): Start =>
  async (closing) => {
    const postgres = await startPostgres({ major, settings });
    closing(() => postgres.stop('immediate'));
    await postgres.query('create role monitor login');
    return [await watch({ instance: 'db1:9187', postgres, user: 'monitor', database: 'postgres' }, closing)];
  };

/** A server with everything: a state database, actions, and the collectors that take their time. */
const complete: Start = async (closing) => {
  const postgres = await startPostgres({ major: 18, settings: SETTINGS });
  closing(() => postgres.stop('immediate'));
  await createMusicDb(postgres, 1000);
  const state = await prepareState(postgres);
  const secrets = makeSecrets();
  closing(() => secrets.remove());
  const args = [
    `--state.url=${state.runtime}`,
    `--maintenance.connection-string=${postgres.url('musicdb', LOGINS.maintenance)}`,
    `--api.read-secret-file=${secrets.readFile}`,
    `--api.write-secret-file=${secrets.writeFile}`,
    `--actions.journal-file=${join(dirname(secrets.readFile), 'journal.ndjson')}`,
    '--actions.lock-budget=2s',
  ];
  const login = { user: LOGINS.exporter, database: 'musicdb' };
  return [await watch({ instance: 'db1:9187', postgres, ...login, secrets, without: [], args }, closing)];
};

/** A server with a node_exporter beside it, which watches a small disk. */
const disk: Start = async (closing) => {
  const postgres = await startPostgres({ major: 18 });
  closing(() => postgres.stop('immediate'));
  const disk = await startNodeExporter({ megabytes: 2000 });
  closing(() => disk.stop());
  return [await watch({ instance: 'db1:9187', postgres, user: 'postgres', database: 'postgres', disk }, closing)];
};

export const topologies = {
  pair: { start: pair, interval: QUICK },
  disk: { start: disk, interval: QUICK },
  complete: { start: complete, interval: USUAL },
  plain14: { start: plain(14), interval: QUICK },
  // Autovacuum rests: it would mend what wraparound.ts does.
  plain15: { start: plain(15, { autovacuum_naptime: '2000000', max_prepared_transactions: '1' }), interval: QUICK },
  plain18: { start: plain(18), interval: QUICK },
} satisfies Record<string, Topology>;
export type TopologyName = keyof typeof topologies;
