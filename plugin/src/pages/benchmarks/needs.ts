import type { Benchmark, WorkloadInfo } from '@pgvigil/exporter/contract';

export interface Wanted {
  readonly kind: Benchmark['kind'];
  readonly blocks: number;
  /** Of one segment. */
  readonly seconds: number;
  /** Of an A/A run. */
  readonly comparisons: number;
}

/** A tenth of a segment, within these, is given to new sessions of each arm of each block before they are measured. */
const SETTLE = { part: 0.1, least: 0.1, most: 1 };

/** How long a run takes, in seconds, without what its switches take. */
export function secondsOf({ warmupSeconds }: Pick<WorkloadInfo, 'warmupSeconds'>, wanted: Wanted): number {
  const { kind, blocks, seconds, comparisons } = wanted;
  const arms = kind === 'run' ? 1 : 2;
  const segments = kind === 'run' ? 1 : 4;
  const settle = Math.min(SETTLE.most, Math.max(SETTLE.least, seconds * SETTLE.part));
  return arms * warmupSeconds + blocks * comparisons * (segments * seconds + arms * settle);
}
