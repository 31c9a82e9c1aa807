/** The parts of PromQL that every query of a board has in common, written once. */
import { labelsOf, SERVER } from './catalogue.ts';

/** What the variables of a board choose; `datname` only where the metric has it. */
const CHOSEN = ['job', 'cluster', 'instance'];

/**
 * A selector of what the board's variables choose.
 * @param more further matchers: `state="active"`.
 * @throws Error for a metric that the exporter does not have.
 */
export function m(metric: string, ...more: string[]): string {
  const labels = labelsOf(metric);
  if (labels === undefined) throw new Error(`No exporter of ours gives ${metric}`);
  const chosen = [...CHOSEN, ...(labels.includes('datname') ? ['datname'] : [])];
  return `${metric}{${[...chosen.map((label) => `${label}=~"$${label}"`), ...more].join(', ')}}`;
}

/** Per second, of a counter. */
export const rate = (metric: string, ...more: string[]): string => `rate(${m(metric, ...more)}[$__rate_interval])`;

/** How often since the point before, of a counter of rare events. */
export const increase = (metric: string, ...more: string[]): string =>
  `increase(${m(metric, ...more)}[$__rate_interval])`;

const aggregate =
  (operator: string) =>
  (expr: string, ...labels: string[]): string =>
    `${operator} by (${[...SERVER, ...labels].join(', ')}) (${expr})`;

/** Over all but the server and `labels`. */
export const sum = aggregate('sum');
export const max = aggregate('max');
export const min = aggregate('min');
export const count = aggregate('count');

/** What matches two metrics of the same server. */
export const ON_SERVER = `on (${SERVER.join(', ')})`;

/** Only of servers that are written to: a standby has the same tables once more. */
export const onPrimary = (expr: string): string => `${expr} and ${ON_SERVER} ${m('pg_replication_is_replica')} == 0`;

/** The largest of this moment, for tables and bars. */
export const top = (n: number, expr: string): string => `topk(${n}, ${expr})`;

/** Mean over the whole time range, for one figure of it. */
export const overRange = (expr: string): string => `avg_over_time((${expr})[$__range:$__rate_interval])`;

/** Those that are largest over the whole time range: with `top`, other series would come and go at each point. */
export const steadyTop = (n: number, expr: string, by = expr): string =>
  `${expr} and topk(${n}, avg_over_time((${by})[$__range:$__rate_interval] @ end()))`;

/** In legends: the server, for series that have nothing else to be told apart by. */
export const SERVER_NAME = '{{instance}} {{target}}';
