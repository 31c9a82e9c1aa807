/** What a server is owed: written before a run changes anything there, paid when it ends or by whoever comes after it. */
import type { Baseline } from '../switches/baseline.ts';
import type { Workload } from '../workload/schema.ts';
import type { Query } from '../../store/store.ts';

export interface Debt {
  readonly target: string;
  readonly benchmark: string;
  /** Whose cleanUp is owed too. */
  readonly workload: Workload;
  /** Null: the run sets nothing. */
  readonly baseline: Baseline | null;
}

const TABLE = 'pgvigil_state.benchmark_debt';

/** @throws DatabaseFailure 23505 when the target is owed something already. */
export async function writeDebt(
  query: Query,
  { target, benchmark, baseline }: Pick<Debt, 'target' | 'benchmark' | 'baseline'>,
): Promise<void> {
  await query(`insert into ${TABLE} (target, benchmark, baseline) values ($1, $2, $3)`, [
    ...[target, benchmark, baseline === null ? null : JSON.stringify(baseline)],
  ]);
}

/** By run, not by target: who comes late must not forget what the next one owes. */
export async function forgetDebt(query: Query, benchmark: string): Promise<void> {
  await query(`delete from ${TABLE} where benchmark = $1`, [benchmark]);
}

export async function noteProblems(query: Query, benchmark: string, problems: readonly string[]): Promise<void> {
  await query(`update ${TABLE} set problems = $2 where benchmark = $1`, [benchmark, problems]);
}

/** Of runs that have ended: a running one pays its own. */
export function openDebts(query: Query, targets: readonly string[]): Promise<Debt[]> {
  return query<Debt & Record<string, unknown>>(
    `select d.target, d.benchmark, d.baseline, b.workload
       from ${TABLE} d join pgvigil_state.benchmark b on b.id = d.benchmark
      where d.target = any ($1) and b.state <> 'running' order by d.target`,
    [targets],
  );
}
