/** Which labels the series of an expression have: what a legend may name. */
import type { SyntaxNode } from '@lezer/common';
import { children, isScalar } from '../../../alerts/lib/nodes.ts';
import { parse } from '../../../alerts/lib/promql.ts';
import { labelsOf, SERVER } from '../../src/lib/catalogue.ts';

type Labels = ReadonlySet<string>;

const NONE: Labels = new Set();

/** Of the whole expression, which has no variables of Grafana any more. @throws Error for what it does not know */
export const keptLabels = (expression: string): Labels => keptBy(expression, parse(expression));

function keptBy(text: string, node: SyntaxNode): Labels {
  const parts = children(node);
  const source = ({ from, to }: SyntaxNode): string => text.slice(from, to);
  switch (node.name) {
    case 'VectorSelector': {
      const name = node.getChild('Identifier');
      return new Set([...SERVER, ...(name ? (labelsOf(source(name)) ?? []) : [])]);
    }
    case 'NumberDurationLiteral':
      return NONE;
    case 'AggregateExpr':
      return aggregate(text, node);
    case 'FunctionCall': {
      if (isScalar(text, node) || source(parts[0]) === 'vector') return NONE;
      const body = children(node.getChild('FunctionCallBody')!);
      const kept = keptBy(text, body.find((part) => isVector(part))!);
      const added = /^label_/.test(source(parts[0]))
        ? [source(body.find(({ name }) => name === 'StringLiteral')!).slice(1, -1)]
        : [];
      return new Set([...kept, ...added]);
    }
    case 'BinaryExpr':
      return binary(text, node);
    default: {
      // Parentheses, signs, ranges, offsets and moments change no labels.
      const inner = parts.find((part) => isVector(part));
      if (!inner) throw new Error(`labels of ${node.name} are not known: ${source(node)}`);
      return keptBy(text, inner);
    }
  }
}

const PLAIN = ['(', ')', ',', 'At', 'Offset', 'Sub', 'Add', 'StringLiteral', 'FunctionIdentifier', 'DurationExpr'];
const isVector = ({ name }: SyntaxNode): boolean =>
  !PLAIN.includes(name) && /Expr$|Selector$|Call$|Literal$/.test(name);

function aggregate(text: string, node: SyntaxNode): Labels {
  const body = children(node.getChild('FunctionCallBody')!).filter((part) => isVector(part));
  const inner = keptBy(text, body.at(-1)!);
  const operator = text.slice(...at(node.getChild('AggregateOp')!));
  const modifier = node.getChild('AggregateModifier');
  if (['topk', 'bottomk'].includes(operator)) return inner;
  if (!modifier) return NONE;
  const listed = labelNames(text, modifier);
  if (!modifier.getChild('By')) return new Set([...inner].filter((label) => !listed.includes(label)));
  const unknown = listed.filter((label) => !inner.has(label));
  if (unknown.length > 0) throw new Error(`no label ${unknown.join(', ')} in ${text.slice(...at(node))}`);
  return new Set(listed);
}

function binary(text: string, node: SyntaxNode): Labels {
  const parts = children(node);
  const [left, right] = [parts[0], parts.at(-1)!];
  if (isScalar(text, left)) return keptBy(text, right);
  if (isScalar(text, right)) return keptBy(text, left);
  const [onLeft, onRight] = [keptBy(text, left), keptBy(text, right)];
  // A legend must hold for the series of either side.
  if (parts[1].name === 'Or') return new Set([...onLeft].filter((label) => onRight.has(label)));
  const clause = node.getChild('MatchingModifierClause');
  if (!clause || ['And', 'Unless'].includes(parts[1].name) || clause.getChild('GroupLeft')) return onLeft;
  const listed = labelNames(text, clause);
  if (clause.getChild('On')) return new Set(listed);
  return new Set([...onLeft].filter((label) => !listed.includes(label)));
}

const at = ({ from, to }: SyntaxNode): [number, number] => [from, to];

const labelNames = (text: string, node: SyntaxNode): string[] =>
  node
    .getChild('GroupingLabels')!
    .getChildren('LabelName')
    .map((label) => text.slice(...at(label)));
