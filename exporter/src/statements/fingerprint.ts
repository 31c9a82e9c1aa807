import { createHash } from 'node:crypto';
import type { PlanNode } from '../contract/index.ts';
import { replaceLiterals } from './normalise.ts';

/** PostgreSQL names these by numbers and in words that differ between versions. */
const UNSTABLE = new Set(['Subplan', 'CTE']);

/**
 * Names the shape of a plan: types, relations, indexes and conditions, without costs, literals and numbers of parameters.
 * 16 hexadecimal digits. Call `loadParser` once before.
 */
export function planFingerprint(root: PlanNode): string {
  return createHash('sha256')
    .update(JSON.stringify(shapeOf(root)))
    .digest('hex')
    .slice(0, 16);
}

const shapeOf = (node: PlanNode): unknown => [
  node.type,
  node.relation,
  node.index,
  conditionsShape(node),
  ...node.children.map(shapeOf),
];

export const conditionsShape = ({ conditions }: Pick<PlanNode, 'conditions'>): readonly string[] =>
  Object.entries(conditions)
    .filter(([label]) => !UNSTABLE.has(label))
    .map(([label, text]) => `${label}: ${replaceLiterals(text, '?')}`);
