/** The services of docker-compose.yml on this machine, from the same configuration files. */
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPlugin } from '../../.ci/plugin.ts';
import { psql, ServerUnavailable } from '../servers/index.ts';
import { mustRun, systemCommand } from '../servers/process.ts';
import { createServerDir, removeServerDir } from '../servers/rundir.ts';
import { pgvigil, writePrograms } from './bin.ts';
import { type ComposeFile, containerPorts, enabledServices, readCompose, type Service } from './compose.ts';
import { KeptPorts } from './ports.ts';
import { isPostgres } from './postgres.ts';
import { type Running, startProgram } from './programs.ts';
import { fillRoot } from './root.ts';
import { accelerate } from './speed.ts';
import { Supervisor } from './supervisor.ts';
import { choosePorts, type Ports, translateAddresses, translatePaths } from './translate.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
/** Run as the user that PostgreSQL and PgBouncer need. */
const AS_SERVER = ['postgres', 'pgvigil/pgbouncer'];

export interface NativeOptions {
  /** Of docker-compose.yml. */
  readonly profiles: readonly string[];
  /** Published ports where they are free, else the next free ones; without it, any. */
  readonly usualPorts?: boolean;
  /** Every duration of Prometheus, of its rules and of Alertmanager is divided by this. */
  readonly speed?: number;
  /** A folder with a Grafana; without it, the app alone in its preview. */
  readonly grafanaHome?: string;
  /** Services that are not needed, such as `grafana` in a test of alerts. */
  readonly without?: readonly string[];
  /** The last word about a configuration file, by its path in the container. */
  readonly edit?: (path: string, text: string) => string;
  /** Told what starts, ends and starts again. */
  readonly report?: (line: string) => void;
}

export interface NativeService {
  readonly name: string;
  /** 0 for what is not a process of its own. */
  readonly pid: number;
  /** How often it was started again after it had ended by itself. */
  readonly restarts: number;
  /** As kill -9 does: it is started again. */
  kill(): void;
  /** Ends it, and nobody starts it again until `start`. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Freezes it: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
  log(): Promise<string>;
}

export interface NativeStack {
  readonly compose: ComposeFile;
  readonly services: ReadonlyMap<string, NativeService>;
  /** @throws Error when it does not run. */
  service(name: string): NativeService;
  /** `http://127.0.0.1:port`, where the service answers; with two ports, say which of its container's. */
  url(service: string, containerPort?: number): string;
  port(service: string, containerPort?: number): number;
  /** The content of a secret: `musicdb_shop_password`. */
  secret(name: string): string;
  /** A secret as a file: `ca.crt`. */
  secretFile(name: string): string;
  /** SQL as the superuser, by the socket of `postgres` or `replica`. */
  query<R extends Record<string, unknown>>(sql: string, database?: string, server?: string): Promise<R[]>;
  /** A connection string with password, checked TLS included. `pgbouncer` by default; with `postgres`, past it. */
  dsn(
    user: 'musicdb_shop' | 'pgbouncer_admin' | 'pgbouncer_stats',
    to?: { server?: string; database?: string },
  ): string;
  /** Ends everything and leaves nothing behind. Harmless when repeated. */
  stop(): Promise<void>;
}

