import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run, type PostgresServer, startPostgres } from '../servers/index.ts';
import { tail } from '../servers/process.ts';
import { giveToServer } from '../servers/user.ts';
import { environment, mounted, type Running, type Start } from './programs.ts';

export interface RunningPostgres extends Running {
  readonly server: PostgresServer;
}

export const isPostgres = (running: Running | undefined): running is RunningPostgres =>
  running !== undefined && 'server' in running;

const CONFIGURATION = '/etc/postgresql/postgresql.conf';
const INITDB = '/docker-entrypoint-initdb.d';

/** What the container's configuration says and a machine that has other work cannot have. */
function nativeSettings({ root }: Start, dataDir: string): Record<string, string> {
  return {
    // The configuration itself; what follows wins.
    include: join(root, CONFIGURATION),
    // A quarter of 6 GB would be taken from the machine for good.
    shared_buffers: '128MB',
    // The copy in /run/tls is made by primary.sh, so that it belongs to the server's user: here the secret does already.
    ssl_key_file: join(root, 'run/secrets/postgres.key'),
    // With a line for the socket, by which whoever runs this is the superuser; in the container `peer` asks for that user.
    hba_file: join(dataDir, 'pg_hba.conf'),
  };
}

export async function startNativePostgres(start: Start): Promise<RunningPostgres> {
  const { service, root } = start;
  const isStandby = service.entrypoint?.some((word) => word.endsWith('/replica.sh'));
  const dataDir = join(root, service.environment.PGDATA);
  mkdirSync(dirname(dataDir), { recursive: true });
  giveToServer(dirname(dataDir));
  const port = start.port(5432);
  const settings = { ...nativeSettings(start, dataDir), ...(isStandby && connectionToPrimary(start)) };
  const server = await startPostgres({
    major: 18,
    port,
    dataDir,
    hba: mounted(start, '/etc/postgresql/pg_hba.conf'),
    // The configuration has its own list.
    preload: false,
    settings,
    ...(isStandby && { standbyOf: primaryOf(start), slot: 'replica' }),
  });
  if (!isStandby) await initialise(start, server);
  return {
    server,
    get pid() {
      return server.pid;
    },
    restart: () => server.restart('immediate'),
    halt: () => server.halt(),
    stop: () => server.stop(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    log: () => server.logText(),
  };
}

function primaryOf({ service, started }: Start): PostgresServer {
  const [primary] = Object.keys(service.depends_on).map((name) => started.get(name));
  if (!isPostgres(primary)) throw new Error('a standby depends on its primary in docker-compose.yml');
  return primary.server;
}

/** As replica.sh says. */
function connectionToPrimary(start: Start): Record<string, string> {
  const secret = (name: string): string => join(start.root, 'run/secrets', name);
  const { port } = primaryOf(start);
  const words = {
    ...{ host: '127.0.0.1', port, user: 'pgvigil_replica', application_name: 'replica', sslmode: 'verify-full' },
    sslrootcert: secret('ca.crt'),
    sslcert: secret('pgvigil_replica.crt'),
    sslkey: secret('pgvigil_replica.key'),
  };
  return {
    primary_conninfo: Object.entries(words)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
  };
}

/** What the image does at the first start: the database, and the scripts of its folder, as the superuser by the socket. */
async function initialise(start: Start, server: PostgresServer): Promise<void> {
  await server.query(`create database ${start.service.environment.POSTGRES_DB}`);
  const env = { ...environment(start), PGHOST: server.socketDir, PGPORT: String(server.port) };
  for (const name of readdirSync(join(start.root, INITDB)).sort()) {
    const script = join(start.root, INITDB, name);
    const { code, stderr } = await run({ file: '/bin/sh', args: [], env }, [script], { cwd: start.root });
    if (code !== 0) throw new Error(`${name} ended with ${code}:\n${tail(stderr)}`);
  }
}
