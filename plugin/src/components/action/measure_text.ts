import type { Measure } from '@pgvigil/exporter/contract';
import { format, formatChange, formatNumber, type Quantity } from '../../lib/format';

const QUANTITIES: Record<Measure['unit'], Quantity> = {
  bytes: 'bytes',
  rows: 'count',
  count: 'count',
  seconds: 'seconds',
  ratio: 'ratio',
};

/** One figure with its unit; "unknown" for what could not be read. */
export function measured(measure: Measure, side: 'before' | 'after'): string {
  const value = measure[side];
  return value === null ? 'unknown' : format(QUANTITIES[measure.unit], value);
}

/** "−38 %", "×2.1"; empty where a ratio would say nothing. */
export function changeOf({ before, after }: Measure): string {
  if (before === null || after === null || before === 0 || before === after) return '';
  const ratio = after / before;
  // "−100 %" would say that nothing is left.
  return ratio > 0 && ratio < 0.005 ? `−${formatNumber((1 - ratio) * 100)} %` : formatChange(ratio);
}

/** "12,400 → 0 dead rows (−100 %)": an effect in one line, for tables and files. */
export function effectLine(measures: readonly Measure[]): string {
  return measures
    .map((measure) => {
      const change = changeOf(measure);
      const figures = `${measured(measure, 'before')} → ${measured(measure, 'after')}`;
      return `${measure.title}: ${figures}${change === '' ? '' : ` (${change})`}`;
    })
    .join(' · ');
}
