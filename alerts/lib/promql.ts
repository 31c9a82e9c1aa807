/**
 * What an expression of PromQL says, read with Prometheus' own grammar: which series it selects, where its threshold is,
 * how far it looks back, how vectors are matched. Everything works on the text, and what is given back is text again.
 */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { aggregationOf, callsAround, children, constant, isScalar, seconds, windowAround } from './nodes.ts';

export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

export interface Selector {
  /** Empty when the name is only matched (`{__name__=~"…"}`). */
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** As written, without range and offset. */
  readonly text: string;
  /** Of the range or subquery it stands in, if any; in seconds. */
  readonly window: number | undefined;
  /** Functions and aggregations around it, innermost first: `['rate', 'sum']`. */
  readonly calls: readonly string[];
}

export type Comparison = '>' | '>=' | '<' | '<=' | '==' | '!=';

export interface Threshold {
  /** Turned round where the number stands first: `5 < x` is `>` 5. */
  readonly operator: Comparison;
  readonly value: number;
}

export interface Matching {
  /** `/`, `and`, … between two vectors. */
  readonly operator: string;
  readonly modifier: 'on' | 'ignoring' | undefined;
  readonly labels: readonly string[];
  readonly left: string;
  readonly right: string;
}

/** @throws Error that shows where the expression is not PromQL. */
export function parse(expression: string): SyntaxNode {
  const top = parser.parse(expression).topNode;
  top.cursor().iterate(({ type, from }) => {
    if (type.isError) throw new Error(`not PromQL at "${expression.slice(from, from + 30)}": ${expression}`);
  });
  return top.firstChild!;
}

/** All selectors in the order in which they are written. */
export function selectors(expression: string): Selector[] {
  const found: Selector[] = [];
  parse(expression)
    .cursor()
    .iterate(({ name, node }) => {
      if (name !== 'VectorSelector') return;
      const matchers = matchersOf(expression, node);
      const named = node.getChild('Identifier');
      const byLabel = matchers.find(({ label, operator }) => label === '__name__' && operator === '=');
      found.push({
        metric: named ? expression.slice(named.from, named.to) : (byLabel?.value ?? ''),
        matchers,
        text: expression.slice(node.from, node.to),
        window: windowAround(expression, node),
        calls: callsAround(expression, node),
      });
    });
  return found;
}

function matchersOf(expression: string, selector: SyntaxNode): Matcher[] {
  const list = selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return list.map((matcher) => {
    const part = (name: string): string => {
      const { from, to } = matcher.getChild(name)!;
      return expression.slice(from, to);
    };
    const text = part('StringLiteral');
    // Double-quoted ones are escaped as in Go, which for what we write is as in JSON.
    const value = text.startsWith('"') ? (JSON.parse(text) as string) : text.slice(1, -1);
    return { label: part('LabelName'), operator: part('MatchOp') as Matcher['operator'], value };
  });
}

/** Names of the metrics that it selects, each once. */
export function metricNames(expression: string): string[] {
  return [...new Set(selectors(expression).map(({ metric }) => metric))].filter((name) => name !== '');
}

/** Every range, and the outer window of every subquery, in seconds. */
export function windows(expression: string): number[] {
  const found: number[] = [];
  parse(expression)
    .cursor()
    .iterate(({ name, node }) => {
      if (name !== 'MatrixSelector' && name !== 'SubqueryExpr') return;
      found.push(seconds(expression, node.getChild('DurationExpr')!));
    });
  return found;
}

const TURNED: Readonly<Record<Comparison, Comparison>> = {
  '>': '<',
  '>=': '<=',
  '<': '>',
  '<=': '>=',
  '==': '==',
  '!=': '!=',
};

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  Gtr: '>',
  Gte: '>=',
  Lss: '<',
  Lte: '<=',
  Eql: '==',
  Neq: '!=',
};

/** A comparison of a vector with a number, where it stands in the text. */
export interface Limit extends Threshold {
  readonly at: { readonly from: number; readonly to: number };
  /** Of the operator and of the number. */
  readonly operatorAt: { readonly from: number; readonly to: number };
  readonly valueAt: { readonly from: number; readonly to: number };
  /** What is compared, as text. */
  readonly operand: string;
}

/** All comparisons with numbers, outermost first; among equals, the left one first. */
export function limits(expression: string): Limit[] {
  const found: Limit[] = [];
  for (let level = [parse(expression)]; level.length > 0; level = level.flatMap(children)) {
    for (const node of level) {
      const limit = limitOf(expression, node);
      if (limit) found.push(limit);
    }
  }
  return found;
}

const span = ({ from, to }: SyntaxNode): { from: number; to: number } => ({ from, to });

function limitOf(expression: string, node: SyntaxNode): Limit | undefined {
  const parts = node.name === 'BinaryExpr' ? children(node) : [];
  const operator = parts.find(({ name }) => name in COMPARISONS);
  if (!operator) return undefined;
  const [left, right] = [parts[0], parts.at(-1)!];
  const [onRight, onLeft] = [constant(expression, right), constant(expression, left)];
  const value = onRight ?? onLeft;
  if (value === undefined || (onRight !== undefined && onLeft !== undefined)) return undefined;
  const [compared, number] = onRight === undefined ? [right, left] : [left, right];
  const written = COMPARISONS[operator.name];
  return {
    operator: onRight === undefined ? TURNED[written] : written,
    value,
    at: span(node),
    operatorAt: span(operator),
    valueAt: span(number),
    operand: expression.slice(compared.from, compared.to),
  };
}

/** The outermost comparison with a number: what a board draws as the threshold. */
export function threshold(expression: string): Threshold | undefined {
  const [first] = limits(expression);
  return first && { operator: first.operator, value: first.value };
}

/**
 * The expression with all of its comparisons with numbers taken away, those of its guards too: what can be drawn, and
 * what must return data wherever the rule has something to look at.
 */
export function withoutThresholds(expression: string): string {
  const [first] = limits(expression);
  if (!first) return expression;
  return withoutThresholds(replace(expression, first.at, first.operand));
}

export function replace(text: string, { from, to }: { from: number; to: number }, by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}

/** Where two vectors meet. A vector and a number, or `time()`, are no matching. */
export function matchings(expression: string): Matching[] {
  return matchingNodes(expression).map((node) => {
    const parts = children(node);
    const clause = node.getChild('MatchingModifierClause');
    const text = ({ from, to }: SyntaxNode): string => expression.slice(from, to);
    return {
      operator: text(parts[1]),
      modifier: clause?.getChild('On') ? 'on' : clause?.getChild('Ignoring') ? 'ignoring' : undefined,
      labels: (clause?.getChild('GroupingLabels')?.getChildren('LabelName') ?? []).map(text),
      left: text(parts[0]),
      right: text(parts.at(-1)!),
    };
  });
}

/** The binary expressions behind `matchings`, in the same order: the order of the text. */
export function matchingNodes(expression: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  parse(expression)
    .cursor()
    .iterate(({ name, node }) => {
      if (name !== 'BinaryExpr') return;
      const parts = children(node);
      if (!isScalar(expression, parts[0]) && !isScalar(expression, parts.at(-1)!)) found.push(node);
    });
  return found;
}

/** The labels `by` which the whole expression is aggregated; undefined where it is not, or is `without`. */
export function aggregatedBy(expression: string): readonly string[] | undefined {
  return aggregationOf(expression, parse(expression));
}
