/** A server of its own, and the runner of `pgvigil bench` against it, without a state database. */
import type { BenchmarkKind } from '../../exporter/src/contract/benchmarks.ts';
import { type PostgresServer, startPostgres } from '../../demo/servers/index.ts';
import type { Segment } from '../../exporter/src/benchmark/recording.ts';
import { type Keeper, runBenchmark } from '../../exporter/src/benchmark/run/run.ts';
import { type Workload, workload } from '../../exporter/src/benchmark/workload/schema.ts';
import { parseDsn } from '../../exporter/src/config/dsn.ts';

export interface World {
  readonly server: PostgresServer;
  /** @returns the segments in the order in which they were measured. */
  readonly run: (kind: BenchmarkKind, workload: Workload, blocks: number, seed: number) => Promise<Segment[]>;
}

/** Statistics are off the way: both sides of every comparison lack them alike. */
export async function withWorld<T>(work: (world: World) => Promise<T>): Promise<T> {
  const server = await startPostgres({ major: 15, preload: false });
  try {
    return await work({ server, run: (...order) => run(server, ...order) });
  } finally {
    await server.stop();
  }
}

/** @param content what the benchmark is about; the rest is as short as can be. */
export const workloadOf = (id: string, content: object): Workload =>
  workload.parse({ id, title: id, description: 'Of the benchmark.', warmupSeconds: 0.5, ...content });

async function run(server: PostgresServer, kind: BenchmarkKind, workload: Workload, blocks: number, seed: number) {
  const segments: Segment[] = [];
  const keeper: Keeper = {
    facts: () => Promise.resolve(),
    owes: () => Promise.resolve(),
    restored: (problems) => (problems.length > 0 ? Promise.reject(new Error(problems.join('; '))) : Promise.resolve()),
    segment: (segment) => Promise.resolve(void segments.push(segment)),
    progress: () => undefined,
  };
  const dsn = parseDsn(`${server.url()}?sslmode=disable`, { env: {} });
  const databases = { discover: false, include: [], exclude: [] };
  const target = { name: 'bench', postgres: dsn, load: dsn, benchmark: 'allowed', databases } as const;
  await runBenchmark({ id: `${kind} ${seed}`, kind, target, workload, blocks, seed }, keeper, AbortSignal.any([]));
  return segments;
}
