/** Starts the exporter as a program of its own, as a user would, and waits until it answers. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Daemon } from './servers/process.ts';

export interface ExporterOptions {
  readonly port: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A built program, run as it would be from the PATH, by its first line. Default: the source tree's. */
  readonly program?: string;
  /** Node and its flags, to run it otherwise (a profiler). */
  readonly node?: readonly string[];
  /** `https` when the web configuration has TLS. */
  readonly scheme?: 'http' | 'https';
}

export interface RunningExporter {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  /** Harmless when repeated. */
  stop(): Promise<void>;
}

/** The source tree's `pgvigil`. */
export const BIN = join(import.meta.dirname, '..', 'exporter', 'src', 'bin.ts');

/** Node's flags in the first line of the `pgvigil` command: what starts it in another way gives it the same. */
export function nodeFlags(): string[] {
  const [line] = readFileSync(BIN, 'utf8').split('\n', 1);
  return [...line.matchAll(/ (--\S+)/g)].map(([, flag]) => flag);
}

/** Where Node keeps what it made of our sources, if whoever calls has such a place. */
const { NODE_COMPILE_CACHE } = process.env;
const COMPILED = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

/** @throws Error with the exporter's log when it does not come up. */
export async function startExporter(options: ExporterOptions): Promise<RunningExporter> {
  const { port, args = [], env = {}, scheme = 'http' } = options;
  const program = options.program ?? BIN;
  const node = options.node ?? (options.program === undefined ? [process.execPath, ...nodeFlags()] : []);
  const [file, ...first] = [...node, program];
  const daemon = new Daemon({
    name: 'pgvigil',
    directory: 'pgvigil',
    // Nothing of the caller's environment: PGPASSWORD or DATA_SOURCE_NAME there must not change what we start.
    command: {
      file,
      args: first,
      env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: '/nonexistent', ...COMPILED, ...env },
    },
  });
  const url = `${scheme}://127.0.0.1:${port}`;
  // Any answer will do: a 401, or a certificate that this process has no reason to trust.
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/-/ready`).then(
      () => true,
      (error: Error) => (error.cause as { code?: string }).code !== 'ECONNREFUSED',
    );
  await daemon.start(['serve', `--web.listen-address=127.0.0.1:${port}`, ...args], isReady);
  return { url, port, pid: daemon.pid, log: () => daemon.fullLog(), stop: () => daemon.end('SIGTERM') };
}
