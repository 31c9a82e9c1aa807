/** A collector matched against one connection: which columns it will read, into which metrics, under which labels. */
import { DatabaseFailure } from '../db/errors.ts';
import type { Field } from '../db/postgres.ts';
import type { Facts } from './facts.ts';
import { unmetNeeds } from './facts.ts';
import { type Convert, converterFor } from './convert.ts';
import { labelPair } from './text.ts';
import type { Collector, Metric, Need } from './types.ts';

export interface BoundMetric {
  readonly metric: Metric;
  /** Position of its value in a row. */
  readonly index: number;
  readonly convert: Convert;
}

/** Metrics that share their labels, so that a row's label text is built once for all of them. */
export interface LabelGroup {
  readonly labels: readonly { readonly name: string; readonly index: number }[];
  readonly metrics: readonly BoundMetric[];
}

export interface Layout {
  readonly groups: readonly LabelGroup[];
  readonly positions: ReadonlyMap<string, number>;
  /** Label pairs that every row has: `datname` of the connection, the user's constant labels. */
  readonly fixed: readonly string[];
}

export class CollectorUnavailable extends Error {
  readonly missing: readonly Need[];
  constructor(missing: readonly Need[]) {
    super(`needs ${missing.join(' and ')}`);
    this.missing = missing;
  }
}

/**
 * The statement to run on this connection.
 * @throws CollectorUnavailable when a need is not met.
 */
export function chooseSql(collector: Collector, facts: Facts): string {
  const missing = unmetNeeds(collector.needs, facts);
  if (missing.length > 0) throw new CollectorUnavailable(missing);
  const variants = typeof collector.sql === 'string' ? [{ sql: collector.sql }] : collector.sql;
  const variant = variants.find((candidate) => unmetNeeds(candidate.needs, facts).length === 0);
  if (variant === undefined) throw new CollectorUnavailable(variants.at(-1)?.needs ?? []);
  // An extension's functions stand in the schema that the user chose for it.
  return variant.sql.replace(/\{schema:(\w+)\}/g, (_, extension: string) => facts.extensions.get(extension)!.schema);
}

export const metricsOf = (column: Metric | readonly Metric[]): readonly Metric[] =>
  (Array.isArray(column) ? column : [column]) as readonly Metric[];

/** All metrics that a collector can give. */
export const declaredMetrics = (collector: Collector): Metric[] => Object.values(collector.columns).flatMap(metricsOf);

/** The result columns that the collector has a use for, in a fixed order. */
export function usedColumns(collector: Collector, fields: readonly Field[]): string[] {
  if (collector.dynamic || collector.reshape) return fields.map((field) => field.name);
  const wanted = new Set<string>([...Object.keys(collector.columns), ...labelColumns(collector)]);
  for (const [name, column] of Object.entries(collector.columns)) {
    if (metricsOf(column).some((metric) => metric.type === 'histogram')) {
      for (const part of ['_bucket', '_sum', '_count']) wanted.add(name + part);
    }
  }
  if (collector.budget) wanted.add(collector.budget.rankBy);
  if (collector.keepLastWhen) wanted.add(collector.keepLastWhen);
  return fields.map((field) => field.name).filter((name) => wanted.has(name));
}

const labelColumns = (collector: Collector): string[] => [
  ...collector.labels,
  ...declaredMetrics(collector).flatMap((metric) => metric.labels ?? []),
];

/**
 * @param fixedLabels labels of the target, of which the collector's own names win; a `database` collector's `datname` is
 * added here.
 * @throws DatabaseFailure naming the label that the result lacks.
 */
export function layOut(
  collector: Collector,
  fields: readonly Field[],
  fixedLabels: Readonly<Record<string, string>>,
  database: string | undefined,
): Layout {
  const positions = new Map(fields.map((field, index) => [field.name, index]));
  const ownDatname = collector.scope === 'database' && database !== undefined && !positions.has('datname');
  const fixed = Object.entries(fixedLabels)
    .filter(([name]) => !labelColumns(collector).includes(name) && !(ownDatname && name === 'datname'))
    .map(([name, value]) => labelPair(name, value));
  if (ownDatname) fixed.unshift(labelPair('datname', database));

  const groups = new Map<string, { labels: { name: string; index: number }[]; metrics: BoundMetric[] }>();
  for (const [column, declared] of Object.entries(collector.columns)) {
    const index = positions.get(column);
    if (index === undefined) continue;
    for (const metric of metricsOf(declared)) {
      const names = (metric.labels ?? collector.labels).filter((name) => !(ownDatname && name === 'datname'));
      const key = names.join(',');
      let group = groups.get(key);
      if (group === undefined) {
        const labels = names.map((name) => ({ name, index: positions.get(name) ?? missingLabel(collector, name) }));
        groups.set(key, (group = { labels, metrics: [] }));
      }
      group.metrics.push({ metric, index, convert: converterFor(fields[index].typeOid, metric) });
    }
  }
  return { groups: [...groups.values()], positions, fixed };
}

function missingLabel(collector: Collector, label: string): never {
  const message = `the result of collector ${collector.name} has no column "${label}" for that label`;
  throw new DatabaseFailure('bad_sql', message, { fatal: false });
}
