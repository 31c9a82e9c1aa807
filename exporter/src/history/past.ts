/** What the last leader left: totals and facts of the last point, and the lives that go on. */
import type { Query } from '../store/store.ts';
import { STATEMENT_COLUMNS, type Stream } from './columns.ts';
import type { Life } from './compare.ts';
import { readLayers, toTotals } from './points.ts';
import type { Totals } from './totals.ts';
import type { Facts } from './writer.ts';

export interface LastPoint {
  readonly at: Date;
  readonly facts: Facts;
  readonly totals: Totals;
  readonly keyframe: Date | null;
  /** Entries of the points since that keyframe. */
  readonly changesSince: number;
}

/** @returns null where there is no point yet. */
export async function loadLast(query: Query, target: number, stream: Stream): Promise<LastPoint | null> {
  const [last] = await query<{ at: Date; facts: Facts }>(
    `select at, facts from pgvigil_state.point where target = $1 and stream = $2 order by at desc limit 1`,
    [target, stream],
  );
  if (last === undefined) return null;
  const layers = await readLayers(query, target, stream, last.at);
  const changesSince = layers.entries.slice(1).reduce((sum, { ids }) => sum + ids.length, 0);
  return { ...last, totals: toTotals(layers), keyframe: layers.keyframe, changesSince };
}

export interface Past {
  readonly lives: Map<string, Life>;
  readonly facts: Facts;
  readonly last: Date | null;
  readonly keyframe: Date | null;
  readonly changesSince: number;
}

export async function loadPast(query: Query, target: number): Promise<Past> {
  const last = await loadLast(query, target, 'statement');
  if (last === null) return { lives: new Map(), facts: {}, last: null, keyframe: null, changesSince: 0 };
  const rows = await query<{ key: string; id: number; since: number | null }>(
    `select format('%s/%s/%s/%s', l.db_oid, l.user_oid, s.query_id, case when l.toplevel then 't' else 'f' end) as key,
            l.id, l.since
       from pgvigil_state.life l join pgvigil_state.statement s on s.id = l.statement
      where l.target = $1 and l.ended is null order by l.id`,
    [target],
  );
  const lives = rows
    .filter(({ id }) => last.totals.has(id))
    .map(({ key, id, since }): [string, Life] => [key, { id, since, values: last.totals.values(id) }]);
  if (lives.some(([, { values }]) => values.length !== STATEMENT_COLUMNS.length))
    throw new Error('history: columns differ');
  return {
    lives: new Map(lives),
    facts: last.facts,
    last: last.at,
    keyframe: last.keyframe,
    changesSince: last.changesSince,
  };
}
