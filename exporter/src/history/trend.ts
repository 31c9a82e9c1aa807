/** The course of single statements through a window, from trends and, for the hours that have none yet, from points. */
import type { Store } from '../store/store.ts';
import type { Coverage } from './coverage.ts';
import { type Delta, deltasOf, type PointInTime, unpackDeltas } from './deltas.ts';
import { entriesOf, readLayers, type StoredPoint, toTotals } from './points.ts';
import { DAY_MS, HOUR_MS } from './rollup.ts';
import type { TimeRange } from './types.ts';

/** Windows longer than this are read hour by hour where days are complete. */
const FINE_MS = 12 * HOUR_MS;

type Deltas = Map<number, Delta[]>;

/** Last day and hour that have trends. */
export interface Done {
  readonly day: Date | null;
  readonly hour: Date | null;
}

export async function readDone(store: Store, target: number): Promise<Done> {
  return (await store.query<{ day: Date | null; hour: Date | null }>(DONE_SQL, [target]))[0];
}

/** What each of `lives` did, in the finest steps that are worth reading for a window of this length. */
export async function readDeltas(
  store: Store,
  coverage: Coverage,
  { day, hour }: Done,
  lives: readonly number[],
): Promise<Deltas> {
  const { target } = coverage;
  const [from, to] = [coverage.from.getTime(), coverage.to.getTime()];
  const hoursUntil = hour === null ? from : hour.getTime() + HOUR_MS;
  const daysUntil = day === null || to - from <= FINE_MS ? from : day.getTime() + DAY_MS;
  const deltas: Deltas = new Map(lives.map((life) => [life, []]));
  const parts = await Promise.all([
    daysUntil > from ? readChunks(store, 'day', lives, DAY_MS, from, Math.min(to, daysUntil)) : [],
    hoursUntil > daysUntil && daysUntil < to
      ? readChunks(store, 'hour', lives, HOUR_MS, Math.max(from, daysUntil), Math.min(to, hoursUntil))
      : [],
    to > hoursUntil ? readRecent(store, target, new Set(lives), Math.max(from, hoursUntil), to) : [],
  ]);
  for (const part of parts) for (const [life, delta] of part) deltas.get(life)?.push(delta);
  return deltas;
}

const DONE_SQL = `
  select (select at from pgvigil_state.trend_chunk where target = $1 and level = 'day' order by at desc limit 1) as day,
         (select at from pgvigil_state.trend_chunk where target = $1 and level = 'hour' order by at desc limit 1) as hour`;

async function readChunks(
  store: Store,
  level: 'hour' | 'day',
  lives: readonly number[],
  lengthMs: number,
  from: number,
  to: number,
): Promise<[number, Delta][]> {
  const rows = await store.query<{ life: number; at: Date; entries: Buffer }>(
    `select life, at, entries from pgvigil_state.trend
      where life = any ($1) and level = $2 and at > $3 and at < $4`,
    [lives, level, new Date(from - lengthMs), new Date(to)],
  );
  return rows.flatMap(({ life, at, entries }) =>
    unpackDeltas(at.getTime(), entries)
      .filter(({ end, durationMs }) => end > from && end - durationMs < to)
      .map((delta): [number, Delta] => [life, delta]),
  );
}

async function readRecent(
  store: Store,
  target: number,
  lives: ReadonlySet<number>,
  from: number,
  to: number,
): Promise<Iterable<readonly [number, Delta]>> {
  const stored = await store.query<StoredPoint & Omit<PointInTime, 'entries'>>(
    `select at, previous, gap, keyframe, entries, head, null as rest from pgvigil_state.point
      where target = $1 and stream = 'statement' and at > $2 and at <= $3 order by at`,
    [target, new Date(from), new Date(to)],
  );
  if (stored.length === 0) return [];
  const base = stored[0].previous ?? stored[0].at;
  const [layers, points] = await Promise.all([
    readLayers((text, values) => store.query(text, values), target, 'statement', base, 'head'),
    Promise.all(stored.map(async (point) => ({ ...point, entries: await entriesOf('statement', point) }))),
  ]);
  const totals = toTotals(layers, lives);
  return [...deltasOf(totals, points, lives)];
}

export interface Step {
  /** Begin, milliseconds since 1970. */
  readonly at: number;
  /** That something was recorded for; 0: it is a gap. */
  readonly seconds: number;
  calls: number;
  execMs: number;
  sharedRead: number;
}

/** Deltas spread over equal steps, each by the time that it has in them. */
export function toSteps(deltas: Iterable<Delta>, range: TimeRange, gaps: readonly TimeRange[], stepMs: number): Step[] {
  const start = range.from.getTime();
  const end = range.to.getTime();
  const count = Math.max(1, Math.ceil((end - start) / stepMs));
  const steps: Step[] = Array.from({ length: count }, (_, place) => {
    const at = start + place * stepMs;
    const until = Math.min(at + stepMs, end);
    const missing = gaps.reduce((sum, gap) => sum + overlap(at, until, gap.from.getTime(), gap.to.getTime()), 0);
    return { at, seconds: Math.max(0, until - at - missing) / 1000, calls: 0, execMs: 0, sharedRead: 0 };
  });
  for (const { end: to, durationMs, calls, execMs, sharedRead } of deltas) {
    const from = to - durationMs;
    const first = Math.max(0, Math.floor((from - start) / stepMs));
    const last = Math.min(count - 1, Math.floor((to - 1 - start) / stepMs));
    for (let place = first; place <= last; place++) {
      const step = steps[place];
      const part = overlap(step.at, Math.min(step.at + stepMs, end), from, to) / durationMs;
      step.calls += calls * part;
      step.execMs += execMs * part;
      step.sharedRead += sharedRead * part;
    }
  }
  return steps;
}

const overlap = (a: number, b: number, c: number, d: number): number => Math.max(0, Math.min(b, d) - Math.max(a, c));

/** Lengths of steps that people read easily, in seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** The shortest that gives at most `most` steps and is no shorter than the history's own interval; milliseconds. */
export function stepMs(coverage: Coverage, most: number): number {
  const seconds = (coverage.to.getTime() - coverage.from.getTime()) / 1000;
  // Intervals jitter by milliseconds, and a step that they miss would look like nothing had run.
  const least = Math.max(seconds / most, coverage.intervalSeconds - 0.5);
  return 1000 * (STEPS.find((step) => step >= least) ?? 86_400 * Math.ceil(least / 86_400));
}
