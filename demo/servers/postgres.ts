import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { onFreePort } from './ports.ts';
import { postgresCommand, postgresFiles, templateCluster } from './postgres-files.ts';
import type { PostgresMajor } from './postgres-files.ts';
import { Daemon, mustRun, systemCommand } from './process.ts';
import { copyPrimary } from './standby.ts';
import type { Primary } from './standby.ts';
import { giveToServer, serverUser, writeServerFile } from './user.ts';

export interface PostgresOptions {
  /** Default 18; a standby's is its primary's. */
  readonly major?: PostgresMajor;
  /** Exactly this one; without it, a free one. */
  readonly port?: number;
  /** Server settings, unquoted: `{ work_mem: '8MB' }`. They win over our own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Lines that replace pg_hba.conf, except that postgres may always enter by the socket (for `query`). */
  readonly hba?: string;
  /** Preload pg_stat_statements (default true). The extension itself is not created. */
  readonly preload?: boolean;
  /** PEM texts; turns `ssl` on. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** A data directory to use (or to create, if absent) and to keep; without it, a temporary one. */
  readonly dataDir?: string;
  /** Start as a streaming standby of this server; see `startStandby`. */
  readonly standbyOf?: PostgresServer;
  /** The physical replication slot a standby uses, created on the primary if absent. */
  readonly slot?: string;
  /** A file to which the server's log is copied when it stops. */
  readonly log?: string;
}

export type Row = Record<string, unknown>;

export interface PostgresServer extends Primary {
  readonly major: PostgresMajor;
  /** Such as `18.4`. */
  readonly version: string;
  readonly port: number;
  readonly host: '127.0.0.1';
  readonly socketDir: string;
  readonly dataDir: string;
  /** The postmaster's; changes with `restart`. */
  readonly pid: number;
  /** Connection string over TCP; default database and user: postgres. */
  url(database?: string, user?: string): string;
  /** Runs `sql` as postgres over the socket, in a connection of its own (10 s to connect). */
  query<R extends Row = Row>(sql: string, database?: string): Promise<R[]>;
  /** Ends the server and removes its directory. Harmless when repeated. */
  stop(mode?: StopMode): Promise<void>;
  /** Stops and starts again with the same port and data; `immediate` makes it recover as after a crash. */
  restart(mode?: StopMode): Promise<void>;
  /** Stops the server and keeps what it has: `restart` brings it back. */
  halt(mode?: StopMode): Promise<void>;
  /** Freezes the postmaster and all its children (SIGSTOP): connections stay open but nothing answers. */
  pause(): void;
  resume(): void;
  /** The whole log, also after `stop`. */
  logText(): Promise<string>;
}

export type StopMode = 'fast' | 'immediate';

const STOP_SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

/** Our clusters are thrown away, so nothing needs to survive a power cut. */
const THROWAWAY_SETTINGS = { fsync: 'off', full_page_writes: 'off', log_line_prefix: '%m [%p] ' };

/** Starts a PostgreSQL server on 127.0.0.1 and on a socket, and waits until it accepts connections. */
export function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  return onFreePort(options.port, (port) => startOn(port, options));
}

/** Starts a streaming standby from a copy of the running `primary`, and waits until it answers read-only queries. */
export function startStandby(primary: PostgresServer, options: PostgresOptions = {}): Promise<PostgresServer> {
  return startPostgres({ ...options, standbyOf: primary });
}

