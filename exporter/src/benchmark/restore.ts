/** Runs whose process is gone: closed, and what they have set is taken back. */
import type { TargetConfig } from '../config/types.ts';
import { describeFailure } from '../db/errors.ts';
import type { Query, Store } from '../store/store.ts';
import { cleanUp } from './run/run.ts';
import { openControl } from './switches/control.ts';
import { takeBack } from './switches/take_back.ts';
import { databaseOf } from './workload/login.ts';
import { type Debt, forgetDebt, noteProblems, openDebts } from './book/debts.ts';
import { closeAbandoned } from './book/rows.ts';

export interface Restored {
  readonly target: string;
  readonly benchmark: string;
  /** None: all is as it was before. */
  readonly problems: readonly string[];
}

/**
 * Harmless when repeated, and when two do it at once.
 * @returns what was owed. @throws StateUnavailable, StateMissing, DatabaseFailure of the state database
 */
export async function restoreAbandoned(store: Store, targets: readonly TargetConfig[]): Promise<Restored[]> {
  const query: Query = (statement, values) => store.query(statement, values);
  const names = targets.map(({ name }) => name);
  await closeAbandoned(query, names);
  const restored: Restored[] = [];
  for (const debt of await openDebts(query, names)) {
    const target = targets.find(({ name }) => name === debt.target)!;
    const problems = await pay(debt, target).catch((error: unknown) => [describeFailure(error).message]);
    if (problems.length === 0) await forgetDebt(query, debt.benchmark);
    else await noteProblems(query, debt.benchmark, problems);
    restored.push({ target: debt.target, benchmark: debt.benchmark, problems });
  }
  return restored;
}

async function pay({ workload, baseline }: Debt, target: TargetConfig): Promise<string[]> {
  const problems = await cleanUp(target, workload);
  if (baseline === null) return problems;
  const control = openControl(target, databaseOf(target, workload));
  try {
    return [...problems, ...(await takeBack(control, baseline))];
  } finally {
    await control.close();
  }
}
