/** From numbers to findings. */
import type { Change, Failures, Figure, ChangeFinding } from '../../contract/benchmarks.ts';
import { holm } from './holm.ts';

/** Of blocks, or of segments of each run: with five, no order of signs is rarer than 1 in 16. */
export const FEWEST = 6;

export const ALPHA = 0.05;

/** A difference between the arms' failures, from which on their latencies are those of different work. */
const FAILURES_MATTER = 0.01;

/** What has been measured of a figure, before it is judged as one of several. */
export type Measured = Omit<Change, 'adjustedP' | 'finding'>;

/**
 * Throughput and mean latency of a closed loop are one thing measured twice (clients = throughput × (latency + pause)).
 * Counted as two, they would make the others' task harder for nothing. So only one of them is in Holm's family; the
 * other may be called different only where that one is.
 */
const twinsOf = (measured: readonly Measured[], primary: Figure): Partial<Record<Figure, Figure>> => {
  if (!measured.some(({ figure }) => figure === 'throughput')) return {};
  return primary === 'throughput' ? { mean: 'throughput' } : { throughput: 'mean' };
};

export function judge(measured: readonly Measured[], primary: Figure, margin: number): [Change[], number] {
  const twins = twinsOf(measured, primary);
  const family = measured.filter(({ figure, p }) => p !== null && !twins[figure]);
  const adjusted = holm(family.map(({ p }) => p!));
  const ofFamily = new Map(family.map(({ figure }, at) => [figure, adjusted[at]]));
  const changes = measured.map((one): Change => {
    const twin = twins[one.figure];
    const adjustedP =
      one.p === null ? null : twin ? Math.max(one.p, ofFamily.get(twin) ?? 1) : ofFamily.get(one.figure)!;
    return { ...one, adjustedP, finding: findingOf({ ...one, adjustedP }, margin) };
  });
  return [changes, family.length];
}

/**
 * That a change is too small to matter comes first: with enough blocks everything differs by something, and whoever set
 * the margin has said that this something is nothing. A change is called one where both say so, the test and the interval.
 */
function findingOf({ figure, low, high, adjustedP }: Omit<Change, 'finding'>, margin: number): ChangeFinding {
  if (low === null || high === null || adjustedP === null) return 'unknown';
  if (high <= 1 + margin && low >= 1 / (1 + margin)) return 'same';
  if (adjustedP > ALPHA || (low <= 1 && high >= 1)) return 'unknown';
  return high < 1 === (figure !== 'throughput') ? 'faster' : 'slower';
}

/** An arm that gives up early is quick: what is left of its latencies can't be held against the other's. */
export const failuresDiffer = ({ first, second, p }: Failures): boolean =>
  first !== null && second !== null && p !== null && p <= ALPHA && Math.abs(first - second) > FAILURES_MATTER;
