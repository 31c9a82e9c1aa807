/** What a run's segments come to. Kept beside them: see the state database's column. */
import type { Aa, BenchmarkKind, Comparison, Figures, Reached, Verdict } from '../../contract/benchmarks.ts';
import { calibrate, cut } from '../compare/aa.ts';
import { figuresOf } from '../compare/figures.ts';
import { comparePaired } from '../compare/paired.ts';
import { thresholdsReached } from '../compare/thresholds.ts';
import { verdict } from '../compare/verdict.ts';
import type { Segment } from '../recording.ts';
import type { Workload } from '../workload/schema.ts';
import { ARMS } from '../kinds.ts';

export interface Summary {
  readonly arms: Readonly<Record<string, Figures>>;
  readonly thresholds: Readonly<Record<string, readonly Reached[]>>;
  /** Of two arms by turns. */
  readonly comparison: Comparison | null;
  readonly verdict: Verdict | null;
  /** Of two equal arms. */
  readonly aa: Aa | null;
}

/** @param workload its `blocks` are those of one comparison: an A/A run has several. */
export function summaryOf(kind: BenchmarkKind, workload: Workload, segments: readonly Segment[]): Summary {
  const byArm = <T>(read: (own: readonly Segment[]) => T): Record<string, T> =>
    Object.fromEntries(ARMS[kind].map((arm) => [arm, read(segments.filter((segment) => segment.arm === arm))]));
  const { primary, margin, load } = workload;
  const comparison = kind === 'ab' ? comparePaired(segments, ARMS.ab, { primary, margin, load }) : null;
  return {
    arms: byArm(figuresOf),
    thresholds: byArm((own) => thresholdsReached(workload.thresholds, own)),
    comparison,
    verdict: comparison && verdict(comparison),
    aa: kind === 'aa' ? calibrate(cut(segments, workload.blocks), ARMS.aa, { primary, margin, load }) : null,
  };
}
