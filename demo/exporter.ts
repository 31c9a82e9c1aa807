/** Starts the exporter as a program of its own, as a user would, and waits until it answers. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface ExporterOptions {
  readonly port: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The program to run instead of the source tree's, e.g. the built one. */
  readonly program?: string;
}

export interface RunningExporter {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  stop(): Promise<void>;
}

const START_MS = 15_000;

/** @throws Error with the exporter's log when it does not come up. */
export async function startExporter(options: ExporterOptions): Promise<RunningExporter> {
  const { port, args = [], env = {} } = options;
  const program = options.program ?? join(import.meta.dirname, '..', 'exporter', 'src', 'bin.ts');
  const child = spawn(process.execPath, [program, 'serve', `--web.listen-address=127.0.0.1:${port}`, ...args], {
    // Nothing of the caller's environment: PGPASSWORD or DATA_SOURCE_NAME there must not change what we start.
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', kill);
    child.kill('SIGTERM');
    await exited;
  };
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_MS;
  while (child.exitCode === null) {
    if (
      await fetch(`${url}/-/ready`).then(
        (response) => response.ok,
        () => false,
      )
    ) {
      return { url, port, pid: child.pid!, log: () => log, stop };
    }
    if (Date.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`the exporter did not start:\n${log}`);
}
