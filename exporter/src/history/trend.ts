/** The course of single statements through a window, from trends and, for the hours that have none yet, from points. */
import type { Prepared, Store } from '../store/store.ts';
import { WIDTH } from './columns.ts';
import type { Coverage } from './coverage.ts';
import { deltasOf, eachDelta, type PointInTime } from './deltas.ts';
import { entriesOf, type StoredPoint } from './points.ts';
import { DAY_MS, HOUR_MS } from './rollup.ts';
import type { Course, Steps } from './steps.ts';
import { Totals } from './totals.ts';
import { totalsAt } from './totals_at.ts';

/** Windows longer than this are read hour by hour where days are complete. */
const FINE_MS = 12 * HOUR_MS;

/** Last day and hour that have trends. */
export interface Done {
  readonly day: Date | null;
  readonly hour: Date | null;
}

export async function readDone(store: Store, target: number): Promise<Done> {
  return (await store.query<{ day: Date | null; hour: Date | null }>(DONE, [target]))[0];
}

/**
 * Adds what each life did to its course, from the finest deltas that are worth reading for a window of this length.
 * @param courses life → that of its statement.
 */
export async function readCourses(
  store: Store,
  coverage: Coverage,
  { day, hour }: Done,
  courses: ReadonlyMap<number, Course>,
  steps: Steps,
): Promise<void> {
  const [from, to] = [coverage.from.getTime(), coverage.to.getTime()];
  const hoursUntil = hour === null ? from : hour.getTime() + HOUR_MS;
  const daysUntil = day === null || to - from <= FINE_MS ? from : day.getTime() + DAY_MS;
  await Promise.all([
    daysUntil > from && readChunks(store, 'day', courses, steps, from - DAY_MS, Math.min(to, daysUntil)),
    hoursUntil > daysUntil &&
      daysUntil < to &&
      readChunks(store, 'hour', courses, steps, Math.max(from, daysUntil) - HOUR_MS, Math.min(to, hoursUntil)),
    to > hoursUntil && readRecent(store, coverage, courses, steps, Math.max(from, hoursUntil)),
  ]);
}

const DONE: Prepared = {
  name: 'trends done',
  text: `
    select (select at from pgvigil_state.trend_chunk where target = $1 and level = 'day' order by at desc limit 1) as day,
           (select at from pgvigil_state.trend_chunk where target = $1 and level = 'hour' order by at desc limit 1) as hour`,
};

const CHUNKS: Prepared = {
  name: 'trend chunks',
  text: `
    select life, (extract(epoch from at) * 1000)::float8 as at, entries from pgvigil_state.trend
     where life = any ($1) and level = $2 and at > $3 and at < $4`,
};

const RECENT: Prepared = {
  name: 'recent points',
  text: `
    select at, previous, gap, keyframe, entries, head, null as rest from pgvigil_state.point
     where target = $1 and stream = 'statement' and at > $2 and at <= $3 order by at`,
};

/** Of chunks that begin between the two times. */
async function readChunks(
  store: Store,
  level: 'hour' | 'day',
  courses: ReadonlyMap<number, Course>,
  steps: Steps,
  after: number,
  before: number,
): Promise<void> {
  const rows = await store.query<{ life: number; at: number; entries: Buffer }>(CHUNKS, [
    [...courses.keys()],
    level,
    new Date(after),
    new Date(before),
  ]);
  for (const { life, at, entries } of rows) {
    const course = courses.get(life)!;
    eachDelta(at, entries, (...delta) => steps.spread(course, ...delta));
  }
}

async function readRecent(
  store: Store,
  coverage: Coverage,
  courses: ReadonlyMap<number, Course>,
  steps: Steps,
  from: number,
): Promise<void> {
  const stored = await store.query<StoredPoint & Omit<PointInTime, 'entries'>>(RECENT, [
    coverage.target,
    new Date(from),
    coverage.to,
  ]);
  if (stored.length === 0) return;
  const base = stored[0].previous ?? stored[0].at;
  const [known, points] = await Promise.all([
    totalsAt(store, coverage, 'statement', base, 'head'),
    Promise.all(stored.map(async (point) => ({ ...point, entries: await entriesOf('statement', point) }))),
  ]);
  const totals = new Totals(WIDTH.statement.head);
  totals.lay(known, courses);
  for (const [life, { end, durationMs, calls, execMs, sharedRead }] of deltasOf(totals, points, courses)) {
    steps.spread(courses.get(life)!, end, durationMs, calls, execMs, sharedRead);
  }
}
