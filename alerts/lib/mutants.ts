/** Wrong versions of an expression, each of which a test has to notice. */
import { labelSet, type Recorded } from './labels.ts';
import { type Comparison, type Limit, limits, type Matching, matchingNodes, matchings, replace } from './promql.ts';

export interface Mutant {
  /** For people: what was done to the expression. */
  readonly what: string;
  readonly expr: string;
}

const FLIPPED: Readonly<Record<Comparison, Comparison>> = {
  '>': '<',
  '>=': '<',
  '<': '>',
  '<=': '>',
  '==': '!=',
  '!=': '==',
};

/**
 * Every comparison with a number turned round, every threshold moved by a factor of ten to where it is harder to reach
 * (0 cannot be moved: its comparison then takes in, or leaves out, 0 itself), every `on` or `ignoring` dropped that
 * matters.
 */
export function mutants(expression: string, recorded?: Recorded): Mutant[] {
  return [...limits(expression).flatMap((limit) => ofLimit(expression, limit)), ...unmatched(expression, recorded)];
}

function ofLimit(expression: string, limit: Limit): Mutant[] {
  const { operatorAt, valueAt, operand } = limit;
  const operator = expression.slice(operatorAt.from, operatorAt.to) as Comparison;
  const with_ = (what: string, at: { from: number; to: number }, by: string): Mutant => ({
    what: `${what} (${short(operand)})`,
    expr: replace(expression, at, by),
  });
  const flipped = with_(`${operator} turned into ${FLIPPED[operator]}`, operatorAt, FLIPPED[operator]);
  if (limit.operator === '==' || limit.operator === '!=') return [flipped];
  if (limit.value === 0) {
    const boundary = { '>': '>=', '>=': '>', '<': '<=', '<=': '<' }[operator as '>' | '>=' | '<' | '<='];
    return [flipped, with_(`${operator} turned into ${boundary}`, operatorAt, boundary)];
  }
  const upwards = limit.operator.startsWith('>') === limit.value > 0;
  const value = upwards ? limit.value * 10 : limit.value / 10;
  return [flipped, with_(`threshold ${limit.value} moved to ${value}`, valueAt, String(value))];
}

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
};

function unmatched(expression: string, recorded?: Recorded): Mutant[] {
  const nodes = matchingNodes(expression);
  return matchings(expression).flatMap((matching, index) => {
    const clause = nodes[index].getChild('MatchingModifierClause');
    if (!clause || isRedundant(matching, recorded)) return [];
    return [
      {
        what: `${expression.slice(clause.from, clause.to)} dropped from ${matching.operator}`,
        expr: replace(expression, { from: clause.from, to: clause.to }, ''),
      },
    ];
  });
}

/** Where both sides have the labels of `on` and no others, dropping it changes nothing. */
function isRedundant({ modifier, labels, left, right }: Matching, recorded?: Recorded): boolean {
  const same = (side: string): boolean => {
    const own = labelSet(side, recorded);
    return own !== undefined && own.size === labels.length && labels.every((label) => own.has(label));
  };
  return modifier === 'on' && same(left) && same(right);
}
