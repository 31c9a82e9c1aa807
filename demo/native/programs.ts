/** How each image of docker-compose.yml is run without a container. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeFlags } from '../exporter.ts';
import { alertmanager, Daemon, run, tool } from '../servers/index.ts';
import { type Command, tail } from '../servers/process.ts';
import type { Service } from './compose.ts';
import { startGrafana } from './grafana.ts';
import { startNativePgBouncer } from './pgbouncer.ts';
import { startNativePostgres } from './postgres.ts';

/** What was started, whatever it is. */
export interface Running {
  /** 0 for what is not a process of its own. */
  readonly pid: number;
  /** Starts what has ended, or was halted, as it was. */
  restart(): Promise<void>;
  /** Ends it and keeps what it has. */
  halt(): Promise<void>;
  /** Ends it for good. Harmless when repeated. */
  stop(): Promise<void>;
  /** Freezes it: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
  /** All that it has said. */
  log(): Promise<string>;
}

export interface Start {
  readonly name: string;
  readonly service: Service;
  /** The folder that looks like its container at its mount points. */
  readonly root: string;
  readonly repository: string;
  /** Paths and addresses of its container, said about this machine. */
  readonly translate: (text: string) => string;
  /** Here, of the port that it has in its container. */
  readonly port: (container: number) => number;
  /** Programs that scripts of the containers call. */
  readonly binFolder: string;
  /** The standby's primary is among them. */
  readonly started: ReadonlyMap<string, Running>;
  /** A folder with a Grafana, as it is unpacked or built. */
  readonly grafanaHome: string | undefined;
  /** By which every duration is divided. */
  readonly speed: number;
}

/** Runs to its end where it is a service that does that, else is ready when this resolves. */
export async function startProgram(start: Start): Promise<Running | undefined> {
  const image = start.service.image.replace(/:.*/, '');
  switch (image) {
    case 'postgres':
      return startNativePostgres(start);
    case 'pgvigil/pgbouncer':
      return startNativePgBouncer(start);
    case 'pgvigil/exporter':
      return startNode(start, start.service.entrypoint ?? ['pgvigil']);
    case 'pgvigil/demo':
      return startNode(start, start.service.entrypoint ?? []);
    case 'prom/prometheus':
      return startDaemon(start, await tool('prometheus'), [...args(start), ...resendDelay(start)]);
    case 'prom/alertmanager': {
      const { command, prepare } = await alertmanager();
      return startDaemon(start, command, args(start), prepare);
    }
    case 'grafana/grafana':
      return startGrafana(start);
    default:
      throw new Error(`${start.name}: nothing is known here of the image ${start.service.image}`);
  }
}

/** How soon an alert is sent that nobody could take at first; its default is a duration in no file. */
const resendDelay = ({ speed }: Start): string[] =>
  speed === 1 ? [] : [`--rules.alert.resend-delay=${Math.round(60_000 / speed)}ms`];

const args = ({ service, translate }: Start): string[] => service.command.map(translate);

/** Nothing of the caller's environment: a PGPASSWORD there must not change what is started. */
export function environment({ service, translate, binFolder }: Start): Record<string, string> {
  const own = Object.entries(service.environment).map(([name, value]) => [name, translate(value)] as const);
  const path = `${binFolder}:${dirname(process.execPath)}:${process.env.PATH}`;
  return { PATH: path, HOME: '/nonexistent', LC_ALL: 'C', ...Object.fromEntries(own) };
}

async function startNode(start: Start, entrypoint: readonly string[]): Promise<Running | undefined> {
  const [program, ...first] = [...entrypoint, ...start.service.command].map(start.translate);
  const commands: Readonly<Record<string, readonly string[]>> = {
    pgvigil: [process.execPath, ...nodeFlags(), join(start.repository, 'exporter/src/bin.ts')],
    node: [process.execPath],
    sh: ['/bin/sh'],
  };
  if (!(program in commands)) throw new Error(`${start.name}: nothing is known here of the program ${program}`);
  const [file, ...own] = commands[program];
  // The image's working directory is the repository's copy in it.
  const rest = first.map((arg) => (arg.startsWith('demo/') ? join(start.repository, arg) : arg));
  const command: Command = { file, args: own, env: environment(start) };
  if (start.service.restart !== 'no') return startDaemon(start, command, rest);
  const { code, stdout, stderr } = await run(command, rest, { cwd: start.root });
  if (code !== 0) throw new Error(`${start.name} ended with ${code}:\n${tail(stdout + stderr)}`);
  return undefined;
}

/** Ready when the address of its health check answers. `prepare` is handed its working directory. */
export async function startDaemon(
  start: Start,
  command: Command,
  args: readonly string[],
  prepare?: (directory: string) => void,
): Promise<Running> {
  const { name, service } = start;
  const daemon = new Daemon({ name, directory: name, command, timeoutMs: 120_000 });
  prepare?.(daemon.dir);
  const url = healthUrl(start);
  const isReady = async (): Promise<boolean> => {
    if (url === undefined) throw new Error(`${name}: its health check in docker-compose.yml asks no address`);
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    return answer?.ok === true && daemon.running;
  };
  const ready = (): Promise<void> => daemon.start(args, isReady);
  await ready();
  const end = (service.stop_signal ?? 'SIGTERM') as NodeJS.Signals;
  return {
    get pid() {
      return daemon.pid;
    },
    restart: ready,
    halt: () => daemon.stop(end),
    stop: () => daemon.end(end),
    pause: () => daemon.pause(),
    resume: () => daemon.resume(),
    log: () => Promise.resolve(daemon.fullLog()),
  };
}

function healthUrl({ service, port }: Start): string | undefined {
  if ('disable' in service.healthcheck) return undefined;
  const found = /http:\/\/127\.0\.0\.1:(\d+)([\w/-]*)/.exec(service.healthcheck.test.join(' '));
  return found ? `http://127.0.0.1:${port(Number(found[1]))}${found[2]}` : undefined;
}

/** A mounted file of the service, as it is here. */
export const mounted = ({ root }: Start, path: string): string => readFileSync(join(root, path), 'utf8');
