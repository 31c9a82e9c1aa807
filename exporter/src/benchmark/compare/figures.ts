/** What segments come to: over all their statements, each as often as it was sent. */
import type { Figures } from '../../contract/benchmarks.ts';
import type { Segment, StatementRecord } from '../recording.ts';
import { addUp, percentile } from './histogram.ts';

export const figuresOf = (segments: readonly Segment[]): Figures =>
  figuresOfRecords(
    segments.flatMap(({ statements }) => Object.values(statements)),
    sum(segments.map(({ seconds }) => seconds)),
    sum(segments.map(({ due, sent }) => Math.max(0, due - sent))),
  );

/** @param unsent were due, and the segment ended before. */
export function figuresOfRecords(records: readonly StatementRecord[], seconds: number, unsent = 0): Figures {
  const count = sum(records.map((record) => record.count));
  const errors = sum(records.flatMap((record) => Object.values(record.errors)));
  const histogram = addUp(records.filter((record) => record.count > 0).map((record) => record.histogram));
  const at = (share: number): number | null => histogram && percentile(histogram, share);
  return {
    count,
    mean: ratio(sum(records.map(({ sumUs }) => sumUs)), count),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    p999: at(0.999),
    max: histogram && histogram.maxValue,
    throughput: ratio(count, seconds),
    errorRatio: ratio(errors, count + errors),
    failedRatio: ratio(errors + unsent, count + errors + unsent),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
