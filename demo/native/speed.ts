/**
 * Time lapse: the same configuration with every duration divided, so that what takes five minutes is seen in seconds. A
 * mechanical change of the files of Prometheus, Alertmanager and Grafana, and of nothing else in them.
 */
import { parser } from '@prometheus-io/lezer-promql';
import { isPair, isScalar, parseDocument, visit } from 'yaml';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};
const DURATION = /^(?:\d+(?:ms|[smhdwy]))+$/;

/** Keys whose values are durations. */
const KEYS = [
  ...['scrape_interval', 'evaluation_interval', 'interval', 'refresh_interval', 'for', 'keep_firing_for'],
  ...['group_wait', 'group_interval', 'repeat_interval', 'resolve_timeout', 'timeInterval'],
];

/** In ms. */
const parseDuration = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit], 0);

function divided(text: string, by: number): string {
  const ms = parseDuration(text) / by;
  if (ms === 0) return text;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.max(1, Math.round(ms))}ms`;
}

/** The windows, steps and offsets of a PromQL expression; its numbers stay, also those that are seconds. */
export function accelerateExpression(expression: string, by: number): string {
  const literals: { from: number; to: number }[] = [];
  parser.parse(expression).iterate({
    enter: ({ name, from, to }) => {
      if (name === 'NumberDurationLiteralInDurationContext') literals.push({ from, to });
    },
  });
  return literals.reduceRight((text, { from, to }) => {
    const literal = text.slice(from, to);
    if (!DURATION.test(literal)) throw new Error(`"${literal}" in "${expression}" is not a duration with a unit`);
    return text.slice(0, from) + divided(literal, by) + text.slice(to);
  }, expression);
}

/**
 * The text of a YAML file with every duration divided by `by`.
 * @throws Error for a window in an expression that is not a duration with a unit.
 */
export function accelerate(text: string, by: number): string {
  if (by === 1) return text;
  const document = parseDocument(text);
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string') return;
      if (key.value === 'expr') value.value = accelerateExpression(value.value, by);
      else if (KEYS.includes(String(key.value)) && DURATION.test(value.value)) value.value = divided(value.value, by);
    },
    Map: (_, map) => {
      // A server is no faster than before: a scrape gets all the time there is until the next one.
      map.items = map.items.filter(({ key }) => !(isScalar(key) && key.value === 'scrape_timeout'));
      const interval = map.items.find(({ key }) => isScalar(key) && key.value === 'scrape_interval');
      if (isPair(interval) && isScalar(interval.value))
        map.set('scrape_timeout', divided(String(interval.value.value), by));
    },
  });
  return document.toString({ lineWidth: 0 });
}
