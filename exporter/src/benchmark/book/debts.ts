/** What a server is owed: written before a run changes anything there, paid when it ends or by whoever comes after it. */
import type { Baseline } from '../switches/baseline.ts';
import type { Query } from '../../store/store.ts';

export interface Debt {
  readonly target: string;
  readonly benchmark: string;
  /** Null: the run sets nothing. */
  readonly baseline: Baseline | null;
  /** The workload's own SQL. */
  readonly clean_up: readonly string[];
  /** Why it is still there, in words. */
  readonly problems: readonly string[];
  readonly written_at: Date;
}

const TABLE = 'pgvigil_state.benchmark_debt';

/** @throws DatabaseFailure 23505 when the target is owed something already. */
export async function writeDebt(
  query: Query,
  { target, benchmark, baseline, clean_up }: Omit<Debt, 'problems' | 'written_at'>,
): Promise<void> {
  await query(`insert into ${TABLE} (target, benchmark, baseline, clean_up) values ($1, $2, $3, $4)`, [
    ...[target, benchmark, baseline === null ? null : JSON.stringify(baseline), JSON.stringify(clean_up)],
  ]);
}

export async function forgetDebt(query: Query, target: string): Promise<void> {
  await query(`delete from ${TABLE} where target = $1`, [target]);
}

export async function noteProblems(query: Query, target: string, problems: readonly string[]): Promise<void> {
  await query(`update ${TABLE} set problems = $2 where target = $1`, [target, problems]);
}

/** Of runs that have ended: a running one pays its own. */
export function openDebts(query: Query, targets: readonly string[]): Promise<Debt[]> {
  return query<Debt & Record<string, unknown>>(
    `select d.* from ${TABLE} d join pgvigil_state.benchmark b on b.id = d.benchmark
      where d.target = any ($1) and b.state <> 'running' order by d.target`,
    [targets],
  );
}
