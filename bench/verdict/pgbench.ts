/** pgbench, and the latency of each of its transactions. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pgbench, run, type PostgresServer } from '../../demo/servers/index.ts';
import { quantile, sum } from '../statistics.ts';

export interface Asked {
  readonly sql: string;
  readonly clients: number;
  readonly seconds: number;
  /** Per second; absent: each client sends its next statement when the last is answered. */
  readonly rate?: number;
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Milliseconds; at a rate from when a transaction was due. */
export interface Latencies {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Statements prepared, one thread. @throws Error with its last words; ServerUnavailable where there is none. */
export async function runPgbench(server: PostgresServer, asked: Asked): Promise<Latencies> {
  const { sql, clients, seconds, rate, settings = {} } = asked;
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-pgbench-'));
  try {
    const script = join(folder, 'script.sql');
    writeFileSync(script, `${sql};\n`);
    const program = await pgbench();
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
    const env = { ...program.env, PGOPTIONS: options.join(' ') };
    const args = [
      ...['--no-vacuum', '--log', `--log-prefix=${join(folder, 'log')}`, `--file=${script}`, '--protocol=prepared'],
      ...[`--client=${clients}`, '--jobs=1', `--time=${seconds}`, ...(rate === undefined ? [] : [`--rate=${rate}`])],
      server.url(),
    ];
    const { code, stderr } = await run({ ...program, env }, args);
    if (code !== 0) throw new Error(`pgbench ended with ${code}: ${stderr}`);
    const logs = readdirSync(folder).filter((name) => name.startsWith('log'));
    return latenciesOf(logs.map((name) => readFileSync(join(folder, name), 'utf8')).join(''));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A line: client, transaction, microseconds, … */
function latenciesOf(log: string): Latencies {
  const all = log
    .split('\n')
    .filter(Boolean)
    .map((line) => Number(line.split(' ')[2]) / 1000);
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((p) => quantile(all, p));
  return { count: all.length, mean: sum(all) / all.length, p50, p99, p999 };
}
