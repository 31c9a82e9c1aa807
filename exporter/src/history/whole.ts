/** Everything that the list and the detail of a window start from. */
import type { SlowQueries } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import { type Coverage, findCoverage, gapSeconds, secondsOf } from './coverage.ts';
import { sumOf, type WindowTotals } from './figures.ts';
import { type Names, namesOf } from './index_cache.ts';
import { readStatementTotals, sumBefore, sumNow, type Sums, sumWaits } from './sums.ts';
import { readDone, type Done } from './trend.ts';
import type { TimeRange } from './types.ts';
import { type WaitsByStatement, waitsByStatement } from './wait_sums.ts';

export interface WholeWindow {
  readonly coverage: Coverage;
  readonly names: Names;
  readonly now: Sums;
  /** Of the window before; null where it is not recorded. @param wanted only these statements. */
  readonly before: (wanted?: ReadonlySet<number>) => Promise<Sums | null>;
  readonly secondsBefore: number;
  /** Null where no samples were taken. */
  readonly waits: WaitsByStatement | null;
  readonly totals: WindowTotals;
  readonly done: Done;
}

/**
 * @param ofBefore what is wanted of the window before: see `readStatementTotals`.
 * @returns null where nothing is recorded of the window.
 */
export async function readWindow(
  store: Store,
  target: string,
  range: TimeRange,
  ofBefore: 'all' | 'head',
): Promise<WholeWindow | null> {
  const coverage = await findCoverage(store, target, range);
  if (coverage === null) return null;
  const [read, seconds, names, done] = await Promise.all([
    readStatementTotals(store, coverage, ofBefore),
    coverage.sampleSeconds > 0 ? sumWaits(store, coverage) : null,
    namesOf(store, coverage),
    readDone(store, coverage.target),
  ]);
  const now = await sumNow(read, coverage, names.lives);
  const { from, to, before } = coverage;
  return {
    coverage,
    names,
    now,
    before: (wanted) => sumBefore(read, coverage, names.lives, wanted),
    secondsBefore: before === null ? 0 : secondsOf({ from: before, to: from }),
    waits: seconds === null ? null : waitsByStatement(seconds, names),
    totals: {
      seconds: secondsOf({ from, to }),
      execMs: sumOf(now, 'exec_ms'),
      ioTiming: coverage.facts.ioTiming ?? false,
    },
    done,
  };
}

export const coveredOf = ({ from, to, gaps, notes }: Coverage): SlowQueries['window'] => ({
  from: from.toISOString(),
  to: to.toISOString(),
  gapSeconds: gapSeconds(gaps),
  notes: [...notes],
});

/** Nothing is recorded: all of it is a gap. */
export const uncovered = (range: TimeRange): SlowQueries['window'] => ({
  from: range.from.toISOString(),
  to: range.to.toISOString(),
  gapSeconds: secondsOf(range),
  notes: ['nothing was recorded'],
});
