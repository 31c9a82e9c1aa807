/** Whether an arm has reached what its workload wants. */
import type { Figures, Reached } from '../../contract/benchmarks.ts';
import type { Segment } from '../recording.ts';
import type { Thresholds } from '../workload/schema.ts';
import { figuresOf } from './figures.ts';

interface Rule {
  readonly read: (figures: Figures, segments: readonly Segment[]) => number | null;
  readonly met: (found: number, wanted: number) => boolean;
}

const below: Rule['met'] = (found, wanted) => found < wanted;
const milliseconds = (us: number | null): number | null => us && us / 1000;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const RULES: Readonly<Record<keyof Thresholds, Rule>> = {
  rowsPerHour: {
    read: (_, segments) => {
      const rows = sum(segments.flatMap(({ statements }) => Object.values(statements).map((record) => record.rows)));
      return (rows / sum(segments.map(({ seconds }) => seconds))) * 3600;
    },
    met: (found, wanted) => found >= wanted,
  },
  meanMs: { read: ({ mean }) => milliseconds(mean), met: below },
  p95Ms: { read: ({ p95 }) => milliseconds(p95), met: below },
  errorRatio: { read: ({ errorRatio }) => errorRatio, met: below },
  poolEfficiency: {
    read: ({ count }, segments) => {
      const sessions = segments.map(({ server }) => server?.sessions ?? null);
      return count === 0 || sessions.includes(null) ? null : 1 - sum(sessions as number[]) / count;
    },
    met: (found, wanted) => found > wanted,
  },
};

/** @param segments of one arm. */
export function thresholdsReached(thresholds: Thresholds, segments: readonly Segment[]): Reached[] {
  if (segments.length === 0) return [];
  const figures = figuresOf(segments);
  // In one order, however the workload was kept.
  return (Object.keys(RULES) as (keyof Thresholds)[]).flatMap((name) => {
    const wanted = thresholds[name];
    if (wanted === undefined) return [];
    const found = RULES[name].read(figures, segments);
    return [{ name, wanted, found, met: found === null ? null : RULES[name].met(found, wanted) }];
  });
}
