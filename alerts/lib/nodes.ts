/** Questions about one node of a parsed expression; `promql.ts` is what to import. */
import type { SyntaxNode } from '@lezer/common';

const textOf = (expression: string, { from, to }: SyntaxNode): string => expression.slice(from, to);

export function children(node: SyntaxNode): SyntaxNode[] {
  const all: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) all.push(child);
  return all;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** Prometheus' durations (`1h30m`, `5m`) and plain numbers of seconds. @throws Error */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join('') === text) {
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_SECONDS[unit], 0);
  }
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) throw new Error(`not a duration: "${text}"`);
  return number;
}

export const seconds = (expression: string, node: SyntaxNode): number => parseDuration(textOf(expression, node));

/** The value of a number, or of arithmetic with numbers alone; undefined for anything else. */
export function constant(expression: string, node: SyntaxNode): number | undefined {
  const parts = children(node);
  if (node.name === 'ParenExpr') return constant(expression, parts[0]);
  if (node.name === 'NumberDurationLiteral') {
    const text = textOf(expression, node);
    if (/^inf$/i.test(text)) return Infinity;
    return /[smhdwy]$/.test(text) ? parseDuration(text) : Number(text.replaceAll('_', ''));
  }
  if (node.name === 'UnaryExpr') {
    const value = constant(expression, parts.at(-1)!);
    return value === undefined || textOf(expression, parts[0]) === '+' ? value : -value;
  }
  if (node.name !== 'BinaryExpr') return undefined;
  const [left, right] = [constant(expression, parts[0]), constant(expression, parts.at(-1)!)];
  if (left === undefined || right === undefined) return undefined;
  const compute: Readonly<Record<string, number>> = {
    Add: left + right,
    Sub: left - right,
    Mul: left * right,
    Div: left / right,
    Pow: left ** right,
    Mod: left % right,
  };
  return compute[parts[1].name];
}

const SCALAR_FUNCTIONS = ['time', 'pi', 'scalar'];

/** Whether it is a number rather than a vector. */
export function isScalar(expression: string, node: SyntaxNode): boolean {
  const parts = children(node);
  if (node.name === 'NumberDurationLiteral') return true;
  if (node.name === 'FunctionCall') return SCALAR_FUNCTIONS.includes(textOf(expression, parts[0]));
  if (node.name === 'ParenExpr') return isScalar(expression, parts[0]);
  if (node.name === 'UnaryExpr') return isScalar(expression, parts.at(-1)!);
  return node.name === 'BinaryExpr' && isScalar(expression, parts[0]) && isScalar(expression, parts.at(-1)!);
}

const ancestors = function* (node: SyntaxNode): Generator<SyntaxNode> {
  for (let at = node.parent; at; at = at.parent) yield at;
};

/** Names of the functions and aggregations around a node, innermost first. */
export function callsAround(expression: string, node: SyntaxNode): string[] {
  return [...ancestors(node)]
    .map((at) => at.getChild('FunctionIdentifier') ?? at.getChild('AggregateOp'))
    .filter((name) => name !== null)
    .map((name) => textOf(expression, name));
}

/** Of the range or subquery that a selector stands in, in seconds. */
export function windowAround(expression: string, node: SyntaxNode): number | undefined {
  const range = [...ancestors(node)].find(({ name }) => name === 'MatrixSelector' || name === 'SubqueryExpr');
  return range && seconds(expression, range.getChild('DurationExpr')!);
}

/** The labels of `by`, seen through parentheses, comparisons and arithmetic with numbers. */
export function aggregationOf(expression: string, node: SyntaxNode): readonly string[] | undefined {
  const parts = children(node);
  if (node.name === 'ParenExpr') return aggregationOf(expression, parts[0]);
  if (node.name === 'AggregateExpr') {
    const modifier = node.getChild('AggregateModifier');
    if (!modifier) return [];
    if (!modifier.getChild('By')) return undefined;
    return modifier
      .getChild('GroupingLabels')!
      .getChildren('LabelName')
      .map((label) => textOf(expression, label));
  }
  if (node.name !== 'BinaryExpr') return undefined;
  const [left, right] = [parts[0], parts.at(-1)!];
  if (isScalar(expression, right)) return aggregationOf(expression, left);
  if (isScalar(expression, left)) return aggregationOf(expression, right);
  // Filters: what comes out is what stands on the left.
  return ['And', 'Unless'].includes(parts[1].name) ? aggregationOf(expression, left) : undefined;
}
