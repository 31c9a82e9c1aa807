/** Benchmarks on a terminal. */
import type { Figures, Reached } from '../contract/benchmarks.ts';
import { milliseconds as ms } from '../benchmark/report/format.ts';
import type { BenchmarkRow, ListedRow } from '../benchmark/book/rows.ts';
import type { Compared } from '../benchmark/book/compare.ts';
import { percent } from '../benchmark/compare/percent.ts';
import { ARMS } from '../benchmark/kinds.ts';

export function listText(rows: readonly ListedRow[]): string {
  if (rows.length === 0) return 'Nothing was measured yet.\n';
  return rows
    .map((row) => {
      const { id, kind, target, workload_id, started_at, state, star } = row;
      const when = started_at.toISOString().slice(0, 16).replace('T', ' ');
      return [
        `${id.slice(0, 8)}${star ? ' *' : '  '}`,
        `${when}Z`,
        kind.padEnd(3),
        `${target} / ${workload_id}`.padEnd(32),
        state === 'done' ? resultOf(row) : `${state}: ${row.message || 'in progress'}`,
      ].join('  ');
    })
    .map((line) => `${line}\n`)
    .join('');
}

function resultOf({ summary, kind }: ListedRow): string {
  if (summary === null) return '';
  if (summary.verdict) return summary.verdict.sentence;
  if (summary.aa) return `${summary.aa.paired.alarms} false alarms of ${summary.aa.paired.of}`;
  const { p50, p99, throughput } = summary.arms[ARMS[kind][0]];
  return `p50 ${ms(p50)}, p99 ${ms(p99)}, ${throughput?.toFixed(1) ?? '–'}/s`;
}

const ROWS: readonly (readonly [string, (figures: Figures) => string])[] = [
  ['answers', ({ count }) => count.toLocaleString('en')],
  ['per second', ({ throughput }) => throughput?.toFixed(1) ?? '–'],
  ['mean', ({ mean }) => ms(mean)],
  ['p50', ({ p50 }) => ms(p50)],
  ['p95', ({ p95 }) => ms(p95)],
  ['p99', ({ p99 }) => ms(p99)],
  ['p99.9', ({ p999 }) => ms(p999)],
  ['longest', ({ max }) => ms(max)],
  ['failed', ({ failedRatio }) => (failedRatio === null ? '–' : percent(failedRatio))],
];

export function showText(row: BenchmarkRow): string {
  const { id, kind, target, workload, state, message, summary, errors } = row;
  const lines = [`${workload.title} on ${target}: ${kind} ${id}, ${state}${message && `: ${message}`}`];
  if (summary !== null) {
    const { verdict, aa } = summary;
    if (verdict) lines.push('', verdict.sentence, ...verdict.notes);
    if (aa) lines.push('', ...aaLines(aa));
    const arms = ARMS[kind];
    lines.push('', line('', arms));
    for (const [name, read] of ROWS) lines.push(line(name, arms.map((arm) => read(summary.arms[arm])))); // prettier-ignore
    lines.push(...arms.flatMap((arm) => thresholdLines(arm, summary.thresholds[arm])));
  }
  for (const [code, { statement, message: said }] of Object.entries(errors))
    lines.push(`${code} in ${statement}: ${said}`);
  return `${lines.join('\n')}\n`;
}

export function comparedText(compared: Compared, [first, second]: readonly [BenchmarkRow, BenchmarkRow]): string {
  const { verdict, differences, drift } = compared;
  const figures = [first, second].map(({ summary }) => summary!.arms.run);
  const lines = [
    verdict.sentence,
    ...verdict.notes,
    drift === null
      ? `Nobody has measured how far two runs of the same lie apart here: pgvigil bench aa --target ${second.target} --workload ${second.workload_id}`
      : `Two runs of the same lie ${percent(drift)} apart here, as its last bench aa found.`,
    ...differences.map(({ words }) => `Differs: ${words}`),
    '',
    line(
      '',
      [first, second].map(({ id }) => id.slice(0, 8)),
    ),
    ...ROWS.map(([name, read]) => line(name, figures.map(read))), // prettier-ignore
  ];
  return `${lines.join('\n')}\n`;
}

const line = (name: string, cells: readonly string[]): string =>
  `${name.padEnd(12)}${cells.map((cell) => cell.padStart(14)).join('')}`.trimEnd();

const ANSWERS = new Map([
  [true, 'reached'],
  [false, 'MISSED'],
  [null, 'not known'],
]);

const thresholdLines = (arm: string, reached: readonly Reached[]): string[] =>
  reached.map(({ name, wanted, found, met }) => {
    const is = found === null ? '' : `, is ${Number(found.toPrecision(4))}`;
    return `${ANSWERS.get(met)!.padEnd(10)} ${arm}: ${name} wanted ${wanted}${is}`;
  });

function aaLines({ paired, sequential, smallest }: NonNullable<NonNullable<BenchmarkRow['summary']>['aa']>): string[] {
  return [
    `False alarms by turns: ${paired.alarms} of ${paired.of} comparisons (95 %: ${percent(paired.low)} to ${percent(paired.high)}).`,
    `The same as two runs one after the other, as if the machine did not drift: ${sequential.alarms} of ${sequential.of}.`,
    ...smallest.map(
      ({ blocks, change }) =>
        `In ${blocks} blocks it sees a change of ${change === null ? 'no size' : percent(change)}.`,
    ),
  ];
}
