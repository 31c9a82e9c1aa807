/** Compares a reading of pg_stat_statements with the one before: what changed, began, ended, and why. */
import { AT } from './columns.ts';
import type { Reading, Row } from './source.ts';
import type { Facts } from './writer.ts';

/** One entry of pg_stat_statements from 0 on, until it is reset or evicted. */
export interface Life {
  readonly id: number;
  since: number | null;
  values: Float64Array;
}

export interface Comparison {
  readonly changed: readonly { readonly life: Life; readonly row: Row }[];
  readonly begun: readonly Row[];
  /** By key; the last that is known of them counts. */
  readonly ended: readonly (readonly [key: string, life: Life])[];
  readonly notes: readonly string[];
}

/** `since` is kept in the state database as well, where it may lose its last digits. */
const SAME_SECONDS = 0.001;

/**
 * Counters that fell, or began later than those known, are another life: its whole content happened since the last
 * reading. Where the server tells neither (before extension 1.11 a reset of one statement that has since been called more often
 * than ever before) it is taken for the same life.
 */
export function compare(before: ReadonlyMap<string, Life>, facts: Facts, reading: Reading): Comparison {
  const restarted = facts.serverStart !== undefined && facts.serverStart !== reading.serverStart;
  const reset = facts.statsReset !== undefined && reading.statsReset !== facts.statsReset;
  // A restart loses all counters at once or none, so one that fell speaks for all.
  const lost = restarted && (reset || reading.rows.some((row) => isFallen(before.get(row.key), row)));
  const allAnew = reset || lost;
  const changed: { life: Life; row: Row }[] = [];
  const begun: Row[] = [];
  const ended: [string, Life][] = [];
  const seen = new Set<string>();
  let fallen = 0;
  for (const row of reading.rows) {
    seen.add(row.key);
    const life = before.get(row.key);
    if (life === undefined) begun.push(row);
    else if (isAnew(life, row, allAnew)) {
      fallen++;
      ended.push([row.key, life]);
      begun.push(row);
    } else if (life.values.some((value, column) => value !== row.values[column])) changed.push({ life, row });
  }
  let left = 0;
  for (const [key, life] of before) {
    if (seen.has(key)) continue;
    left++;
    ended.push([key, life]);
  }
  const evictions = (reading.evictions ?? 0) - (facts.evictions ?? 0);
  const notes = [
    restarted && (lost ? 'the server restarted and lost its counters' : 'the server restarted'),
    reset && !restarted && 'pg_stat_statements was reset, or the server crashed',
    !allAnew && fallen > 0 && `${fallen} ${fallen === 1 ? 'statement was' : 'statements were'} reset`,
    !allAnew && left > 0 && leftNote(left, evictions > 0),
  ].filter((note) => note !== false);
  return { changed, begun, ended, notes };
}

const leftNote = (left: number, evicted: boolean): string =>
  evicted
    ? `${left} ${left === 1 ? 'statement was' : 'statements were'} evicted: pg_stat_statements.max is too low for this load`
    : `${left} ${left === 1 ? 'statement is' : 'statements are'} gone from pg_stat_statements`;

function isAnew(life: Life, row: Row, allAnew: boolean): boolean {
  // Where each entry says since when it counts, nothing need be guessed.
  if (row.since !== null && life.since !== null) return Math.abs(row.since - life.since) > SAME_SECONDS;
  return allAnew || isFallen(life, row);
}

const isFallen = (life: Life | undefined, { values }: Row): boolean =>
  life !== undefined && (values[AT.calls] < life.values[AT.calls] || values[AT.exec_ms] < life.values[AT.exec_ms]);
