/** Which points a window stands on, and what is not known or happened in between. */
import type { Prepared, Store } from '../store/store.ts';
import type { TimeRange } from './types.ts';
import type { Facts } from './writer.ts';

export interface Incident extends TimeRange {
  /** Nothing was recorded from `from` to `to`. */
  readonly gap: boolean;
  readonly notes: readonly string[];
  /** Last totals of lives that ended at `to`. */
  readonly endings: number;
  readonly ended: Buffer | null;
}

/** All that is known about where a window begins and ends. */
export interface Coverage extends TimeRange {
  readonly target: number;
  /** Of the target's row: the state database may be made anew while we run. */
  readonly created: Date;
  /** Begin of the window of the same length before; null where it is not recorded. */
  readonly before: Date | null;
  readonly gaps: readonly TimeRange[];
  readonly notes: readonly string[];
  /** Of the window and of the one before. */
  readonly incidents: readonly Incident[];
  /** Seconds between two points, at the end of the window. */
  readonly intervalSeconds: number;
  readonly facts: Facts;
  /** Of the session samples; 0: none were taken. */
  readonly sampleSeconds: number;
}

export const secondsOf = ({ from, to }: TimeRange): number => (to.getTime() - from.getTime()) / 1000;

export const gapSeconds = (gaps: readonly TimeRange[]): number => gaps.reduce((sum, gap) => sum + secondsOf(gap), 0);

interface Ends {
  target: number;
  created: Date;
  a0: Date | null;
  a1: Date | null;
  a1_gap: boolean | null;
  b0: Date | null;
  b1: Date | null;
  b1_gap: boolean | null;
  facts: Facts | null;
  sample_seconds: number | null;
  b0_previous: Date | null;
}

/**
 * The points nearest to the ends. An end within a gap moves out of it, into the window: what happened in the gap is not
 * known to be of this window.
 * @returns null where no two points are in or around the window.
 */
export async function findCoverage(store: Store, name: string, range: TimeRange): Promise<Coverage | null> {
  const [ends] = await store.query<Ends>(ENDS, [name, range.from, range.to]);
  if (ends === undefined) return null;
  const from = nearest(range.from, ends.a0, ends.a1, ends.a1_gap ? ends.a1 : null);
  const to = nearest(range.to, ends.b0, ends.b1, ends.b1_gap ? ends.b0 : null);
  if (from === null || to === null || from >= to) return null;
  const lengthMs = to.getTime() - from.getTime();
  const wished = new Date(from.getTime() - lengthMs);
  const [incidents, [start]] = await Promise.all([
    store.query<Incident>(INCIDENTS, [ends.target, wished, to]),
    store.query<{ c0: Date | null; c1: Date | null; c1_gap: boolean | null }>(BEFORE, [ends.target, wished]),
  ]);
  const before = nearest(wished, start.c0, start.c1, start.c1_gap ? start.c1 : null);
  const inside = incidents.filter((incident) => incident.to > from && incident.to <= to);
  const gaps = inside.filter(({ gap }) => gap).map((gap) => ({ from: gap.from, to: gap.to }));
  const lastMs =
    ends.b0 !== null && ends.b0_previous !== null ? ends.b0.getTime() - ends.b0_previous.getTime() : lengthMs;
  return {
    target: ends.target,
    created: ends.created,
    from,
    to,
    // Half of it and more: less would compare a window with a piece of the time before.
    before: before !== null && from.getTime() - before.getTime() >= lengthMs / 2 ? before : null,
    gaps,
    notes: inside.flatMap(({ to: at, notes }) => notes.map((note) => `${at.toISOString()}: ${note}`)),
    incidents,
    intervalSeconds: Math.min(lastMs, lengthMs) / 1000,
    facts: ends.facts ?? {},
    sampleSeconds: ends.sample_seconds ?? 0,
  };
}

/** @param forced the only one to take, where the other is behind a gap. */
function nearest(wished: Date, before: Date | null, after: Date | null, forced: Date | null): Date | null {
  if (forced !== null && before?.getTime() !== wished.getTime()) return forced;
  if (before === null || after === null) return before ?? after;
  return wished.getTime() - before.getTime() <= after.getTime() - wished.getTime() ? before : after;
}

const beside = (name: string, target: string, parameter: string): string => `
  left join lateral (select p.at, p.facts, p.previous from pgvigil_state.point p
                      where p.target = ${target} and p.stream = 'statement' and p.at <= ${parameter}
                      order by p.at desc limit 1) ${name}0 on true
  left join lateral (select p.at, p.gap from pgvigil_state.point p
                      where p.target = ${target} and p.stream = 'statement' and p.at > ${parameter}
                      order by p.at limit 1) ${name}1 on true`;

const ENDS: Prepared = {
  name: 'coverage ends',
  text: `
  select t.id as target, t.created_at as created, a0.at as a0, a1.at as a1, a1.gap as a1_gap, b0.at as b0, b1.at as b1,
         b1.gap as b1_gap, b0.facts, b0.previous as b0_previous,
         (select (w.facts ->> 'sampleSeconds')::float8 from pgvigil_state.point w
           where w.target = t.id and w.stream = 'wait' and w.at = b0.at) as sample_seconds
    from pgvigil_state.target t
    ${beside('a', 't.id', '$2')}
    ${beside('b', 't.id', '$3')}
   where t.name = $1`,
};

const BEFORE: Prepared = {
  name: 'coverage before',
  text: `
  select c0.at as c0, c1.at as c1, c1.gap as c1_gap
    from (select) one ${beside('c', '$1', '$2')}`,
};

const INCIDENTS: Prepared = {
  name: 'coverage incidents',
  text: `
  select coalesce(previous, at) as from, at as to, gap, coalesce(notes, '{}') as notes, endings, ended
    from pgvigil_state.point
   where target = $1 and stream = 'statement' and at > $2 and at <= $3 and (endings > 0 or notes is not null or gap)
   order by at`,
};
