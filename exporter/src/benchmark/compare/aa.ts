/** What this machine calls a change where there is none, and how small a change it can see. */
import type { Segment } from '../recording.ts';
import type { Aa, Comparison, Rate } from '../../contract/benchmarks.ts';
import type { Options } from './measure.ts';
import { Z95 } from './normal.ts';
import { comparePaired } from './paired.ts';
import { smallestChange } from './plan.ts';
import { compareSequential } from './sequential.ts';
import { verdict } from './verdict.ts';

const BLOCKS = [10, 20, 40, 80];

/** From fewer comparisons the drift could be anything. */
const FEWEST_FOR_DRIFT = 8;

/** One long run of equal arms, cut up. What is left over at the end is in none. */
export function cut(segments: readonly Segment[], blocks: number): Segment[][] {
  const numbers = [...new Set(segments.map(({ block }) => block))].sort((a, b) => a - b);
  return Array.from({ length: Math.floor(numbers.length / blocks) }, (_, piece) => {
    const own = new Set(numbers.slice(piece * blocks, (piece + 1) * blocks));
    return segments.filter(({ block }) => own.has(block));
  });
}

/** @param runs each of both arms, which are equal */
export function calibrate(
  runs: readonly (readonly Segment[])[],
  arms: readonly [string, string],
  options: Options,
): Aa {
  const paired = runs.map((run) => comparePaired(run, arms, options));
  const withDrift = (run: readonly Segment[], drift: number | null): Comparison => halves(run, { ...options, drift });
  const sequential = runs.map((run) => withDrift(run, 0));
  const logs = sequential.map((one) => Math.log(primaryOf(one)?.ratio ?? NaN));
  // Of each run with the drift of the others: its own would excuse it.
  const cautious = runs.map((run, at) => withDrift(run, driftOf(logs.toSpliced(at, 1))));
  const spread = rootMeanSquare(paired.map((one) => primaryOf(one)?.spread ?? NaN));
  return {
    paired: rate(paired.map(alarmed)),
    anyFigure: rate(
      paired.map(({ changes }) => changes.some(({ finding }) => finding === 'faster' || finding === 'slower')),
    ),
    sequential: rate(sequential.map(alarmed)),
    sequentialWithDrift: rate(cautious.map(alarmed)),
    drift: driftOf(logs),
    spread,
    smallest: BLOCKS.map((blocks) => ({
      blocks,
      change:
        spread === null ? null : smallestChange(spread, blocks, Math.max(1, ...paired.map(({ family }) => family))),
    })),
  };
}

/** The segments of a run in the order of time, as two runs. */
function halves(run: readonly Segment[], options: Parameters<typeof compareSequential>[2]): Comparison {
  const ordered = [...run].sort((a, b) => a.block - b.block || a.position - b.position);
  const middle = Math.floor(ordered.length / 2);
  return compareSequential(
    { name: 'first half', segments: ordered.slice(0, middle) },
    { name: 'second half', segments: ordered.slice(middle) },
    options,
  );
}

const primaryOf = ({ changes, primary }: Comparison) => changes.find(({ figure }) => figure === primary);

const alarmed = (comparison: Comparison): boolean => ['faster', 'slower'].includes(verdict(comparison).finding);

/** Around 0, which is the truth here. */
function driftOf(logs: readonly number[]): number | null {
  return logs.filter(Number.isFinite).length < FEWEST_FOR_DRIFT ? null : rootMeanSquare(logs);
}

function rootMeanSquare(values: readonly number[]): number | null {
  const known = values.filter(Number.isFinite);
  return known.length === 0 ? null : Math.sqrt(known.reduce((sum, value) => sum + value ** 2, 0) / known.length);
}

function rate(alarms: readonly boolean[]): Rate {
  const of = alarms.length;
  const hits = alarms.filter(Boolean).length;
  if (of === 0) return { alarms: 0, of: 0, low: 0, high: 1 };
  const share = hits / of;
  const weight = Z95 ** 2 / of;
  const middle = (share + weight / 2) / (1 + weight);
  const half = (Math.sqrt((share * (1 - share)) / of + weight / of / 4) * Z95) / (1 + weight);
  return { alarms: hits, of, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
