/** Numbers in a sentence, against the numbers of a rule. */
import { limits } from '../../lib/promql.ts';
import type { Alert } from '../../lib/rules.ts';

const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^%/, 0.01],
  [/^(ms|milliseconds?)\b/i, 1e-3],
  [/^(s|seconds?)\b/i, 1],
  [/^(min|m|minutes?)\b/, 60],
  [/^(h|hours?)\b/i, 3600],
  [/^(d|days?)\b/i, 86_400],
  [/^(weeks?)\b/i, 604_800],
  [/^KiB\b/, 1024],
  [/^MiB\b/, 1024 ** 2],
  [/^GiB\b/, 1024 ** 3],
  [/^TiB\b/, 1024 ** 4],
  [/^million\b/i, 1e6],
  [/^billion\b/i, 1e9],
];

const TIMES = [1, 60, 3600, 86_400];

const WORDS: readonly string[] = 'zero one two three four five six seven eight nine ten'.split(' ');

const NUMBER = new RegExp(String.raw`(?<![\w.,])(\d[\d,_]*(?:\.\d+)?|(?:an?|${WORDS.join('|')})\b)[ -]?`, 'gi');

/**
 * What the numbers of a sentence may mean, in base units: `80 %` is 0.8, `5 minutes` is 300. A bare number behind `for`
 * or `or` is in the unit that was named before: "for 5 minutes, critical for 2".
 */
export function quantities(sentence: string): number[] {
  return [...sentence.matchAll(NUMBER)].flatMap((match) => {
    const word = match[1].toLowerCase();
    const isArticle = word === 'a' || word === 'an';
    const value = isArticle ? 1 : WORDS.includes(word) ? WORDS.indexOf(word) : Number(word.replace(/[,_]/g, ''));
    const rest = sentence.slice(match.index + match[0].length);
    const unit = UNITS.find(([pattern]) => pattern.test(rest));
    if (unit) return [value * unit[1]];
    if (isArticle) return [];
    const before = sentence.slice(0, match.index);
    return /\b(for|or|and|after)\s$/.test(before) ? [value, ...TIMES.map((factor) => value * factor)] : [value];
  });
}

/** What the quote of a runbook must name of a rule: its limits, `for` and `keep_firing_for`, with where they are from. */
export function numbersOf({ expr, for: holds, keepFiringFor }: Alert): { what: string; value: number }[] {
  const thresholds = limits(expr)
    // "is down", "is there": no number that one would say.
    .filter(({ operator, value }) => value !== 0 && !(value === 1 && ['==', '!='].includes(operator)))
    .map(({ operator, value }) => ({ what: `threshold ${operator} ${value}`, value: Math.abs(value) }));
  return [
    ...thresholds,
    ...(holds > 0 ? [{ what: `for ${holds} s`, value: holds }] : []),
    ...(keepFiringFor > 0 ? [{ what: `keep_firing_for ${keepFiringFor} s`, value: keepFiringFor }] : []),
  ];
}

/** Numbers of the rule that the sentence does not name. */
export function unsaid(sentence: string, alert: Alert): string[] {
  const said = quantities(sentence);
  const names = (wanted: number): boolean => said.some((value) => Math.abs(value - wanted) <= Math.abs(wanted) * 1e-9);
  return numbersOf(alert)
    .filter(({ value }) => !names(value))
    .map(({ what }) => what);
}
