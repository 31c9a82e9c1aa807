/**
 * Two runs one after the other. What their segments differ by is the change, and whatever else happened to the machine
 * between the runs; so the machine's own drift is a doubt that more segments do not lessen.
 */
import type { Segment } from '../recording.ts';
import type { Comparison, Figure } from '../../contract/benchmarks.ts';
import { figuresOf } from './figures.ts';
import { FEWEST, judge, type Measured } from './judge.ts';
import { figuresFor, meanLog, measure, type Measurement, type Options, tidy } from './measure.ts';
import { above, Z95 } from './normal.ts';
import { rankSumP } from './rank_sum.ts';

/**
 * Standard deviation of the logarithm of the ratio of two runs of the same, where nobody has measured it (`bench aa`
 * does). Cautious: 200 pgbench runs of a second each on a small virtual machine varied by 12 %, so two of them by 17 %.
 */
export const DRIFT_UNKNOWN = 0.17;

export interface SequentialOptions extends Options {
  /** This machine's, from `bench aa`. */
  readonly drift?: number | null;
}

export interface Run {
  /** What it is called. */
  readonly name: string;
  readonly segments: readonly Segment[];
}

/** @throws Error where a histogram can't be read. */
export function compareSequential(first: Run, second: Run, options: SequentialOptions): Comparison {
  const { primary, margin } = options;
  const drift = options.drift ?? DRIFT_UNKNOWN;
  const whole = { first: figuresOf(first.segments), second: figuresOf(second.segments) };
  const measured = { first: measure(first.segments), second: measure(second.segments) };
  const [changes, family] = judge(
    figuresFor(options.load).map(
      (figure): Measured => ({
        figure,
        first: whole.first[figure],
        second: whole.second[figure],
        ...ratioOf(logsOf(measured.first, figure), logsOf(measured.second, figure), drift),
      }),
    ),
    primary,
    margin,
  );
  const failed = [measured.first, measured.second].map((run) =>
    run.map(({ figures }) => tidy(figures.failedRatio ?? 0)),
  );
  const failures = {
    first: whole.first.failedRatio,
    second: whole.second.failedRatio,
    p: Math.min(...failed.map(({ length }) => length)) < FEWEST ? null : rankSumP(failed[0], failed[1]),
  };
  return { design: 'sequential', first: first.name, second: second.name, primary, margin, changes, failures, family };
}

const logsOf = (run: readonly Measurement[], figure: Figure): (number | null)[] =>
  run.map((measurement) => meanLog([measurement], figure)).map((log) => log && tidy(log));

type Ratio = Omit<Measured, 'figure' | 'first' | 'second'>;

function ratioOf(first: readonly (number | null)[], second: readonly (number | null)[], drift: number): Ratio {
  const [a, b] = [first, second].map((logs) => logs.filter((log) => log !== null));
  const counts = {
    blocks: Math.min(a.length, b.length),
    leftOut: first.length + second.length - a.length - b.length,
    spread: null,
  };
  if (counts.blocks < FEWEST) return { ...counts, ratio: null, low: null, high: null, p: null };
  const { estimate, standardError } = shift(a, b);
  const doubt = Math.hypot(standardError, drift);
  // Both must say so: the ranks, and what the machine does by itself.
  const p = Math.max(rankSumP(a, b), doubt > 0 ? Math.min(1, 2 * above(Math.abs(estimate) / doubt)) : 0);
  return {
    ...counts,
    ratio: Math.exp(estimate),
    low: Math.exp(estimate - Z95 * doubt),
    high: Math.exp(estimate + Z95 * doubt),
    p,
  };
}

/** Hodges and Lehmann: the median of all differences, and as wide as the rank-sum test's interval says. */
function shift(a: readonly number[], b: readonly number[]): { estimate: number; standardError: number } {
  const differences = Float64Array.from(b.flatMap((y) => a.map((x) => y - x))).sort();
  const count = differences.length;
  const deviation = Math.sqrt((count * (a.length + b.length + 1)) / 12);
  const low = Math.max(1, Math.floor(count / 2 - Z95 * deviation));
  const at = (depth: number): number => differences[depth - 1];
  return {
    estimate: (at(Math.ceil(count / 2)) + at(Math.floor(count / 2) + 1)) / 2,
    standardError: (at(count + 1 - low) - at(low)) / (2 * Z95),
  };
}
