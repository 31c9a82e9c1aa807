import { join } from 'node:path';
import { installed, ServerUnavailable, unpack } from './apt.ts';
import type { Packaged } from './apt.ts';
import { onFreePort } from './ports.ts';
import { Daemon, run } from './process.ts';
import type { Command } from './process.ts';
import { serverUser, writeServerFile } from './user.ts';

/** `any`: what is on the PATH, else the machine's own release's. */
export type PgBouncerVersion = 'debian12' | 'newer' | 'any';

interface Known {
  readonly title: string;
  /** A Debian code name; none for the machine's own release. */
  readonly suite?: string;
  /** Whether an installed version will do. */
  fits(version: number): boolean;
}

/** Versions as major * 1000 + minor: 1.18 is 1018. */
const VERSIONS: Readonly<Record<PgBouncerVersion, Known>> = {
  debian12: { title: 'PgBouncer 1.18', suite: 'bookworm', fits: (version) => version === 1018 },
  newer: { title: 'PgBouncer 1.24 or later', suite: 'trixie', fits: (version) => version >= 1024 },
  any: { title: 'PgBouncer', fits: () => true },
};

export interface PgBouncerOptions {
  readonly version: PgBouncerVersion;
  /** Exactly this one; without it, a free one. */
  readonly port?: number;
  /** Database name (or `*`) to connection string, as in the [databases] section: `host=127.0.0.1 port=5432`. */
  readonly databases: Readonly<Record<string, string>>;
  /** [pgbouncer] settings; they win over our own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A configuration file, [pgbouncer] last, instead of our settings; `port`, `databases` and `settings` still win. */
  readonly ini?: string;
  /** Texts by file name, for `ini` or `settings` to name: the server runs in the directory in which they are. */
  readonly files?: Readonly<Record<string, string>>;
  /** User names and their plain passwords; default: postgres with an empty one. */
  readonly users?: Readonly<Record<string, string>>;
  /** PEM texts; clients must then use TLS, unless `settings` say otherwise. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** Default: scram-sha-256 if `users` are given, else trust. */
  readonly authType?: 'trust' | 'scram-sha-256' | 'any';
}

export interface PgBouncerServer {
  /** Such as `1.18.0`. */
  readonly version: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Its own directory: configuration and log. */
  readonly dir: string;
  /** Changes with `restart`. */
  readonly pid: number;
  /** Connection string, without a password; default: the admin console as postgres. */
  url(database?: string, user?: string): string;
  /** Ends the server at once, clients or not, and removes its directory. Harmless when repeated. */
  stop(): Promise<void>;
  restart(): Promise<void>;
  /** Stops the server and keeps what it has: `restart` brings it back. */
  halt(): Promise<void>;
  /** Freezes the server (SIGSTOP): connections stay open but nothing answers. */
  pause(): void;
  resume(): void;
  /** The whole log, also after `stop`. */
  logText(): Promise<string>;
}

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

async function versionOf(command: Command): Promise<string> {
  const { stdout, stderr } = await run(command, ['--version'], { user: serverUser(), cwd: '/' });
  const found = /PgBouncer (\d+\.\d+\.\d+)/i.exec(stdout)?.[1];
  if (!found) throw new ServerUnavailable(`${command.file} does not tell its version: ${stdout}${stderr}`);
  return found;
}

/** How to run a PgBouncer of that version, unpacked first if the installed one does not fit. */
async function find(wanted: PgBouncerVersion): Promise<{ command: Command; version: string }> {
  const known = VERSIONS[wanted];
  const present = installed('pgbouncer');
  if (present) {
    const version = await versionOf(present);
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (known.fits(major * 1000 + minor)) return { command: present, version };
  }
  const packaged: Packaged = {
    title: known.title,
    packages: ['pgbouncer'],
    program: 'usr/sbin/pgbouncer',
    suite: known.suite,
    dependencies: true,
    discard: ['usr/share', 'usr/bin', 'bin', 'etc', 'var'],
  };
  const command = await unpack(packaged);
  return { command, version: await versionOf(command) };
}

/** Starts a PgBouncer on 127.0.0.1 and waits until it listens. Throws `ServerUnavailable` if there is none. */
export async function startPgBouncer(options: PgBouncerOptions): Promise<PgBouncerServer> {
  const { command, version } = await find(options.version);
  return onFreePort(options.port, async (port) => {
    const name = `PgBouncer ${version} on port ${port}`;
    const daemon = new Daemon({ name, directory: 'pgbouncer', command, user: serverUser() });
    configure(daemon.dir, port, options);
    // The last line of its start, printed when all sockets are bound.
    const isReady = (): boolean => daemon.log().includes('process up:');
    const start = (): Promise<void> => daemon.start([join(daemon.dir, 'pgbouncer.ini')], isReady);
    await start();
    return server(version, port, daemon, start);
  });
}

function configure(dir: string, port: number, options: PgBouncerOptions): void {
  const { tls, ini: given, files = {} } = options;
  const users = options.users ?? { postgres: '' };
  const settings: Record<string, string> = { listen_addr: '127.0.0.1', listen_port: String(port), unix_socket_dir: '' };
  if (given === undefined) {
    settings.auth_type = options.authType ?? (options.users ? 'scram-sha-256' : 'trust');
    settings.auth_file = join(dir, 'users.txt');
    settings.admin_users = 'postgres';
    settings.stats_users = 'postgres';
  }
  if (tls) {
    const files = { cert: join(dir, 'server.crt'), key: join(dir, 'server.key'), ca: join(dir, 'ca.crt') };
    writeServerFile(files.cert, tls.cert);
    writeServerFile(files.key, tls.key);
    Object.assign(settings, { client_tls_sslmode: 'require', client_tls_cert_file: files.cert });
    settings.client_tls_key_file = files.key;
    if (tls.ca !== undefined) {
      writeServerFile(files.ca, tls.ca);
      settings.client_tls_ca_file = files.ca;
    }
  }
  const section = (entries: Readonly<Record<string, string>>): string =>
    Object.entries(entries)
      .map(([key, value]) => `${key} = ${value}\n`)
      .join('');
  for (const [name, text] of Object.entries(files)) writeServerFile(join(dir, name), text);
  // A second [pgbouncer] would set everything before it back to its default.
  const ours = section({ ...settings, ...options.settings });
  const ini = `${given ?? '[pgbouncer]'}\n${ours}\n[databases]\n${section(options.databases)}`;
  writeServerFile(join(dir, 'pgbouncer.ini'), ini);
  const lines = Object.entries(users).map(([name, password]) => `${quote(name)} ${quote(password)}\n`);
  writeServerFile(join(dir, 'users.txt'), lines.join(''));
}

function server(version: string, port: number, daemon: Daemon, start: () => Promise<void>): PgBouncerServer {
  return {
    version,
    host: '127.0.0.1',
    port,
    dir: daemon.dir,
    get pid() {
      return daemon.pid;
    },
    url: (database = 'pgbouncer', user = 'postgres') =>
      `postgresql://${encodeURIComponent(user)}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    // From 1.23 on, SIGTERM waits for clients to leave. There is no state to lose.
    stop: () => daemon.end('SIGKILL'),
    halt: () => daemon.stop('SIGKILL'),
    restart: async () => {
      await daemon.stop('SIGKILL');
      await start();
    },
    pause: () => daemon.pause(),
    resume: () => daemon.resume(),
    logText: () => Promise.resolve(daemon.fullLog()),
  };
}
