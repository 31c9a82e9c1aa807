/** All that a Prometheus on running servers must have an answer to. */
import { type Selector, selectors, withoutThresholds } from '../../../alerts/lib/promql.ts';
import { loadRules } from '../../../alerts/lib/rules.ts';
import { accelerateExpression } from '../../../demo/native/speed.ts';
import { interpolated, targets } from './boards.ts';
import { PEERS } from './peers.ts';

export interface Question {
  /** For messages. */
  readonly at: string;
  readonly query: string;
}

export interface RuleQuestion extends Question {
  /** Of the rule. */
  readonly name: string;
}

/** What every panel asks, with everything chosen. */
export const panelQuestions = (ranges: { rateInterval: string; range: string }): Question[] =>
  targets.map(({ at, target }) => ({ at, query: interpolated(target.expr, ranges) }));

/** Every selector of every rule, over the range that the rule looks back, in a time lapse. */
export function selectorQuestions(speed: number): (RuleQuestion & { readonly selector: Selector })[] {
  const all = loadRules().flatMap(({ name, expr }) =>
    selectors(withoutThresholds(expr)).map((selector) => {
      const { text, window } = selector;
      // Two samples: with one alone there is no rate.
      const query =
        window === undefined ? text : accelerateExpression(`count_over_time(${text}[${window}s]) >= 2`, speed);
      return { at: `${name}: ${text}${window === undefined ? '' : ` over ${window} s`}`, query, name, selector };
    }),
  );
  // An alert of two severities has each of them twice.
  return [...new Map(all.map((question) => [question.at, question])).values()];
}

/** Every rule without its thresholds: its selectors together, matched as it matches them. */
export const ruleQuestions = (speed: number): RuleQuestion[] =>
  loadRules().map(({ name, expr, labels }) => ({
    at: `${name}${labels.severity === undefined ? '' : `/${labels.severity}`} without its threshold`,
    query: accelerateExpression(withoutThresholds(expr), speed),
    name,
  }));

export const peerQuestions: readonly Question[] = PEERS.map((name) => ({
  at: `other people’s boards: ${name}`,
  query: `${name}{job="pgvigil"}`,
}));
