import type { Store } from '../store/store.ts';
import type { HistorySpan } from './types.ts';

/** @returns null when nothing is recorded of the target. */
export async function historySpan(store: Store, target: string): Promise<HistorySpan | null> {
  const [row] = await store.query<{ from: Date | null; to: Date | null; age: number; statements: number }>(SPAN_SQL, [
    target,
  ]);
  if (row === undefined || row.from === null || row.to === null) return null;
  return {
    from: row.from.toISOString(),
    to: row.to.toISOString(),
    ageSeconds: row.age,
    days: (row.to.getTime() - row.from.getTime()) / 86_400_000,
    statements: row.statements,
  };
}

const SPAN_SQL = `
  select a.at as from, b.at as to, greatest(0, extract(epoch from clock_timestamp() - b.at))::float8 as age,
         (select count(*)::integer from pgvigil_state.statement s where s.target = t.id) as statements
    from pgvigil_state.target t
    left join lateral (select p.at from pgvigil_state.point p
                        where p.target = t.id and p.stream = 'statement' order by p.at limit 1) a on true
    left join lateral (select p.at from pgvigil_state.point p
                        where p.target = t.id and p.stream = 'statement' order by p.at desc limit 1) b on true
   where t.name = $1`;
