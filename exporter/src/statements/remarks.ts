import type { PlanNode } from '../contract/index.ts';
import { nodesOf } from './plan_tree.ts';

/** `Seq Scan on musicdb.tracks`. */
export const titleOf = ({ type, relation, index }: Pick<PlanNode, 'type' | 'relation' | 'index'>): string =>
  [type, index !== null && `using ${index}`, relation !== null && `on ${relation}`].filter(Boolean).join(' ');

/** An estimate this much off changes which plan is best. */
const WRONG = 10;

/** What is to be seen at once: the costliest node, the worst estimate. */
export function remarksOn(root: PlanNode): string[] {
  const nodes = nodesOf(root);
  return [costliest(root, nodes), worstEstimate(nodes)].filter((remark) => remark !== undefined);
}

function costliest(root: PlanNode, nodes: readonly PlanNode[]): string | undefined {
  if (root.loops === null) {
    const node = nodes.reduce((a, b) => (b.selfCost > a.selfCost ? b : a));
    if (root.totalCost <= 0) return undefined;
    return `${titleOf(node)} is ${percent(node.selfCost / root.totalCost)} of the estimated cost.`;
  }
  const all = nodes.reduce((sum, { selfSeconds }) => sum + (selfSeconds ?? 0), 0);
  const node = nodes.reduce((a, b) => ((b.selfSeconds ?? 0) > (a.selfSeconds ?? 0) ? b : a));
  if (all <= 0) return undefined;
  return `${titleOf(node)} took ${percent((node.selfSeconds ?? 0) / all)} of the time.`;
}

function worstEstimate(nodes: readonly PlanNode[]): string | undefined {
  const known = nodes.filter(({ estimateError }) => estimateError !== null);
  if (known.length === 0) return undefined;
  const worst = known.reduce((a, b) => (b.estimateError! > a.estimateError! ? b : a));
  if (worst.estimateError! < WRONG) return `No estimate of rows is off by a factor of ${WRONG} or more.`;
  const direction = worst.actualRows! > worst.planRows ? 'more' : 'fewer';
  const [actual, planned] = [worst.actualRows!, worst.planRows].map((rows) => count(rows));
  return `${titleOf(worst)} gave ${actual} rows where ${planned} were expected: ${count(worst.estimateError!)} times ${direction}.`;
}

const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;
const count = (value: number): string =>
  value < 10 ? String(Number(value.toPrecision(2))) : Math.round(value).toLocaleString('en-GB');
