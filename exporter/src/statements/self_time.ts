import type { RawPlan } from './plan_json.ts';

/**
 * Elapsed seconds that were each node's own, all its loops together. Empty without ANALYZE.
 * Below a Gather several processes share the work at the same time, so their sum is divided by how many took part.
 */
export function selfSeconds(root: RawPlan): ReadonlyMap<RawPlan, number> {
  const own = new Map<RawPlan, number>();
  if (root['Actual Loops'] === undefined) return own;
  /** What is left of each CTE's time, which its readers' times contain: it runs as far as they ask. */
  const ctes = new Map<string, number>();
  const total = (plan: RawPlan, processes: number): number =>
    ((plan['Actual Total Time'] ?? 0) * (plan['Actual Loops'] ?? 0)) / processes / 1000;

  const visit = (plan: RawPlan, processes: number): void => {
    const children = plan.Plans ?? [];
    const below = processes * processesBelow(plan);
    let seconds = total(plan, processes);
    for (const child of children) {
      const name = cteOf(child);
      if (name !== undefined) ctes.set(name, total(child, below));
      else seconds -= total(child, below);
    }
    // CTEs first: EXPLAIN lists them before those who read them.
    for (const child of children) visit(child, below);
    const read = plan['Node Type'] === 'CTE Scan' ? (plan['CTE Name'] ?? '') : '';
    const shared = Math.max(0, Math.min(seconds, ctes.get(read) ?? 0));
    if (shared > 0) ctes.set(read, ctes.get(read)! - shared);
    own.set(plan, Math.max(0, seconds - shared));
  };
  visit(root, 1);
  return own;
}

function cteOf(plan: RawPlan): string | undefined {
  return plan['Parent Relationship'] === 'InitPlan' ? /^CTE (.*)$/s.exec(plan['Subplan Name'] ?? '')?.[1] : undefined;
}

/** Each process runs the child of a Gather once per loop of it. */
function processesBelow(plan: RawPlan): number {
  if (!plan['Node Type'].startsWith('Gather')) return 1;
  const child = (plan.Plans ?? []).find((other) => other['Parent Relationship'] === 'Outer');
  return Math.max(1, (child?.['Actual Loops'] ?? 1) / Math.max(1, plan['Actual Loops'] ?? 1));
}
