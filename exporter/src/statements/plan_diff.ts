/** Two plans of a statement, node by node. */
import type { PlanDiff, PlanNode } from '../contract/index.ts';
import { conditionsShape } from './fingerprint.ts';
import { titleOf } from './remarks.ts';
import { changeCost, matchTrees, type TreeNode } from './tree_match.ts';

type Row = PlanDiff['rows'][number];

/** Each node of both plans is in exactly one row; rows are in the order in which a tree is drawn. Call `loadParser` before. */
export function diffPlans(a: PlanNode, b: PlanNode): PlanDiff {
  const [before, after] = [flatten(a), flatten(b)];
  const pairs = matchTrees(before, after, costOfChange);
  const moved = matchMoved(before, after, pairs);
  const rows = rowsOf(before, after, pairs, moved);
  return { rows, summary: summaryOf(rows, a, b) };
}

/** Preorder. */
function flatten(root: PlanNode): TreeNode<PlanNode>[] {
  const nodes: TreeNode<PlanNode>[] = [];
  const add = (value: PlanNode, parent: number): number => {
    const place = nodes.push({ value, parent, children: [] }) - 1;
    nodes[place].children.push(...value.children.map((child) => add(child, place)));
    return place;
  };
  add(root, -1);
  return nodes;
}

const FAMILIES = [/Scan/, /Join|Nested Loop/, /Aggregate|^Group$|Unique/, /Sort/, /Append/, /Gather/];

/** 0: the same. Under 2: rather changed than removed and added. */
function costOfChange(a: PlanNode, b: PlanNode): number {
  if (a.type === b.type && a.relation === b.relation) {
    if (a.index !== b.index) return 0.5;
    return same(a, b) ? 0 : 0.3;
  }
  const family = FAMILIES.find((pattern) => pattern.test(a.type));
  if (family === undefined || !family.test(b.type)) return changeCost.never;
  return a.relation === b.relation ? 0.7 : changeCost.never;
}

const same = (a: PlanNode, b: PlanNode): boolean =>
  a.type === b.type &&
  a.relation === b.relation &&
  a.index === b.index &&
  JSON.stringify(conditionsShape(a)) === JSON.stringify(conditionsShape(b));

/** What was taken away in one place and put in at another. @returns places in b → places in a */
function matchMoved(
  before: readonly TreeNode<PlanNode>[],
  after: readonly TreeNode<PlanNode>[],
  pairs: ReadonlyMap<number, number>,
): Map<number, number> {
  const kept = new Set(pairs.values());
  const gone = before.map((_, place) => place).filter((place) => !kept.has(place));
  const moved = new Map<number, number>();
  after.forEach(({ value }, place) => {
    if (pairs.has(place)) return;
    const from = gone.findIndex((other) => same(before[other].value, value));
    if (from >= 0) moved.set(place, gone.splice(from, 1)[0]);
  });
  return moved;
}

function rowsOf(
  before: readonly TreeNode<PlanNode>[],
  after: readonly TreeNode<PlanNode>[],
  pairs: ReadonlyMap<number, number>,
  moved: ReadonlyMap<number, number>,
): Row[] {
  const rows: Row[] = [];
  const movedAway = new Set(moved.values());
  const depths = { a: new Map<number, number>(), b: new Map<number, number>() };
  const depthBelow = (a: number, b: number): number => 1 + Math.max(depths.a.get(a) ?? -1, depths.b.get(b) ?? -1);
  let next = 0;
  const removedUntil = (end: number): void => {
    for (; next < end; next++) {
      const depth = depthBelow(before[next].parent, -1);
      // What moved is drawn where it is now.
      depths.a.set(next, movedAway.has(next) ? depth - 1 : depth);
      if (!movedAway.has(next)) rows.push(row(depth, 'removed', before[next].value, undefined, []));
    }
  };
  after.forEach(({ value, parent }, place) => {
    const paired = pairs.get(place);
    if (paired !== undefined) removedUntil(paired);
    const depth = depthBelow(paired === undefined ? -1 : before[paired].parent, parent);
    depths.b.set(place, depth);
    if (paired !== undefined) {
      depths.a.set(paired, depth);
      next = paired + 1;
      const changes = changesOf(before[paired].value, value);
      return rows.push(row(depth, changes.length === 0 ? 'same' : 'changed', before[paired].value, value, changes));
    }
    const from = moved.get(place);
    if (from === undefined) return rows.push(row(depth, 'added', undefined, value, []));
    const above = parent < 0 ? 'to the top' : `below ${titleOf(after[parent].value)}`;
    return rows.push(row(depth, 'moved', before[from].value, value, [`moved ${above}`]));
  });
  removedUntil(before.length);
  return rows;
}

const row = (
  depth: number,
  state: Row['state'],
  a: PlanNode | undefined,
  b: PlanNode | undefined,
  changes: string[],
): Row => ({
  depth,
  state,
  a: a === undefined ? null : titleOf(a),
  b: b === undefined ? null : titleOf(b),
  aCost: a?.totalCost ?? null,
  bCost: b?.totalCost ?? null,
  changes,
});

function changesOf(a: PlanNode, b: PlanNode): string[] {
  const changes: string[] = [];
  if (a.type !== b.type) changes.push(`${a.type} became ${b.type}`);
  if (a.index !== b.index) changes.push(indexChange(a.index, b.index));
  if (same({ ...a, type: b.type, index: b.index }, b)) return changes;
  for (const label of new Set([...Object.keys(a.conditions), ...Object.keys(b.conditions)])) {
    const [was, is] = [a, b].map((node) => conditionsShape({ conditions: pick(node.conditions, label) })[0]);
    if (was === is) continue;
    if (was === undefined) changes.push(`${label} is new: ${b.conditions[label]}`);
    else if (is === undefined) changes.push(`${label} is gone: ${a.conditions[label]}`);
    else changes.push(`${label} was ${a.conditions[label]}, is ${b.conditions[label]}`);
  }
  return changes;
}

const pick = (conditions: PlanNode['conditions'], label: string): PlanNode['conditions'] =>
  label in conditions ? { [label]: conditions[label] } : {};

function indexChange(was: string | null, is: string | null): string {
  if (was === null) return `uses index ${is}`;
  return is === null ? `no longer uses index ${was}` : `uses index ${is} instead of ${was}`;
}

function summaryOf(rows: readonly Row[], a: PlanNode, b: PlanNode): string {
  const costs = `Estimated cost ${cost(a.totalCost)} → ${cost(b.totalCost)}.`;
  const counts = (['changed', 'moved', 'added', 'removed'] as const)
    .map((state) => [state, rows.filter((one) => one.state === state).length] as const)
    .filter(([, count]) => count > 0);
  if (counts.length === 0) return `The plans have the same shape. ${costs}`;
  const [first] = rows.filter(({ state, changes }) => state === 'changed' && changes[0].includes('became'));
  const most = first === undefined ? '' : ` ${first.a} became ${first.b}.`;
  return `Nodes ${counts.map(([state, count]) => `${state}: ${count}`).join(', ')}.${most} ${costs}`;
}

const cost = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: 1 });
