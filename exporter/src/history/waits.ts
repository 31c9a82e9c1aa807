/** What active sessions waited for through a window, from the session samples. */
import type { Waits } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import { type Coverage, findCoverage, gapSeconds, secondsOf } from './coverage.ts';
import { namesOf } from './index_cache.ts';
import { entriesOf, readLayers, type StoredPoint, toTotals } from './points.ts';
import { HOUR_MS } from './rollup.ts';
import { overlap, stepMs } from './steps.ts';
import type { TimeRange } from './types.ts';
import { coveredOf, uncovered } from './whole.ts';

const POINTS = 120;
/** Longer windows are read from keyframes: a fortnight has twenty thousand points. */
const FINE_MS = 6 * HOUR_MS;
/**
 * Of each so much time one keyframe, and no steps that are shorter. They are then an hour apart at most, and what a
 * session did stays in them for an hour after its end: so they hold all of it.
 */
const KEYFRAME_EVERY_MS = HOUR_MS / 2;

/** Session time between two points, by class of wait. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly seconds: ReadonlyMap<string, number>;
}

/**
 * Mean number of active sessions by class of wait (`CPU` for none), in equal steps.
 * @param database only its sessions; default those of all.
 */
export async function waitHistory(store: Store, target: string, range: TimeRange, database?: string): Promise<Waits> {
  const coverage = await findCoverage(store, target, range);
  if (coverage === null)
    return { window: uncovered(range), sampleSeconds: null, stepSeconds: 60, points: [], totals: [] };
  const { sampleSeconds } = coverage;
  const stretches = sampleSeconds === 0 ? [] : await readStretches(store, coverage, database);
  const length = isLong(coverage) ? Math.max(KEYFRAME_EVERY_MS, stepMs(coverage, POINTS)) : stepMs(coverage, POINTS);
  const recorded = secondsOf(coverage) - gapSeconds(coverage.gaps);
  const sums = new Map<string, number>();
  for (const { seconds } of stretches) addTo(sums, seconds);
  return {
    window: coveredOf(coverage),
    sampleSeconds,
    stepSeconds: length / 1000,
    points: sampleSeconds === 0 ? [] : toSteps(stretches, coverage, length),
    totals: Array.from(sums, ([type, seconds]) => ({ type, seconds, sessions: seconds / recorded })).sort(
      (a, b) => b.seconds - a.seconds || (a.type < b.type ? -1 : 1),
    ),
  };
}

const isLong = (range: TimeRange): boolean => range.to.getTime() - range.from.getTime() > FINE_MS;

/** Without what grew while nothing but a gap passed: when it did is not known. */
async function readStretches(store: Store, coverage: Coverage, database: string | undefined): Promise<Stretch[]> {
  const { target, from, to, gaps } = coverage;
  const [names, layers, stored] = await Promise.all([
    namesOf(store, coverage),
    readLayers((text, values) => store.query(text, values), target, 'wait', from),
    isLong(coverage)
      ? store.query<StoredPoint>(KEYFRAMES_SQL, [target, from, to, KEYFRAME_EVERY_MS / 1000])
      : store.query<StoredPoint>(POINTS_SQL, [target, from, to]),
  ]);
  const totals = toTotals(layers);
  const stretches: Stretch[] = [];
  let begin = from.getTime();
  for (const point of await Promise.all(
    stored.map(async (one) => ({ at: one.at.getTime(), entries: await entriesOf('wait', one) })),
  )) {
    const { at, entries } = point;
    const seconds = new Map<string, number>();
    for (let entry = 0; entry < entries.ids.length; entry++) {
      const id = entries.ids[entry];
      const grown = entries.columns[0][entry] - totals.get(id, 0);
      const wait = grown <= 0 ? undefined : names.waits.get(id);
      if (wait?.state !== 'active' || (database ?? wait.database) !== wait.database) continue;
      seconds.set(wait.type, (seconds.get(wait.type) ?? 0) + grown);
    }
    if (recordedMs(begin, at, gaps) > 0) stretches.push({ from: begin, to: at, seconds });
    totals.lay(entries);
    begin = at;
  }
  return stretches;
}

/** Each stretch spread over the steps by the recorded time that it has in them. */
function toSteps(stretches: readonly Stretch[], { from, to, gaps }: Coverage, length: number): Waits['points'] {
  const [start, end] = [from.getTime(), to.getTime()];
  const steps = Array.from({ length: Math.ceil((end - start) / length) }, (_, place) => {
    const at = start + place * length;
    return { at, seconds: recordedMs(at, Math.min(at + length, end), gaps) / 1000, waits: new Map<string, number>() };
  });
  for (const stretch of stretches) {
    const all = recordedMs(stretch.from, stretch.to, gaps);
    const last = Math.floor((stretch.to - 1 - start) / length);
    for (let place = Math.floor((stretch.from - start) / length); place <= last; place++) {
      const { at, waits } = steps[place];
      const [a, b] = [Math.max(at, stretch.from), Math.min(at + length, stretch.to)];
      addTo(waits, stretch.seconds, recordedMs(a, b, gaps) / all);
    }
  }
  return steps.map(({ at, seconds, waits }) => ({
    at: new Date(at).toISOString(),
    waits: seconds > 0 ? Object.fromEntries(Array.from(waits, ([type, sum]) => [type, sum / seconds])) : null,
  }));
}

function addTo(sums: Map<string, number>, more: ReadonlyMap<string, number>, part = 1): void {
  for (const [type, seconds] of more) if (part > 0) sums.set(type, (sums.get(type) ?? 0) + seconds * part);
}

const recordedMs = (from: number, to: number, gaps: readonly TimeRange[]): number =>
  gaps.reduce((ms, gap) => ms - overlap(from, to, gap.from.getTime(), gap.to.getTime()), to - from);

const POINTS_SQL = `
  select at, keyframe, entries, head, null as rest from pgvigil_state.point
   where target = $1 and stream = 'wait' and at > $2 and at <= $3 order by at`;

/** And all points after the last of them. */
const KEYFRAMES_SQL = `
  with chosen as materialized (
    select distinct on (floor(extract(epoch from k.at) / $4)) k.at, k.keyframe, k.entries, k.head
      from pgvigil_state.point k
     where k.target = $1 and k.stream = 'wait' and k.at > $2 and k.at <= $3 and k.keyframe
     order by floor(extract(epoch from k.at) / $4), k.at desc)
  select c.at, c.keyframe, c.entries, c.head, null as rest from chosen c
   union all
  select p.at, p.keyframe, p.entries, p.head, null from pgvigil_state.point p
   where p.target = $1 and p.stream = 'wait' and p.at > $2 and p.at <= $3
     and p.at > coalesce((select max(c.at) from chosen c), $2)
   order by at`;
