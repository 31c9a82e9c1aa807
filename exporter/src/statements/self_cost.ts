import type { RawPlan } from './plan_json.ts';

/**
 * The part of the whole plan's estimated cost that is each node's own; together they are the root's. A child that is run
 * again for each row counts so often; where its parent knows it to be cheaper the second time (Materialize, Memoize) or stops
 * early (Limit), the parent's cost is what there is to be shared out.
 */
export function selfCosts(root: RawPlan): ReadonlyMap<RawPlan, number> {
  const own = new Map<RawPlan, number>();
  const share = (plan: RawPlan, budget: number): void => {
    const children = plan.Plans ?? [];
    const factor = plan['Total Cost'] > 0 ? budget / plan['Total Cost'] : 0;
    const loops = children.map((child) => estimatedLoops(plan, child));
    const claims = children.map((child, i) => child['Total Cost'] * factor * loops[i]);
    const [once, again] = [sumWhere(claims, (i) => loops[i] === 1), sumWhere(claims, (i) => loops[i] !== 1)];
    const onceScale = once > budget ? budget / once : 1;
    const left = budget - once * onceScale;
    const againScale = again > left ? left / again : 1;
    let given = 0;
    children.forEach((child, i) => {
      const part = claims[i] * (loops[i] === 1 ? onceScale : againScale);
      given += part;
      share(child, part);
    });
    own.set(plan, Math.max(0, budget - given));
  };
  share(root, root['Total Cost']);
  return own;
}

/** How often the planner thinks that a child runs for one run of its parent. */
function estimatedLoops(parent: RawPlan, child: RawPlan): number {
  if (parent['Node Type'] !== 'Nested Loop' || child['Parent Relationship'] !== 'Inner') return 1;
  const outer = parent.Plans!.find((other) => other['Parent Relationship'] === 'Outer');
  return Math.max(1, outer?.['Plan Rows'] ?? 1);
}

const sumWhere = (values: readonly number[], test: (i: number) => boolean): number =>
  values.reduce((sum, value, i) => (test(i) ? sum + value : sum), 0);
