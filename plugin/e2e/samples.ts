/** Session samples as they are stored, read past everything that makes answers of them. */
import { unpack } from '../../exporter/src/history/codec.ts';
import type { App } from './support.ts';

const state = <R extends Record<string, unknown>>(app: App, text: string): Promise<R[]> =>
  app.stack.postgres.query<R>(text, 'pgvigil');

/** The newest three snapshots where nothing is missing between them, oldest first; none while there are no such. */
export async function lastRun(app: App): Promise<Date[]> {
  const points = await state<{ at: Date; gap: boolean }>(
    app,
    "select at, gap from pgvigil_state.point where stream = 'wait' order by at desc limit 3",
  );
  const whole = points.length === 3 && points.slice(0, -1).every(({ gap }) => !gap);
  return whole ? points.map(({ at }) => at).reverse() : [];
}

/** Session time of active sessions between two snapshots, by class of wait. */
export async function secondsByClass(app: App, from: Date, to: Date): Promise<Record<string, number>> {
  const [before, after] = [await totalsAt(app, from), await totalsAt(app, to)];
  const waits = await state<{ id: number; type: string }>(
    app,
    "select id, wait_type as type from pgvigil_state.wait where state = 'active'",
  );
  const sums: Record<string, number> = {};
  for (const { id, type } of waits) {
    const grown = (after.get(id) ?? 0) - (before.get(id) ?? 0);
    if (grown > 0) sums[type] = (sums[type] ?? 0) + grown;
  }
  return sums;
}

/** Running totals, from the keyframe before on. */
async function totalsAt(app: App, at: Date): Promise<ReadonlyMap<number, number>> {
  const points = await state<{ entries: number; head: Buffer }>(
    app,
    `select entries, head from pgvigil_state.point
      where stream = 'wait' and at <= '${at.toISOString()}' and at >= (
        select max(at) from pgvigil_state.point
         where stream = 'wait' and keyframe and at <= '${at.toISOString()}') order by at`,
  );
  const totals = new Map<number, number>();
  for (const { entries, head } of points) {
    const { ids, columns } = await unpack('wait', entries, head, null);
    ids.forEach((id, place) => totals.set(id, columns[0][place]));
  }
  return totals;
}
