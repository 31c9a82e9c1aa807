/** Which labels the series of an expression have, as far as the catalogue of metrics tells. */
import type { SyntaxNode } from '@lezer/common';
import { known } from './catalogue.ts';
import { aggregationOf, children, isScalar } from './nodes.ts';
import { parse } from './promql.ts';

/** Every series has those of its server. */
export const SERVER_LABELS = ['job', 'cluster', 'instance', 'target'];

/** Tells the expression behind a recorded series. */
export type Recorded = (name: string) => string | undefined;

/** Undefined where it cannot be told. */
export function labelSet(expression: string, recorded: Recorded = () => undefined): ReadonlySet<string> | undefined {
  return ofNode(expression, parse(expression), recorded);
}

function ofNode(expression: string, node: SyntaxNode, recorded: Recorded): ReadonlySet<string> | undefined {
  const parts = children(node);
  const of = (part: SyntaxNode): ReadonlySet<string> | undefined => ofNode(expression, part, recorded);
  const text = ({ from, to }: SyntaxNode): string => expression.slice(from, to);
  switch (node.name) {
    case 'VectorSelector': {
      const name = node.getChild('Identifier');
      const behind = name && recorded(text(name));
      if (behind) return labelSet(behind, recorded);
      const metric = name && known(text(name));
      return metric ? new Set([...SERVER_LABELS, ...metric.labels]) : undefined;
    }
    case 'AggregateExpr': {
      const by = aggregationOf(expression, node);
      return by && text(parts[0]) !== 'count_values' ? new Set(by) : undefined;
    }
    case 'ParenExpr':
    case 'MatrixSelector':
    case 'SubqueryExpr':
    case 'OffsetExpr':
      return of(parts[0]);
    case 'UnaryExpr':
      return of(parts.at(-1)!);
    case 'FunctionCall':
      return ofCall(expression, node, of);
    case 'BinaryExpr':
      return ofBinary(expression, node, of);
    default:
      return undefined;
  }
}

type Of = (part: SyntaxNode) => ReadonlySet<string> | undefined;

function ofCall(expression: string, node: SyntaxNode, of: Of): ReadonlySet<string> | undefined {
  const name = expression.slice(node.firstChild!.from, node.firstChild!.to);
  const args = children(node.getChild('FunctionCallBody')!);
  const vector = args.find((arg) => arg.name !== 'StringLiteral' && !isScalar(expression, arg));
  const labels = vector && of(vector);
  if (!labels || name.startsWith('absent')) return undefined;
  if (name !== 'label_replace') return labels;
  const { from, to } = args.find((arg) => arg.name === 'StringLiteral')!;
  return new Set([...labels, expression.slice(from + 1, to - 1)]);
}

function ofBinary(expression: string, node: SyntaxNode, of: Of): ReadonlySet<string> | undefined {
  const parts = children(node);
  const [left, right] = [parts[0], parts.at(-1)!];
  if (isScalar(expression, right)) return of(left);
  if (isScalar(expression, left)) return of(right);
  if (['And', 'Unless', 'Or'].includes(parts[1].name)) return of(left);
  const clause = node.getChild('MatchingModifierClause');
  if (!clause) return of(left);
  if (clause.getChild('GroupLeft')) return of(left);
  if (clause.getChild('GroupRight')) return of(right);
  if (!clause.getChild('On')) return undefined;
  const labels = clause.getChild('GroupingLabels')!.getChildren('LabelName');
  return new Set(labels.map(({ from, to }) => expression.slice(from, to)));
}
