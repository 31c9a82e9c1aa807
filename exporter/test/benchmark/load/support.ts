/** A load against a server of the tests. */
import { decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { LoadGenerator } from '../../../src/benchmark/load/generator.ts';
import type { LoadPlan } from '../../../src/benchmark/load/types.ts';
import type { Statement } from '../../../src/benchmark/workload/schema.ts';
import { parseDsn } from '../../../src/config/dsn.ts';

export const dsnOf = (url: string) => parseDsn(`${url}?sslmode=disable`, { env: {} });

export const statement = (name: string, ...steps: (string | Statement['steps'][number])[]): Statement => ({
  name,
  weight: 1,
  steps: steps.map((step) => (typeof step === 'string' ? { sql: step, parameters: [] } : step)),
});

/** One arm, two clients in a closed loop, unless said otherwise. */
export const planOf = (url: string, plan: Partial<LoadPlan> & Pick<LoadPlan, 'statements'>): LoadPlan => ({
  dsn: dsnOf(url),
  arms: [{ name: 'run', session: {} }],
  clients: 2,
  load: { kind: 'closed', thinkMs: 0 },
  statementTimeoutMs: 60_000,
  found: {},
  ...plan,
});

/** Closed also when the test fails: a thread that goes on keeps Jest alive. */
export async function withLoad<T>(plan: LoadPlan, use: (load: LoadGenerator) => Promise<T>): Promise<T> {
  const load = await LoadGenerator.open(plan);
  try {
    return await use(load);
  } finally {
    await load.close();
  }
}

export const decode = ({ histogram }: { histogram: string }): Histogram => decodeFromCompressedBase64(histogram);

/** How many values are above. */
export function countAbove(histogram: Histogram, us: number): number {
  const below = Array.from({ length: histogram.totalCount }, (_, i) =>
    histogram.getValueAtPercentile(((i + 1) / histogram.totalCount) * 100),
  );
  return below.filter((value) => value > us).length;
}
