/**
 * Turns points, which are by time, into trends, which are by statement: an hour when it is over, a day when its hours are
 * there. Made from what is stored and nothing else, so whoever leads next goes on where the last one stopped.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Delta, deltasOf, packDeltas, unpackDeltas } from './deltas.ts';
import { entriesOf, readLayers, type StoredPoint, toTotals } from './points.ts';
import type { RecordingSession } from './session.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Does nothing most of the time. @throws what the state database says. */
export async function rollUp(session: RecordingSession, target: number): Promise<void> {
  for (let hour = await nextHour(session, target); hour !== null; hour = await nextHour(session, target)) {
    await rollUpHour(session, target, hour);
  }
  for (const day of await finishedDays(session, target)) await rollUpDay(session, target, day);
}

/** The first hour with points that has no trend yet; null while it is not over. */
async function nextHour(session: RecordingSession, target: number): Promise<number | null> {
  const [{ first, last }] = await session.query<{ first: Date | null; last: Date | null }>(NEXT_HOUR_SQL, [target]);
  if (first === null || last === null) return null;
  // A point is of the hour that it ends.
  const hour = Math.floor((first.getTime() - 1) / HOUR_MS) * HOUR_MS;
  return last.getTime() >= hour + HOUR_MS ? hour : null;
}

const NEXT_HOUR_SQL = `
  with done as (
    select coalesce(max(at) + interval '1 hour', '-infinity') as until
      from pgvigil_state.trend_chunk where target = $1 and level = 'hour')
  select (select at from pgvigil_state.point where target = $1 and stream = 'statement' and at > d.until
           order by at limit 1) as first,
         (select at from pgvigil_state.point where target = $1 and stream = 'statement' order by at desc limit 1) as last
    from done d`;

async function rollUpHour(session: RecordingSession, target: number, hour: number): Promise<void> {
  const from = new Date(hour);
  const stored = await session.query<StoredPoint & { previous: Date | null; gap: boolean }>(POINTS_SQL, [
    target,
    from,
    new Date(hour + HOUR_MS),
  ]);
  const base = stored[0].previous ?? stored[0].at;
  const totals = toTotals(await readLayers(session.query, target, 'statement', base, 'head'));
  const points = await Promise.all(
    stored.map(async (point) => ({ ...point, entries: await entriesOf('statement', point) })),
  );
  const byLife = new Map<number, Delta[]>();
  for (const point of points) {
    for (const [life, delta] of deltasOf(totals, [point])) {
      const known = byLife.get(life);
      if (known === undefined) byLife.set(life, [delta]);
      else known.push(delta);
    }
    await nextTurn();
  }
  await insertTrends(session, target, 'hour', hour, byLife);
}

const POINTS_SQL = `
  select at, previous, gap, keyframe, entries, head, null as rest from pgvigil_state.point
   where target = $1 and stream = 'statement' and at > $2 and at <= $3 order by at`;

async function finishedDays(session: RecordingSession, target: number): Promise<number[]> {
  const rows = await session.query<{ day: Date }>(FINISHED_DAYS_SQL, [target]);
  return rows.map(({ day }) => day.getTime());
}

/** Hours are made in order, so those of a day are complete when one of a later day has a point. */
const FINISHED_DAYS_SQL = `
  select distinct date_trunc('day', c.at, 'UTC') as day
    from pgvigil_state.trend_chunk c
   where c.target = $1 and c.level = 'hour'
     and c.at >= coalesce((select max(d.at) + interval '1 day' from pgvigil_state.trend_chunk d
                            where d.target = $1 and d.level = 'day'), '-infinity')
     and date_trunc('day', c.at, 'UTC') + interval '1 day' <=
         (select at from pgvigil_state.point where target = $1 and stream = 'statement' order by at desc limit 1)
   order by 1`;

/** So many lives at once: a day of 5,000 in one go would keep scrapes waiting. */
const LIVES_AT_ONCE = 250;

async function rollUpDay(session: RecordingSession, target: number, day: number): Promise<void> {
  const range = [new Date(day), new Date(day + DAY_MS)];
  const lives = await session.query<{ id: number }>(
    `select id from pgvigil_state.life where target = $1 and began < $3 and (ended is null or ended >= $2) order by id`,
    [target, ...range],
  );
  const byLife = new Map<number, Delta[]>();
  for (let first = 0; first < lives.length; first += LIVES_AT_ONCE) {
    const ids = lives.slice(first, first + LIVES_AT_ONCE).map(({ id }) => id);
    const rows = await session.query<{ life: number; at: Date; entries: Buffer }>(
      `select life, at, entries from pgvigil_state.trend
        where level = 'hour' and at >= $1 and at < $2 and life = any ($3) order by life, at`,
      [...range, ids],
    );
    for (const { life, at, entries } of rows) {
      const delta = sum(at.getTime(), unpackDeltas(at.getTime(), entries));
      const known = byLife.get(life);
      if (known === undefined) byLife.set(life, [delta]);
      else known.push(delta);
    }
    await nextTurn();
  }
  await insertTrends(session, target, 'day', day, byLife);
}

const sum = (hour: number, deltas: readonly Delta[]): Delta =>
  deltas.reduce(
    (all, { calls, execMs, sharedRead }) => ({
      ...all,
      calls: all.calls + calls,
      execMs: all.execMs + execMs,
      sharedRead: all.sharedRead + sharedRead,
    }),
    { end: hour + HOUR_MS, durationMs: HOUR_MS, calls: 0, execMs: 0, sharedRead: 0 },
  );

async function insertTrends(
  session: RecordingSession,
  target: number,
  level: 'hour' | 'day',
  at: number,
  byLife: ReadonlyMap<number, readonly Delta[]>,
): Promise<void> {
  await session.transaction(async (query) => {
    await query('insert into pgvigil_state.trend_chunk (target, level, at) values ($1, $2, $3)', [
      target,
      level,
      new Date(at),
    ]);
    await query(
      `insert into pgvigil_state.trend (life, level, at, entries)
       select t.life, $1, $2, t.entries from unnest($3::integer[], $4::bytea[]) as t (life, entries)`,
      [level, new Date(at), [...byLife.keys()], Array.from(byLife.values(), (deltas) => packDeltas(at, deltas))],
    );
  });
}
