/** Totals at a point in time: its keyframe and the changes after it, in one statement. */
import type { Prepared, Query } from '../store/store.ts';
import { type Entries, unpack } from './codec.ts';
import { type Stream, WIDTH } from './columns.ts';
import { LONGEST_MS } from './keyframes.ts';
import { Totals } from './totals.ts';

export interface StoredPoint {
  readonly at: Date;
  readonly keyframe: boolean;
  readonly entries: number;
  readonly head: Buffer;
  readonly rest: Buffer | null;
}

/** A keyframe, then the changes until a point. */
export interface Layers {
  readonly keyframe: Date | null;
  readonly width: number;
  readonly entries: readonly Entries[];
}

/** @param at that of a point. @param part `head`: only the columns that trends need. */
export async function readLayers(
  query: Query,
  target: number,
  stream: Stream,
  at: Date,
  part: 'all' | 'head' = 'all',
): Promise<Layers> {
  const oldest = new Date(at.getTime() - LONGEST_MS - 60_000);
  const points = await query<StoredPoint>(LAYERS[part], [target, stream, at, oldest]);
  return {
    keyframe: points[0]?.at ?? null,
    width: WIDTH[stream].head + (part === 'all' ? WIDTH[stream].rest : 0),
    entries: await Promise.all(points.map((point) => entriesOf(stream, point))),
  };
}

/** @param wanted only these lives; default all. */
export function toTotals({ width, entries }: Layers, wanted?: ReadonlySet<number>): Totals {
  const totals = new Totals(width);
  for (const layer of entries) totals.lay(layer, wanted);
  return totals;
}

export const entriesOf = (stream: Stream, { entries, head, rest }: StoredPoint): Promise<Entries> =>
  unpack(stream, entries, head, rest);

/** The lower bound keeps the planner to one or two days' partitions. */
const layers = (part: 'all' | 'head'): Prepared => ({
  name: `layers ${part}`,
  text: `
    select at, keyframe, entries, head, ${part === 'all' ? 'rest' : 'null as rest'}
      from pgvigil_state.point
     where target = $1 and stream = $2 and at <= $3 and at >= $4
       and at >= (select max(k.at) from pgvigil_state.point k
                   where k.target = $1 and k.stream = $2 and k.keyframe and k.at <= $3 and k.at >= $4)
     order by at`,
});
const LAYERS = { all: layers('all'), head: layers('head') };
