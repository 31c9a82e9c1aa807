/** What an alert compares with its threshold, as the query of a panel: the two cannot drift apart. */
import type { SyntaxNode } from '@lezer/common';
import { limits, parse, type Threshold } from '../../../alerts/lib/promql.ts';
import { type Alert, alertsOf, loadRules } from '../../../alerts/lib/rules.ts';
import { m } from './promql.ts';

const rules = loadRules();
const recordings = new Map(rules.filter(({ kind }) => kind === 'record').map(({ name, expr }) => [name, expr]));

/** The rules of this name, one for each severity. @throws Error when there is none */
export function rulesNamed(name: string): readonly Alert[] {
  const found = alertsOf(rules).filter((alert) => alert.name === name);
  if (found.length === 0) throw new Error(`No rule file has the alert ${name}`);
  return found;
}

/** All there are, each name once. */
export const alertNames: readonly string[] = [...new Set(alertsOf(rules).map(({ name }) => name))];

/** The comparison that the alert is about: the one that stands first; those after it only guard it. */
export function mainLimit(expr: string): (Threshold & { readonly operand: string }) | undefined {
  return limits(expr).toSorted((a, b) => a.at.from - b.at.from || b.at.to - a.at.to)[0];
}

/** @throws Error for an alert that compares nothing with a number. */
export function watched(alert: string): string {
  const limit = mainLimit(rulesNamed(alert)[0].expr);
  if (limit === undefined) throw new Error(`${alert} compares nothing with a number`);
  return chosen(limit.operand);
}

/** The expression of what the board's variables choose, over its interval, without recorded series. */
function chosen(expression: string): string {
  const edits: { from: number; to: number; text: string }[] = [];
  parse(expression)
    .cursor()
    .iterate(({ name, node }) => {
      if (name === 'VectorSelector') edits.push({ ...span(node), text: selector(expression, node) });
      const range = name === 'MatrixSelector' && isRate(expression, node) && node.getChild('DurationExpr');
      if (range) edits.push({ ...span(range), text: '$__rate_interval' });
    });
  // From the end, so that what comes before keeps its place.
  const text = edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((whole, { from, to, text }) => whole.slice(0, from) + text + whole.slice(to), expression);
  return text.replaceAll(/\s+/g, ' ').trim();
}

const span = ({ from, to }: SyntaxNode): { from: number; to: number } => ({ from, to });

function selector(expression: string, node: SyntaxNode): string {
  const { from, to } = node.getChild('Identifier')!;
  const name = expression.slice(from, to);
  const recorded = recordings.get(name);
  if (recorded !== undefined) return `(${chosen(recorded)})`;
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  const own = matchers.map((matcher) => expression.slice(matcher.from, matcher.to));
  return m(name, ...own);
}

const RATES = ['rate', 'irate', 'increase'];

function isRate(expression: string, node: SyntaxNode): boolean {
  const call = node.parent?.parent?.getChild('FunctionIdentifier');
  return call !== null && call !== undefined && RATES.includes(expression.slice(call.from, call.to));
}