/** @throws ServerUnavailable where this machine lacks a program; Error when something does not start. All is ended then. */
export async function startNative(options: NativeOptions): Promise<NativeStack> {
  const { profiles, usualPorts = false, speed = 1, without = [], edit, report = () => undefined } = options;
  const env = { PGVIGIL_CONFIG: profiles.includes('replica') ? 'with-replica' : undefined };
  const compose = readCompose(join(REPOSITORY, 'docker-compose.yml'), env);
  const all = Object.entries(compose.services);
  const services = enabledServices(compose, profiles).filter(([name]) => !without.includes(name));
  const kept = new KeptPorts();
  const ports = await choosePorts(all, (published) => kept.keep(usualPorts ? published : undefined));
  const folder = createServerDir('native', undefined);
  // The servers' user passes through, and sees only what is its own.
  chmodSync(folder, 0o711);
  const running = new Map<string, Running>();
  const supervisors = new Map<string, Supervisor>();
  const stop = async (): Promise<void> => {
    const guards = [...supervisors.values()];
    supervisors.clear();
    await Promise.all(guards.map((guard) => guard.end()));
    const all = [...running.values()].reverse();
    running.clear();
    await Promise.all(all.filter((one) => !isPostgres(one)).map((one) => one.stop()));
    // A standby before its primary, which waits for it.
    for (const one of all.filter(isPostgres)) await one.stop();
    await kept.releaseAll();
    removeServerDir(folder);
  };
  try {
    const secretsFolder = await makeSecrets(folder);
    // What scripts of the containers call.
    const binFolder = writePrograms(join(folder, 'bin'), { pgvigil: pgvigil(), psql: await psql() });
    // The app is mounted built.
    if (services.some(([name]) => name === 'grafana')) buildPlugin();
    for (const [name, service] of services) {
      const root = join(folder, name);
      const translate = (text: string): string =>
        translatePaths(translateAddresses(text, name, all, ports), service, root);
      fillRoot(service, {
        ...{ root, repository: REPOSITORY, secretsFolder, secrets: compose.secrets },
        forServer: AS_SERVER.includes(service.image.replace(/:.*/, '')),
        translate: (path, text) => {
          const adapted = edit?.(path, text) ?? text;
          const isTimed = /\.ya?ml$/.test(path) && !path.endsWith('.test.yml');
          return translate(isTimed ? accelerate(adapted, speed) : adapted);
        },
      });
      await kept.release(containerPorts(service).map((container) => ports.get(`${name}:${container}`)!));
      const began = performance.now();
      const one = await startProgram({
        ...{ name, service, root, repository: REPOSITORY, translate, binFolder, started: running },
        port: (container) => ports.get(`${name}:${container}`)!,
        ...{ grafanaHome: options.grafanaHome, speed },
      });
      report(`${name} ${one ? 'is up' : 'is done'} after ${((performance.now() - began) / 1000).toFixed(1)} s`);
      if (one === undefined) continue;
      running.set(name, one);
      supervisors.set(name, new Supervisor(name, one, report));
    }
    // Those that do not run: nobody answers there.
    await kept.releaseAll();
    return stack({ compose, ports, secretsFolder, running, supervisors, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As a user makes them, and new each time. */
async function makeSecrets(folder: string): Promise<string> {
  const target = join(folder, 'secrets');
  if (!['/usr/bin/openssl', '/bin/openssl', '/usr/local/bin/openssl'].some((file) => existsSync(file)))
    throw new ServerUnavailable('openssl is needed to make certificates: install it with your package manager');
  await mustRun(systemCommand('/bin/sh'), [join(REPOSITORY, 'provisioning/make-secrets.sh'), target]);
  return target;
}

interface Parts {
  readonly compose: ComposeFile;
  readonly ports: Ports;
  readonly secretsFolder: string;
  readonly running: ReadonlyMap<string, Running>;
  readonly supervisors: ReadonlyMap<string, Supervisor>;
  readonly stop: () => Promise<void>;
}

function stack({ compose, ports, secretsFolder, running, supervisors, stop }: Parts): NativeStack {
  const services = new Map([...running].map(([name, one]) => [name, handle(name, one, supervisors.get(name)!)]));
  const secretFile = (name: string): string => join(secretsFolder, name);
  const secret = (name: string): string => readFileSync(secretFile(name), 'utf8').trim();
  const port = (name: string, container = containerPorts(serviceOf(compose, name))[0]): number =>
    ports.get(`${name}:${container}`)!;
  let ending: Promise<void> | undefined;
  return {
    compose,
    services,
    service: (name) => {
      const found = services.get(name);
      if (!found) throw new Error(`${name} does not run; what does: ${[...services.keys()].join(', ')}`);
      return found;
    },
    port,
    url: (name, container) => `http://127.0.0.1:${port(name, container)}`,
    secret,
    secretFile,
    query: <R extends Record<string, unknown>>(sql: string, database = 'musicdb', name = 'postgres') => {
      const one = running.get(name);
      if (!isPostgres(one)) throw new Error(`${name} is no PostgreSQL that runs`);
      return one.server.query<R>(sql, database);
    },
    dsn: (user, { server = 'pgbouncer', database } = {}) => {
      const isConsole = user.startsWith('pgbouncer_');
      const name = database ?? (isConsole ? 'pgbouncer' : 'musicdb');
      const tls = `sslmode=verify-full&sslrootcert=${encodeURIComponent(secretFile('ca.crt'))}`;
      return `postgresql://${user}:${secret(`${user}_password`)}@127.0.0.1:${port(server)}/${name}?${tls}`;
    },
    stop: () => (ending ??= stop()),
  };
}

function serviceOf(compose: ComposeFile, name: string): Service {
  const service = compose.services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
}

function handle(name: string, one: Running, supervisor: Supervisor): NativeService {
  return {
    name,
    get pid() {
      return one.pid;
    },
    get restarts() {
      return supervisor.restarts;
    },
    kill: () => void process.kill(one.pid, 'SIGKILL'),
    halt: () => {
      supervisor.watching = false;
      return one.halt();
    },
    start: async () => {
      await one.restart();
      supervisor.watching = true;
    },
    pause: () => one.pause(),
    resume: () => one.resume(),
    log: () => one.log(),
  };
}