async function startOn(port: number, options: PostgresOptions): Promise<PostgresServer> {
  const primary = options.standbyOf;
  const major = primary?.major ?? options.major ?? 18;
  const files = await postgresFiles(major);
  const template = primary ? '' : await templateCluster(files);
  const name = `PostgreSQL ${files.version} on port ${port}`;
  const command = postgresCommand(files, 'postgres');
  const daemon = new Daemon({ name, directory: `pg${major}`, command, user: serverUser() });
  const dataDir = options.dataDir ?? join(daemon.dir, 'data');
  try {
    if (!existsSync(join(dataDir, 'PG_VERSION'))) {
      if (primary) await copyPrimary(primary, dataDir, options.slot);
      else await copyTemplate(template, dataDir);
    }
    configure(dataDir, daemon.dir, port, options);
  } catch (error) {
    await daemon.end('SIGQUIT');
    throw error;
  }
  const start = (): Promise<void> => daemon.start(['-D', dataDir], () => isReady(dataDir, daemon.pid));
  await start();
  return server({ major, version: files.version, port, dataDir, daemon, start, log: options.log });
}

async function copyTemplate(template: string, dataDir: string): Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  giveToServer(dataDir);
  chmodSync(dataDir, 0o700);
  await mustRun(systemCommand('cp'), ['-a', '--sparse=never', `${template}/.`, dataDir], {
    user: serverUser(),
    cwd: '/',
  });
  appendFileSync(join(dataDir, 'postgresql.conf'), "\ninclude 'pgvigil.conf'\n");
}

function configure(dataDir: string, socketDir: string, port: number, options: PostgresOptions): void {
  const { tls, hba, standbyOf: primary, slot } = options;
  const settings: Record<string, string> = {
    ...THROWAWAY_SETTINGS,
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketDir,
  };
  if (options.preload ?? true) settings.shared_preload_libraries = 'pg_stat_statements';
  if (tls) {
    Object.assign(settings, { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' });
    writeServerFile(join(dataDir, 'server.crt'), tls.cert);
    writeServerFile(join(dataDir, 'server.key'), tls.key);
  }
  if (primary) {
    const name = `application_name=standby_${port}`;
    settings.primary_conninfo = `host=${primary.host} port=${primary.port} user=postgres ${name}`;
    if (slot) settings.primary_slot_name = slot;
  }
  const lines = Object.entries({ ...settings, ...options.settings }).map(
    ([key, value]) => `${key} = '${value.replaceAll("'", "''")}'\n`,
  );
  writeServerFile(join(dataDir, 'pgvigil.conf'), lines.join(''));
  if (hba !== undefined) writeServerFile(join(dataDir, 'pg_hba.conf'), `local all postgres trust\n${hba}\n`);
}

/** The postmaster writes its pid and, on the eighth line, its state to this file: independent of any log setting. */
function isReady(dataDir: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

interface Parts {
  readonly major: PostgresMajor;
  readonly version: string;
  readonly port: number;
  readonly dataDir: string;
  readonly daemon: Daemon;
  readonly start: () => Promise<void>;
  readonly log?: string;
}

function server({ major, version, port, dataDir, daemon, start, log }: Parts): PostgresServer {
  const socketDir = daemon.dir;
  return {
    major,
    version,
    port,
    host: '127.0.0.1',
    socketDir,
    dataDir,
    get pid() {
      return daemon.pid;
    },
    url: (database = 'postgres', user = 'postgres') =>
      `postgresql://${encodeURIComponent(user)}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    query: async <R extends Row>(sql: string, database = 'postgres') => {
      const timeout = { connectionTimeoutMillis: 10_000 };
      const client = new pg.Client({ host: socketDir, port, user: 'postgres', database, ...timeout });
      await client.connect();
      try {
        return (await client.query<R>(sql)).rows;
      } finally {
        await client.end();
      }
    },
    stop: async (mode = 'fast') => {
      await daemon.end(STOP_SIGNALS[mode]);
      if (log) writeFileSync(log, daemon.fullLog());
    },
    halt: (mode = 'fast') => daemon.stop(STOP_SIGNALS[mode]),
    restart: async (mode = 'fast') => {
      await daemon.stop(STOP_SIGNALS[mode]);
      await start();
    },
    pause: () => daemon.pause(),
    resume: () => daemon.resume(),
    logText: () => Promise.resolve(daemon.fullLog()),
  };
}
