import type { Store } from '../store/store.ts';
import { type Coverage, findCoverage } from './coverage.ts';
import { namesOf } from './index_cache.ts';
import { entriesOf, readLayers, type StoredPoint, toTotals } from './points.ts';
import { stepMs } from './trend.ts';
import type { TimeRange, WaitHistory } from './types.ts';

const POINTS = 120;

/**
 * Mean number of active sessions by wait type (`CPU` for none), in equal steps; steps with a gap are left out. Empty without
 * samples. For windows of hours: it reads every point in between.
 */
export async function waitHistory(store: Store, target: string, range: TimeRange): Promise<WaitHistory> {
  const coverage = await findCoverage(store, target, range);
  if (coverage === null || coverage.sampleSeconds === 0) return [];
  const [names, points, layers] = await Promise.all([
    namesOf(store, coverage),
    readPoints(store, coverage),
    readLayers((text, values) => store.query(text, values), coverage.target, 'wait', coverage.from),
  ]);
  const totals = toTotals(layers);
  const length = stepMs(coverage, POINTS);
  const steps = new Map<number, { seconds: number; waits: Record<string, number> }>();
  for (const { at, previous, gap, entries } of points) {
    // A point ends the time that it counts.
    const place = Math.floor((at.getTime() - 1 - coverage.from.getTime()) / length);
    if (!gap && previous !== null) {
      const step = steps.get(place) ?? { seconds: 0, waits: {} };
      steps.set(place, step);
      step.seconds += (at.getTime() - previous.getTime()) / 1000;
      for (const [entry, id] of entries.ids.entries()) {
        const grown = entries.columns[0][entry] - totals.get(id, 0);
        const wait = names.waits.get(id);
        if (grown === 0 || wait?.state !== 'active') continue;
        step.waits[wait.type] = (step.waits[wait.type] ?? 0) + grown;
      }
    }
    totals.lay(entries);
  }
  return Array.from(steps, ([place, { seconds, waits }]) => ({
    at: new Date(coverage.from.getTime() + place * length).toISOString(),
    waits: Object.fromEntries(Object.entries(waits).map(([type, sum]) => [type, sum / seconds])),
  }));
}

async function readPoints(store: Store, { target, from, to }: Coverage) {
  const stored = await store.query<StoredPoint & { previous: Date | null; gap: boolean }>(
    `select at, previous, gap, keyframe, entries, head, rest from pgvigil_state.point
      where target = $1 and stream = 'wait' and at > $2 and at <= $3 order by at`,
    [target, from, to],
  );
  return Promise.all(stored.map(async (point) => ({ ...point, entries: await entriesOf('wait', point) })));
}
