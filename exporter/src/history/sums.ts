/** What each statement and each wait did between two points: the difference of their totals. */
import type { Prepared, Store } from '../store/store.ts';
import { unpackAll } from './codec.ts';
import { AT, type Stream } from './columns.ts';
import type { Coverage, Incident } from './coverage.ts';
import { type KnownTotals, Totals } from './totals.ts';
import { totalsAt } from './totals_at.ts';
import type { TimeRange } from './types.ts';

/** By statement, or by wait; none that did nothing. */
export interface Sums {
  /** Statement or wait → row of the columns. */
  readonly rows: ReadonlyMap<number, number>;
  readonly columns: readonly Float64Array[];
}

/** Life → statement. */
export type Owners = ReadonlyMap<number, number>;

/** Read once; `now` and `before` are made of it. */
export interface StatementTotals {
  readonly start: KnownTotals;
  readonly end: KnownTotals;
  /** Null where the window before is not recorded. */
  readonly earlier: KnownTotals | null;
}

/** @param ofBefore what is wanted of the window before: `head` is enough to tell whether means changed. */
export async function readStatementTotals(
  store: Store,
  coverage: Coverage,
  ofBefore: 'all' | 'head',
): Promise<StatementTotals> {
  const { from, to, before } = coverage;
  const [start, end, earlier] = await Promise.all([
    totalsAt(store, coverage, 'statement', from),
    totalsAt(store, coverage, 'statement', to),
    before && totalsAt(store, coverage, 'statement', before, ofBefore),
  ]);
  return { start, end, earlier };
}

export const sumNow = (
  { start, end }: StatementTotals,
  { from, to, incidents }: Coverage,
  owners: Owners,
): Promise<Sums> => differences('statement', owners, start, end, within(incidents, { from, to }));

/**
 * Of the window before, in as many columns as were read. @param wanted statements; default all.
 * @returns null where it is not recorded.
 */
export async function sumBefore(
  { earlier, start }: StatementTotals,
  { from, before, incidents }: Coverage,
  owners: Owners,
  wanted?: ReadonlySet<number>,
): Promise<Sums | null> {
  if (earlier === null || before === null) return null;
  return differences('statement', owners, earlier, start, within(incidents, { from: before, to: from }), wanted);
}

/** Wait → seconds within the window. */
export async function sumWaits(store: Store, coverage: Coverage): Promise<ReadonlyMap<number, number>> {
  const { target, from, to } = coverage;
  const [start, end, incidents] = await Promise.all([
    totalsAt(store, coverage, 'wait', from),
    totalsAt(store, coverage, 'wait', to),
    store.query<Pick<Incident, 'endings' | 'ended'>>(ENDED_WAITS, [target, from, to]),
  ]);
  const seconds = await differences('wait', null, start, end, incidents);
  return new Map(Array.from(seconds.rows, ([id, row]) => [id, seconds.columns[0][row]]));
}

const ENDED_WAITS: Prepared = {
  name: 'ended waits',
  text: `
    select endings, ended from pgvigil_state.point
     where target = $1 and stream = 'wait' and at > $2 and at <= $3 and (endings > 0 or notes is not null or gap)
       and endings > 0
     order by at`,
};

const within = (incidents: readonly Incident[], { from, to }: TimeRange): readonly Incident[] =>
  incidents.filter((incident) => incident.to > from && incident.to <= to);

/**
 * In as many columns as `start` has.
 * @param owners life → whom it counts for; null: itself.
 * @param wanted of those whom they count for; default all.
 */
async function differences(
  stream: Stream,
  owners: Owners | null,
  start: KnownTotals,
  end: KnownTotals,
  incidents: readonly Pick<Incident, 'endings' | 'ended'>[],
  wanted?: ReadonlySet<number>,
): Promise<Sums> {
  const width = start.columns.length;
  // A life that ended is in no later keyframe: its last totals are the end of the window for it.
  const last = new Totals(width);
  for (const { endings, ended } of incidents) if (ended !== null) last.lay(await unpackAll(stream, endings, ended));
  const rows = new Map<number, number>();
  const rowOf = (life: number): number => {
    const id = owners === null ? life : owners.get(life);
    // Forgotten by `expire`: it had ended before anything that is still kept.
    if (id === undefined || wanted?.has(id) === false) return -1;
    const row = rows.get(id) ?? rows.size;
    if (row === rows.size) rows.set(id, row);
    return row;
  };
  // Of a life that is in both, `last` says how it ended.
  const parts = [
    { totals: end, moves: movesBetween(start, end, (life) => (last.has(life) ? -1 : rowOf(life))) },
    { totals: last, moves: movesBetween(start, last, rowOf) },
  ];
  const columns = start.columns.map(() => new Float64Array(rows.size));
  for (const { totals, moves } of parts) {
    for (const [place, sums] of columns.entries()) {
      const [before, after] = [start.columns[place], totals.columns[place]];
      for (let move = 0; move < moves.length; move += 3) {
        const was = moves[move + 1];
        sums[moves[move]] += after[moves[move + 2]] - (was < 0 ? 0 : before[was]);
      }
    }
  }
  return { rows, columns };
}

/**
 * Of each life that did something: the row that it is counted in, and its rows in the totals before (-1: it had not begun) and
 * after. One number after the other: thousands of small objects are work for the garbage collector.
 * @param rowOf -1: it does not count.
 */
function movesBetween(start: KnownTotals, end: KnownTotals, rowOf: (life: number) => number): Int32Array {
  // Whatever a statement does, it takes time.
  const column = start.columns.length > 1 ? AT.exec_ms : 0;
  const moves = new Int32Array(end.ids.length * 3);
  let length = 0;
  let next = 0;
  for (let is = 0; is < end.ids.length; is++) {
    const life = end.ids[is];
    while (start.ids[next] < life) next++;
    const was = start.ids[next] === life ? next : -1;
    if (was >= 0 && end.columns[column][is] === start.columns[column][was]) continue;
    const row = rowOf(life);
    if (row < 0) continue;
    moves[length++] = row;
    moves[length++] = was;
    moves[length++] = is;
  }
  return moves.subarray(0, length);
}
