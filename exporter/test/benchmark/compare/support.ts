/** Noise, and segments as a run would have recorded them; all from a seed. */
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { LONGEST_US, type Segment, type StatementRecord } from '../../../src/benchmark/recording.ts';
import { randomFrom } from '../../../src/benchmark/workload/random.ts';

export interface Noise {
  /** Standard deviation 1, mean 0. */
  readonly normal: () => number;
  /** Student's t with three degrees: now and then far out. */
  readonly heavy: () => number;
  /** Exponential: all above 0; its pseudo-median is SKEWED_MIDDLE. */
  readonly skewed: () => number;
  readonly fraction: () => number;
}

/** Median of the mean of two exponentials: half the root of (1 + x) e^-x = 1/2. */
export const SKEWED_MIDDLE = 1.6783469900166605 / 2;

export function noise(seed: number): Noise {
  const random = randomFrom(seed);
  const fraction = (): number => random.fraction();
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction());
  return {
    fraction,
    normal,
    heavy: () => normal() / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3),
    skewed: () => -Math.log(1 - fraction()),
  };
}

/** @param latencies microseconds */
export function recordOf(latencies: readonly number[], errors = 0): StatementRecord {
  // Small where it may be: tests make thousands of them.
  const highest = Math.max(2, ...latencies) > 100_000 ? LONGEST_US : 200_000;
  const histogram = build({ highestTrackableValue: highest, numberOfSignificantValueDigits: 3 });
  for (const latency of latencies) histogram.recordValue(latency);
  return {
    count: latencies.length,
    errors: errors > 0 ? { '57014': errors } : {},
    rows: latencies.length,
    sumUs: latencies.reduce((sum, latency) => sum + latency, 0),
    histogram: encodeIntoCompressedBase64(histogram),
  };
}

export function segmentOf(
  place: Pick<Segment, 'block' | 'position' | 'arm'>,
  latencies: readonly number[],
  more: { errors?: number; unsent?: number } = {},
): Segment {
  const sent = latencies.length + (more.errors ?? 0);
  return {
    ...place,
    startedAt: '2026-01-01T00:00:00.000Z',
    // As one client would need that sends the next when the last is answered.
    seconds: latencies.reduce((sum, latency) => sum + latency, 0) / 1e6,
    due: sent + (more.unsent ?? 0),
    sent,
    statements: { only: recordOf(latencies, more.errors) },
    server: null,
  };
}

export interface Shape {
  readonly blocks: number;
  /** Second arm / first. */
  readonly ratio: number;
  /** Standard deviation of a segment's logarithm. */
  readonly segmentNoise?: number;
  /** Of the step that the machine takes from one segment to the next. */
  readonly wander?: number;
  readonly answers?: number;
}

/** One run of the arms `before` and `after`, each block ABBA or BAAB. */
export function interleaved(seed: number, shape: Shape): Segment[] {
  const { normal, fraction } = noise(seed);
  const { blocks, ratio, segmentNoise = 0.03, wander = 0, answers = 25 } = shape;
  let machine = 0;
  return Array.from({ length: blocks }, (_, block) => {
    const order = fraction() < 0.5 ? 'ABBA' : 'BAAB';
    return [...order].map((letter, position) => {
      machine += wander * normal();
      const level = 2000 * Math.exp(machine + segmentNoise * normal()) * (letter === 'A' ? 1 : ratio);
      const latencies = Array.from({ length: answers }, () => level * Math.exp(0.2 * normal()));
      return segmentOf({ block, position, arm: letter === 'A' ? 'before' : 'after' }, latencies);
    });
  }).flat();
}

export const ARMS = ['before', 'after'] as const;

/** Every choice of true and false for so many. */
export const choices = (count: number): boolean[][] =>
  Array.from({ length: 2 ** count }, (_, bits) => Array.from({ length: count }, (_, at) => ((bits >> at) & 1) === 1));

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
