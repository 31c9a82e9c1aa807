import type { Store } from '../store/store.ts';
import { changeOf, figuresOf, loadOf, NOTHING, sumOf, valuesOf } from './figures.ts';
import { BLOCK_BYTES } from './columns.ts';
import { Course, Steps, stepMs } from './steps.ts';
import { readCourses } from './trend.ts';
import type { StatementHistory, StatementKey, TimeRange } from './types.ts';
import { coveredOf, readWindow, uncovered, type WholeWindow } from './whole.ts';

/** Points of a trend, at most. */
const POINTS = 120;

interface Found {
  readonly id: number;
  readonly query: string;
  readonly kind: string | null;
  readonly tables: readonly string[];
  readonly database: string;
  readonly user: string;
  readonly firstSeen: Date;
}

/** @returns null when the history does not know the statement. */
export async function readStatement(
  store: Store,
  key: StatementKey,
  range: TimeRange,
): Promise<StatementHistory | null> {
  const [found, whole] = await Promise.all([find(store, key), readWindow(store, key.target, range, 'all')]);
  if (found.length === 0) return null;
  const load = (statement: Found): number =>
    whole === null ? 0 : loadOf(valuesOf(whole.now, statement.id) ?? NOTHING);
  const statement = found.reduce((a, b) => (load(b) > load(a) ? b : a));
  const { query, kind, tables, database, user, firstSeen } = statement;
  const known = {
    queryId: key.queryId,
    database,
    user,
    text: query,
    kind: kind ?? 'other',
    tableNames: tables,
    firstSeen: firstSeen.toISOString(),
  };
  if (whole === null) return { ...known, ...unrecorded(range) };
  return { ...known, ...(await windowOf(store, whole, statement.id)) };
}

/** All users' and databases' where the key leaves them open. */
const find = (store: Store, { target, queryId, database, user }: StatementKey): Promise<Found[]> =>
  store.query<Found & Record<string, unknown>>(
    `select s.id, s.query, s.kind, coalesce(s.tables, '{}') as tables, s.database_name as database,
            s.user_name as user, s.first_seen as "firstSeen"
       from pgvigil_state.statement s join pgvigil_state.target t on t.id = s.target
      where t.name = $1 and s.query_id = $2 and ($3::text is null or s.database_name = $3)
        and ($4::text is null or s.user_name = $4)
      order by s.id`,
    [target, queryId, database ?? null, user ?? null],
  );

type OfWindow = Pick<StatementHistory, 'window' | 'figures' | 'before' | 'change' | 'rank' | 'of' | 'trend' | 'waits'>;

async function windowOf(store: Store, whole: WholeWindow, id: number): Promise<OfWindow> {
  const { coverage, totals, secondsBefore, waits } = whole;
  const now = valuesOf(whole.now, id);
  const past = await whole.before();
  const before = past && valuesOf(past, id);
  const mine = now === undefined ? 0 : loadOf(now);
  let costlier = 0;
  for (const row of whole.now.rows.values()) if (loadOf({ ...whole.now, row }) > mine) costlier++;
  const waited = waits?.get(id) ?? [];
  const seconds = waited.reduce((sum, wait) => sum + wait.seconds, 0);
  const steps = new Steps(coverage, stepMs(coverage, POINTS));
  const { calls, execMs, sharedRead } = await courseOf(store, whole, id, steps);
  return {
    window: coveredOf(coverage),
    figures: figuresOf(now ?? NOTHING, totals),
    before: past && figuresOf(before ?? NOTHING, { ...totals, seconds: secondsBefore, execMs: sumOf(past, 'exec_ms') }),
    change: changeOf(now, before, totals.seconds, secondsBefore),
    rank: costlier + 1,
    of: whole.now.rows.size,
    trend: {
      stepSeconds: steps.lengthMs / 1000,
      points: steps.at.map((at, place) => {
        const recorded = steps.seconds[place];
        const known = recorded > 0;
        return {
          at: new Date(at).toISOString(),
          callsPerSecond: known ? calls[place] / recorded : null,
          meanSeconds: calls[place] > 0 ? execMs[place] / calls[place] / 1000 : null,
          load: known ? execMs[place] / 1000 / recorded : null,
          sharedReadBytes: known ? sharedRead[place] * BLOCK_BYTES : null,
        };
      }),
    },
    waits: waited.map(({ type, event, seconds: each }) => ({ type, event, seconds: each, share: each / seconds })),
  };
}

async function courseOf(
  store: Store,
  { coverage, names, done }: WholeWindow,
  id: number,
  steps: Steps,
): Promise<Course> {
  const course = new Course(steps.at.length);
  const courses = new Map(names.livesOf(id).map((life) => [life, course]));
  await readCourses(store, coverage, done, courses, steps);
  return course;
}

const unrecorded = (range: TimeRange): OfWindow => ({
  window: uncovered(range),
  figures: figuresOf(NOTHING, { seconds: 1, execMs: 0, ioTiming: false }),
  before: null,
  change: { kind: 'unknown', meanRatio: null, callsRatio: null },
  rank: 1,
  of: 0,
  trend: { stepSeconds: 60, points: [] },
  waits: [],
});
