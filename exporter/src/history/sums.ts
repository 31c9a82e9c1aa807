/** What each statement and each wait did between two points: the difference of their totals. */
import type { Query, Store } from '../store/store.ts';
import { unpackAll } from './codec.ts';
import { AT, type Stream } from './columns.ts';
import type { Coverage, Incident } from './coverage.ts';
import { type Layers, readLayers, toTotals } from './points.ts';
import { Totals } from './totals.ts';
import type { TimeRange } from './types.ts';

/** By statement, or by wait; none that did nothing. */
export type Sums = Pick<Totals, 'rows' | 'columns'>;

/** Life → statement. */
export type Owners = ReadonlyMap<number, number>;

/** Read once; `now` and `before` are made of it. */
export interface StatementLayers {
  readonly start: Layers;
  readonly end: Layers;
  /** Null where the window before is not recorded. */
  readonly earlier: Layers | null;
}

const asker =
  (store: Store): Query =>
  (text, values) =>
    store.query(text, values);

/** @param ofBefore what is wanted of the window before: `head` is enough to tell whether means changed. */
export async function readStatementLayers(
  store: Store,
  { target, from, to, before }: Coverage,
  ofBefore: 'all' | 'head',
): Promise<StatementLayers> {
  const at = (point: Date, part: 'all' | 'head' = 'all'): Promise<Layers> =>
    readLayers(asker(store), target, 'statement', point, part);
  const [start, end, earlier] = await Promise.all([at(from), at(to), before && at(before, ofBefore)]);
  return { start, end, earlier };
}

export const sumNow = (layers: StatementLayers, { from, to, incidents }: Coverage, owners: Owners): Promise<Sums> =>
  differences('statement', owners, toTotals(layers.start), toTotals(layers.end), within(incidents, { from, to }));

/**
 * Of the window before, in as many columns as were read. @param wanted statements; default all, which costs as much as the window itself.
 * @returns null where it is not recorded.
 */
export async function sumBefore(
  { earlier, start }: StatementLayers,
  { from, before, incidents }: Coverage,
  owners: Owners,
  wanted?: ReadonlySet<number>,
): Promise<Sums | null> {
  if (earlier === null || before === null) return null;
  const lives = wanted && new Set([...owners].filter(([, statement]) => wanted.has(statement)).map(([life]) => life));
  const ends = within(incidents, { from: before, to: from });
  return differences('statement', owners, toTotals(earlier, lives), toTotals(start, lives), ends, lives);
}

/** Wait → seconds within the window. */
export async function sumWaits(store: Store, { target, from, to }: Coverage): Promise<ReadonlyMap<number, number>> {
  const [start, end, incidents] = await Promise.all([
    readLayers(asker(store), target, 'wait', from),
    readLayers(asker(store), target, 'wait', to),
    store.query<Pick<Incident, 'endings' | 'ended'>>(ENDED_WAITS_SQL, [target, from, to]),
  ]);
  const seconds = await differences('wait', null, toTotals(start), toTotals(end), incidents);
  return new Map(Array.from(seconds.rows, ([id, row]) => [id, seconds.columns[0][row]]));
}

const ENDED_WAITS_SQL = `
  select endings, ended from pgvigil_state.point
   where target = $1 and stream = 'wait' and at > $2 and at <= $3 and (endings > 0 or notes is not null or gap)
     and endings > 0
   order by at`;

const within = (incidents: readonly Incident[], { from, to }: TimeRange): readonly Incident[] =>
  incidents.filter((incident) => incident.to > from && incident.to <= to);

/** @param owners life → whom it counts for; null: itself. */
async function differences(
  stream: Stream,
  owners: Owners | null,
  start: Totals,
  end: Totals,
  incidents: readonly Pick<Incident, 'endings' | 'ended'>[],
  lives?: ReadonlySet<number>,
): Promise<Sums> {
  // Fewer columns where only the head was read.
  const width = start.columns.length;
  const sums = new Totals(width);
  // A life that ended is in no later keyframe: its last totals are the end of the window for it.
  const last = new Totals(width);
  for (const { endings, ended } of incidents) {
    if (ended !== null) last.lay(await unpackAll(stream, endings, ended), lives);
  }
  // Whatever a statement does, it takes time.
  const moves = width > 1 ? AT.exec_ms : 0;
  for (const totals of [end, last]) {
    for (const [life, row] of totals.rows) {
      if (totals === end && last.has(life)) continue;
      const before = start.rows.get(life);
      if (before !== undefined && totals.columns[moves][row] === start.columns[moves][before]) continue;
      const id = owners === null ? life : owners.get(life);
      // Forgotten by `expire`: it had ended before anything that is still kept.
      if (id === undefined) continue;
      const sum = sums.rowOf(id);
      for (let column = 0; column < width; column++) {
        const was = before === undefined ? 0 : start.columns[column][before];
        sums.columns[column][sum] += totals.columns[column][row] - was;
      }
    }
  }
  return sums;
}
