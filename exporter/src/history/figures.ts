/** From sums of a window to what the contract calls figures, and whether they changed. */
import type { Statement, StatementFigures } from '../contract/index.ts';
import { AT, BLOCK_BYTES, STATEMENT_COLUMNS, type StatementColumn } from './columns.ts';
import type { Sums } from './sums.ts';

export interface WindowTotals {
  readonly seconds: number;
  /** Of all statements, milliseconds. */
  readonly execMs: number;
  /** False: the server does not time its reads and writes, so 0 means nothing. */
  readonly ioTiming: boolean;
}

/** One statement's sums, where they are: 5,000 small arrays would be work for the garbage collector. */
export interface Values {
  readonly columns: readonly Float64Array[];
  readonly row: number;
}

/** @returns undefined where it did nothing. */
export function valuesOf({ rows, columns }: Sums, statement: number): Values | undefined {
  const row = rows.get(statement);
  return row === undefined ? undefined : { columns, row };
}

export const NOTHING: Values = { columns: STATEMENT_COLUMNS.map(() => new Float64Array(1)), row: 0 };

export const of = ({ columns, row }: Values, column: StatementColumn): number => columns[AT[column]][row];

/** Of all statements together. */
export function sumOf({ rows, columns }: Sums, column: StatementColumn): number {
  let sum = 0;
  for (let row = 0; row < rows.size; row++) sum += columns[AT[column]][row];
  return sum;
}

export const loadOf = (values: Values): number => of(values, 'exec_ms');
export const callsOf = (values: Values): number => of(values, 'calls');
/** Seconds; null without executions. */
export const meanOf = (values: Values): number | null =>
  callsOf(values) > 0 ? loadOf(values) / callsOf(values) / 1000 : null;
/** Seconds; null with fewer than two executions. */
export const spreadOf = (values: Values): number | null => {
  const variance = varianceOf(values);
  return variance === null ? null : Math.sqrt(variance) / 1000;
};
export const p95Of = (values: Values): number | null => logNormalP95(meanOf(values), spreadOf(values));

export function figuresOf(values: Values, window: WindowTotals): StatementFigures {
  const calls = of(values, 'calls');
  const totalMs = of(values, 'exec_ms');
  const mean = meanOf(values);
  const spread = spreadOf(values);
  return {
    calls,
    callsPerSecond: calls / window.seconds,
    totalSeconds: totalMs / 1000,
    share: window.execMs > 0 ? totalMs / window.execMs : 0,
    meanSeconds: mean,
    spreadSeconds: spread,
    p95EstimateSeconds: logNormalP95(mean, spread),
    rows: of(values, 'rows'),
    rowsPerCall: calls > 0 ? of(values, 'rows') / calls : null,
    sharedReadBytes: of(values, 'shared_read') * BLOCK_BYTES,
    sharedHitBytes: of(values, 'shared_hit') * BLOCK_BYTES,
    sharedDirtiedBytes: of(values, 'shared_dirtied') * BLOCK_BYTES,
    tempBytes: of(values, 'temp_written') * BLOCK_BYTES,
    walBytes: of(values, 'wal_bytes'),
    ioSeconds: window.ioTiming ? (of(values, 'io_read_ms') + of(values, 'io_write_ms')) / 1000 : null,
    planSeconds: of(values, 'plan_ms') / 1000,
  };
}

/** Milliseconds², of the population as pg_stat_statements has it; null with fewer than two executions. */
function varianceOf(values: Values): number | null {
  const calls = of(values, 'calls');
  if (calls < 2) return null;
  const mean = of(values, 'exec_ms') / calls;
  // Equal executions leave a rounding error, which may be below zero.
  return Math.max(0, of(values, 'exec_ms_squared') / calls - mean * mean);
}

/** 95th percentile of the standard normal distribution. */
const Z95 = 1.6448536269514722;

function logNormalP95(mean: number | null, spread: number | null): number | null {
  if (mean === null || spread === null || mean <= 0) return null;
  const sigma2 = Math.log1p((spread / mean) ** 2);
  return mean * Math.exp(Z95 * Math.sqrt(sigma2) - sigma2 / 2);
}

type Change = Statement['change'];

/** Standard errors beyond which two means are not the same: by chance about once in 400 comparisons. */
const STANDARD_ERRORS = 3;
/** And it must be worth a look: with a million executions 1 % is beyond chance as well. */
const RATIO = 1.2;

/**
 * Slower or faster only beyond noise. Both windows' variances are exact, so the standard error of the difference of their means
 * is √(s₁²/n₁ + s₂²/n₂); the means must differ by three of it, and by a fifth. Fewer than two executions on either side
 * have no variance: unknown.
 * @param before of the window before, null where that is not recorded; undefined where the statement did nothing in it.
 */
export function changeOf(
  now: Values | undefined,
  before: Values | undefined | null,
  secondsNow: number,
  secondsBefore: number,
): Change {
  const unknown: Change = { kind: 'unknown', meanRatio: null, callsRatio: null };
  if (before === null) return unknown;
  const callsNow = now === undefined ? 0 : of(now, 'calls');
  const callsBefore = before === undefined ? 0 : of(before, 'calls');
  if (callsBefore === 0) return callsNow === 0 ? unknown : { ...unknown, kind: 'new' };
  if (callsNow === 0) return { ...unknown, kind: 'gone', callsRatio: 0 };
  const callsRatio = callsNow / secondsNow / (callsBefore / secondsBefore);
  const [meanNow, meanBefore] = [now!, before!].map((values) => of(values, 'exec_ms') / of(values, 'calls'));
  const meanRatio = meanBefore > 0 ? meanNow / meanBefore : null;
  const [varianceNow, varianceBefore] = [varianceOf(now!), varianceOf(before!)];
  if (varianceNow === null || varianceBefore === null || meanRatio === null)
    return { kind: 'unknown', meanRatio, callsRatio };
  const standardError = Math.sqrt(varianceNow / callsNow + varianceBefore / callsBefore);
  const beyondNoise = Math.abs(meanNow - meanBefore) > STANDARD_ERRORS * standardError;
  if (beyondNoise && meanRatio > RATIO) return { kind: 'slower', meanRatio, callsRatio };
  if (beyondNoise && meanRatio < 1 / RATIO) return { kind: 'faster', meanRatio, callsRatio };
  return { kind: 'same', meanRatio, callsRatio };
}

/**
 * For sorting by change: the seconds that the change costs in this window; what got faster is below zero, what is the same
 * has none.
 */
export function impactOf(change: Change, now: Values | undefined, before: Values | undefined | null): number | null {
  if (change.kind === 'unknown') return null;
  if (change.kind === 'same') return 0;
  if (change.kind === 'new') return loadOf(now!);
  if (change.kind === 'gone') return -loadOf(before!);
  return (loadOf(now!) / callsOf(now!) - loadOf(before!) / callsOf(before!)) * callsOf(now!);
}
