/** Two arms that took turns in one run: each block is compared with itself, so that what drifts from block to block cancels. */
import type { Segment } from '../recording.ts';
import { interval } from './bootstrap.ts';
import type { Comparison, Figure } from '../../contract/benchmarks.ts';
import { figuresOf } from './figures.ts';
import { FEWEST, judge, type Measured } from './judge.ts';
import { figuresFor, meanLog, measure, type Measurement, type Options, tidy } from './measure.ts';
import { signedRankP } from './signed_rank.ts';

interface Block {
  readonly first: readonly Measurement[];
  readonly second: readonly Measurement[];
}

/** @param arms the first is what the second is compared with. @throws Error where a histogram can't be read. */
export function comparePaired(
  segments: readonly Segment[],
  [first, second]: readonly [string, string],
  options: Options,
): Comparison {
  const { primary, margin } = options;
  const ofArm = (arm: string): Segment[] => segments.filter((segment) => segment.arm === arm);
  const whole = { first: figuresOf(ofArm(first)), second: figuresOf(ofArm(second)) };
  const blocks = blocksOf(measure(segments), first, second);
  const measured = figuresFor(options.load).map(
    (figure): Measured => ({
      figure,
      first: whole.first[figure],
      second: whole.second[figure],
      ...ratioOf(blocks, figure),
    }),
  );
  const [changes, family] = judge(measured, primary, margin);
  const failed = blocks.map(({ first, second }) => tidy(failedIn(second) - failedIn(first)));
  const failures = {
    first: whole.first.failedRatio,
    second: whole.second.failedRatio,
    p: blocks.length < FEWEST ? null : signedRankP(failed),
  };
  return { design: 'paired', first, second, primary, margin, changes, failures, family };
}

const blocksOf = (measurements: readonly Measurement[], first: string, second: string): Block[] =>
  [...Map.groupBy(measurements, ({ segment }) => segment.block).values()].map((block) => ({
    first: block.filter(({ segment }) => segment.arm === first),
    second: block.filter(({ segment }) => segment.arm === second),
  }));

/** Segments of an arm are equally long: their shares weigh the same. A segment in which nothing was due has not failed. */
const failedIn = (measurements: readonly Measurement[]): number =>
  measurements.reduce((sum, { figures }) => sum + (figures.failedRatio ?? 0), 0) / Math.max(1, measurements.length);

function ratioOf(blocks: readonly Block[], figure: Figure): Omit<Measured, 'figure' | 'first' | 'second'> {
  const logs = blocks.flatMap(({ first, second }) => {
    const a = meanLog(first, figure);
    const b = meanLog(second, figure);
    return a === null || b === null ? [] : [tidy(b - a)];
  });
  const counts = { blocks: logs.length, leftOut: blocks.length - logs.length };
  if (logs.length < FEWEST) return { ...counts, ratio: null, low: null, high: null, p: null, spread: null };
  const { estimate, low, high, standardError } = interval(logs);
  return {
    ...counts,
    ratio: Math.exp(estimate),
    low: Math.exp(low),
    high: Math.exp(high),
    p: signedRankP(logs),
    spread: standardError * Math.sqrt(logs.length),
  };
}
