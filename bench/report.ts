/** What every bench says at its end: an aligned table for people, and the same numbers as JSON. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Measure {
  /** Scenario and quantity, `big/0.11: wall p50`. */
  readonly measure: string;
  readonly unit: string;
  readonly ours: number | null;
  readonly peer: number | null;
  /** ours / peer. */
  readonly ratio: number | null;
  /** Such as `ratio <= 0.5` or `ours >= 0.97`; null where the number is only for information. */
  readonly goal: string | null;
  readonly ok: boolean | null;
}

/** What is held against a limit: the ratio to the peer, or our own number. */
export interface Goal {
  readonly of: 'ratio' | 'ours';
  readonly relation: '<=' | '>=';
  readonly limit: number;
}

export const ratioAtMost = (limit: number): Goal => ({ of: 'ratio', relation: '<=', limit });
export const ratioAtLeast = (limit: number): Goal => ({ of: 'ratio', relation: '>=', limit });
export const oursAtMost = (limit: number): Goal => ({ of: 'ours', relation: '<=', limit });
export const oursAtLeast = (limit: number): Goal => ({ of: 'ours', relation: '>=', limit });

/** @param goal holds or fails only where both numbers are there. */
export function measure(
  name: string,
  unit: string,
  ours: number | null,
  peer: number | null = null,
  goal?: Goal,
): Measure {
  const ratio = ours !== null && peer !== null && peer !== 0 ? ours / peer : null;
  // 0 of ours against 0 of the peer's is not more than the peer's.
  const held = goal?.of === 'ratio' && ours === 0 && peer === 0 ? 0 : goal?.of === 'ratio' ? ratio : ours;
  return {
    measure: name,
    unit,
    ours,
    peer,
    ratio,
    goal: goal ? `${goal.of} ${goal.relation} ${goal.limit}` : null,
    ok: goal && held !== null ? (goal.relation === '<=' ? held <= goal.limit : held >= goal.limit) : null,
  };
}

/** Three significant digits, whole from 100 on. */
export function number(value: number | null): string {
  if (value === null) return '';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}

/** Columns as wide as their widest cell; those named in `right` are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly string[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (right.includes(head[i]) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const NUMBERS = ['ours', 'peer', 'ratio'];

export function measuresTable(measures: readonly Measure[]): string {
  const head = ['measure', 'unit', ...NUMBERS, 'goal', ''];
  const rows = measures.map(({ measure, unit, ours, peer, ratio, goal, ok }) => [
    measure,
    unit,
    number(ours),
    number(peer),
    ratio === null ? '' : ratio.toFixed(2),
    goal ?? '',
    ok === null ? '' : ok ? 'ok' : 'FAIL',
  ]);
  return table(head, rows, NUMBERS);
}

/** Writes bench/results/<name>.json. @returns the file. */
export function writeResults(name: string, measures: readonly Measure[]): string {
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(measures, undefined, 2)}\n`);
  return file;
}

/** Prints how many goals hold and which do not. @returns the exit code: 1 only where `strict` and a goal fails. */
export function conclude(measures: readonly Measure[], strict: boolean): number {
  const judged = measures.filter(({ ok }) => ok !== null);
  const failed = judged.filter(({ ok }) => !ok);
  console.log(`\n${judged.length - failed.length} of ${judged.length} goals hold.`);
  for (const { measure, unit, ours, ratio, goal } of failed) {
    const found = goal?.startsWith('ratio') ? `ratio ${ratio?.toFixed(2)}` : `${number(ours)} ${unit}`;
    console.log(`  FAIL  ${measure}: ${found}, goal ${goal}`);
  }
  return strict && failed.length > 0 ? 1 : 0;
}
