/** EXPLAIN's JSON → the contract's tree. */
import type { PlanNode } from '../contract/index.ts';
import { written } from './names.ts';
import { conditionsOf, nodeType, type RawPlan } from './plan_json.ts';
import { selfCosts } from './self_cost.ts';
import { selfSeconds } from './self_time.ts';

/** Whether what is above may stop asking before it has all rows: then fewer than planned is no misestimate. */
const STOPS = new Set(['Limit']);
/** These take all rows of their child before they give one. */
const takesAll = ({ 'Node Type': type, Strategy: strategy }: RawPlan): boolean =>
  ['Sort', 'Hash'].includes(type) || (type === 'Aggregate' && strategy !== 'Sorted');

export function planTree(root: RawPlan): PlanNode {
  const costs = selfCosts(root);
  const seconds = selfSeconds(root);
  const build = (plan: RawPlan, cutShort: boolean): PlanNode => {
    const type = plan['Node Type'];
    const below = STOPS.has(type) || (cutShort && !takesAll(plan));
    const loops = plan['Actual Loops'];
    return {
      type: nodeType(plan),
      relation: relationOf(plan),
      index: plan['Index Name'] ?? null,
      conditions: conditionsOf(plan),
      startupCost: plan['Startup Cost'],
      totalCost: plan['Total Cost'],
      planRows: plan['Plan Rows'],
      planWidth: plan['Plan Width'],
      actualRows: plan['Actual Rows'] ?? null,
      loops: loops ?? null,
      selfSeconds: seconds.get(plan) ?? null,
      selfCost: costs.get(plan)!,
      rowsRemovedByFilter: plan['Rows Removed by Filter'] ?? null,
      estimateError: estimateError(plan, cutShort),
      // Counted with those of its children, as EXPLAIN does.
      sharedHitBlocks: plan['Shared Hit Blocks'] ?? null,
      sharedReadBlocks: plan['Shared Read Blocks'] ?? null,
      tempBlocks: sum(plan['Temp Read Blocks'], plan['Temp Written Blocks']),
      children: (plan.Plans ?? []).map((child) => build(child, below && runsWithParent(child))),
    };
  };
  return build(root, false);
}

/** An InitPlan is run to its end, whatever its parent needs. */
const runsWithParent = (plan: RawPlan): boolean => plan['Parent Relationship'] !== 'InitPlan';

function relationOf(plan: RawPlan): string | null {
  const name = plan['Relation Name'] ?? plan['Function Name'];
  return name === undefined ? null : written({ schema: plan.Schema, name });
}

/** Both at least one row: PostgreSQL never plans with fewer. Null where it was not run, or not to its end. */
function estimateError(plan: RawPlan, cutShort: boolean): number | null {
  const actual = plan['Actual Rows'];
  if (actual === undefined || (plan['Actual Loops'] ?? 0) === 0) return null;
  const [a, b] = [Math.max(1, actual), Math.max(1, plan['Plan Rows'])];
  return cutShort && a < b ? null : Math.max(a / b, b / a);
}

const sum = (a: number | undefined, b: number | undefined): number | null =>
  a === undefined || b === undefined ? null : a + b;

/** All nodes, parents first. */
export const nodesOf = (root: PlanNode): PlanNode[] => [root, ...root.children.flatMap(nodesOf)];
