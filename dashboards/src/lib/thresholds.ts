/** From the rules to a panel: steps of colour, a sentence, links. */
import type { Threshold } from '../../../alerts/lib/promql.ts';
import type { Alert } from '../../../alerts/lib/rules.ts';
import { mainLimit, rulesNamed } from './watched.ts';

export interface Step {
  readonly color: string;
  /** From here on; null for the first. */
  readonly value: number | null;
}

const COLORS: Readonly<Record<string, string>> = { critical: 'red', warning: 'orange', info: 'dark-yellow' };
const RANK = ['critical', 'warning', 'info'];

/** What is fine, or not judged. */
const PLAIN: readonly Step[] = [{ color: 'text', value: null }];

/**
 * A colour for each severity, where the alert's condition holds.
 * @throws Error for alerts that look in different directions: one scale cannot show them.
 */
export function stepsOf(alerts: readonly string[]): readonly Step[] {
  const bounds = alerts.flatMap(rulesNamed).flatMap(({ name, expr, labels: { severity } }) => {
    const limit = mainLimit(expr);
    if (limit === undefined) throw new Error(`${name} has no threshold to draw`);
    return [{ severity, limit }];
  });
  if (bounds.length === 0) return PLAIN;
  const upwards = isUpwards(bounds[0].limit);
  if (bounds.some(({ limit }) => isUpwards(limit) !== upwards))
    throw new Error(`One panel cannot draw thresholds in both directions: ${alerts.join(', ')}`);
  // The gravest last, so that it is on top where two begin together.
  const ordered = bounds.toSorted((a, b) => RANK.indexOf(b.severity) - RANK.indexOf(a.severity));
  const worst = new Map(ordered.map(({ severity, limit }) => [edge(limit), COLORS[severity]]));
  const edges = [...worst].toSorted(([a], [b]) => a - b);
  if (upwards) return [{ color: 'green', value: null }, ...edges.map(([value, color]) => ({ color, value }))];
  // Below the lowest edge it is as grave as can be; each edge ends a colour.
  const colors = [...edges.map(([, color]) => color), 'green'];
  return colors.map((color, i) => ({ color, value: i === 0 ? null : edges[i - 1][0] }));
}

const isUpwards = ({ operator, value }: Threshold): boolean =>
  operator.startsWith('>') || operator === '!=' || (operator === '==' && value !== 0);

/** Where Grafana's step must begin or end: it counts its own value in. */
function edge({ operator, value }: Threshold): number {
  const open = operator === '>' || operator === '<=' || operator === '!=' || (operator === '==' && value === 0);
  return open ? next(value) : value;
}

/** The next larger number that there is; of 0, one that JSON and people can bear. */
function next(value: number): number {
  if (value === 0) return 1e-9;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}

/** For the panel's description: which alerts look at it, and from where on. */
export function sentence(alerts: readonly string[], linked: readonly string[], unit: string): string {
  const drawn = alerts.map(
    (name) =>
      `**${name}** (${rulesNamed(name)
        .map((rule) => condition(rule, unit))
        .join(', ')})`,
  );
  const others = linked.map(
    (name) =>
      `**${name}** (${rulesNamed(name)
        .map(({ labels }) => labels.severity)
        .join(', ')})`,
  );
  const all = [...drawn, ...others];
  return all.length === 0 ? '' : `Alerts: ${all.join('; ')}.`;
}

const WORDS: Readonly<Record<Threshold['operator'], string>> = {
  '>': 'above',
  '>=': 'from',
  '<': 'below',
  '<=': 'up to',
  '==': 'at',
  '!=': 'other than',
};

function condition({ expr, labels }: Alert, unit: string): string {
  const { operator, value } = mainLimit(expr)!;
  return `${labels.severity} ${WORDS[operator]} ${inUnit(value, unit)}`;
}

const SCALES: Readonly<Record<string, readonly (readonly [size: number, name: string])[]>> = {
  s: [
    [86_400, 'days'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
    [1e-3, 'ms'],
  ],
  bytes: [
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [1, 'B'],
  ],
  binBps: [
    [2 ** 30, 'GiB/s'],
    [2 ** 20, 'MiB/s'],
    [1, 'B/s'],
  ],
  percentunit: [[0.01, '%']],
};

/** As people say it: 0.05 `s` is 50 ms. */
function inUnit(value: number, unit: string): string {
  const scale = SCALES[unit]?.find(([size]) => value >= size);
  if (!scale) return value.toLocaleString('en');
  const [size, name] = scale;
  return `${Number((value / size).toPrecision(4)).toLocaleString('en')} ${name}`;
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

/** The runbook of each, in the app: there it can be read while the exporter is down. */
export const runbookLinks = (alerts: readonly string[]): Link[] =>
  alerts.map((name) => ({ title: `Runbook ${name}`, url: `/a/pgvigil-database-app/runbooks/${name}` }));
