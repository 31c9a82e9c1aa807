/** One run whole, or two beside each other: what the page, the reports and the API show. */
import type { Comparison, Sheet, Side, StatementDelta } from '../../contract/benchmarks.ts';
import type { Query } from '../../store/store.ts';
import { compareRuns } from '../book/compare.ts';
import { type BenchmarkRow, type CourseSegment, readCourse } from '../book/rows.ts';
import { ARMS } from '../kinds.ts';
import { itemOf } from './item.ts';
import { seriesOf } from './series.ts';
import { differenceInWords, switchesInWords } from './words.ts';

export async function sheetOf(query: Query, row: BenchmarkRow): Promise<Sheet> {
  const { summary } = row;
  // While it runs there are no sides yet, and a page asks every other second.
  const course = summary === null ? [] : await readCourse(query, row.id);
  const arms = summary === null ? [] : ARMS[row.kind];
  return {
    benchmarks: [describe(row)],
    sides: arms.map((arm) => sideOf(arm, row, arm, course)),
    comparison: summary?.comparison ?? null,
    changesInWords: inWords(summary?.comparison ?? null),
    verdict: summary?.verdict ?? null,
    aa: summary?.aa ?? null,
    drift: null,
    differences: [],
  };
}

/**
 * @param first the earlier one; both plain runs that are done.
 * @param tested what differs on purpose, as in `differences`.
 * @throws BadValue with what else differs.
 */
export async function sheetOfTwo(
  query: Query,
  [first, second]: readonly [BenchmarkRow, BenchmarkRow],
  tested: readonly string[],
): Promise<Sheet> {
  const { comparison, verdict, drift, differences } = await compareRuns(query, first, second, tested);
  const courses = await Promise.all([first, second].map(({ id }) => readCourse(query, id)));
  return {
    benchmarks: [first, second].map(describe),
    sides: [first, second].map((row, i) => sideOf(row.id.slice(0, 8), row, 'run', courses[i])),
    comparison,
    changesInWords: inWords(comparison),
    verdict,
    aa: null,
    drift,
    differences: [...differences],
  };
}

const inWords = (comparison: Comparison | null): Sheet['changesInWords'] =>
  Object.fromEntries((comparison?.changes ?? []).map((change) => [change.figure, differenceInWords(change)]));

function describe(row: BenchmarkRow): Sheet['benchmarks'][number] {
  const { workload, kind, facts, statement_deltas: statements, errors } = row;
  const { arms } = workload;
  const switches: Record<string, string[]> =
    kind === 'ab' && arms ? { before: switchesInWords(arms.before), after: switchesInWords(arms.after) } : {};
  const counted = statements && costly(statements);
  return { ...itemOf(row), description: workload.description, switches, facts, statements: counted, errors };
}

/** Of the server's time at least; the rest is what watches it, mostly. */
const LEAST_SHARE = 0.01;
const MOST_STATEMENTS = 10;

/** They come costliest first. */
function costly(statements: readonly StatementDelta[]): StatementDelta[] {
  const all = statements.reduce((sum, { totalMs }) => sum + totalMs, 0);
  return statements.filter(({ totalMs }) => totalMs >= LEAST_SHARE * all).slice(0, MOST_STATEMENTS);
}

function sideOf(name: string, { summary }: BenchmarkRow, arm: string, course: readonly CourseSegment[]): Side {
  const own = course.filter((segment) => segment.arm === arm);
  /** Of what was not always known, nothing is. */
  const total = (figure: 'walBytes' | 'checkpoints' | 'sessions'): number | null => {
    const values = own.map(({ server }) => server?.[figure] ?? null);
    return values.includes(null) ? null : (values as number[]).reduce((sum, value) => sum + value, 0);
  };
  return {
    name,
    figures: summary!.arms[arm],
    thresholds: [...summary!.thresholds[arm]],
    series: seriesOf(own),
    waits: waitsOf(own),
    walBytes: total('walBytes'),
    checkpoints: total('checkpoints'),
    sessions: total('sessions'),
  };
}

/** Of the segments that were sampled. */
function waitsOf(segments: readonly CourseSegment[]): Record<string, number> | null {
  const sampled = segments.map(({ server }) => server?.waits ?? null).filter((waits) => waits !== null);
  if (sampled.length === 0) return null;
  const total: Record<string, number> = {};
  for (const waits of sampled) {
    for (const [wait, count] of Object.entries(waits)) total[wait] = (total[wait] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(total).sort(([, a], [, b]) => b - a));
}
