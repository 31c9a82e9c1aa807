import { selfMetrics } from '../metrics/self.ts';
import type { Collector, Metric } from '../metrics/types.ts';
import { builtInByMetric, builtInNames } from './collector_names.ts';
import type { ConfigFile } from './file.ts';
import type { FileFunction } from './file_schema.ts';
import type { Findings } from './problems.ts';
import type { CompatProfile } from './types.ts';

/** Longest run of a background function whose configuration names no timeout. */
export const BACKGROUND_TIMEOUT_SECONDS = 30;

/** The `functions:` of the file as collectors; clashes of names are noted as problems. */
export const functionCollectors = (
  { content, where }: ConfigFile,
  compat: CompatProfile,
  findings: Findings,
): Collector[] => {
  const functions = content.functions ?? [];
  const owners = new Map<string, string>([
    ...Array.from(builtInByMetric(compat), ([metric, name]) => [metric, `the built-in collector ${name}`] as const),
    ...Object.values(selfMetrics).map(({ name }) => [name, 'the exporter itself'] as const),
  ]);
  const names = new Map(builtInNames().map((name) => [name, 'a built-in collector']));
  return functions.flatMap((declared, index) => {
    if (declared === undefined) return [];
    const path = ['functions', index];
    const taken = names.get(declared.name);
    if (taken !== undefined)
      findings.problem(
        where([...path, 'name']),
        `"${declared.name}" is the name of ${taken}`,
        'Give the function another name.',
      );
    names.set(declared.name, 'another function');
    if (declared.scope === 'database' && declared.labels?.includes('datname'))
      findings.problem(
        where([...path, 'labels']),
        'datname is added by itself with scope: database',
        'Remove datname from the labels.',
      );

    if (declared.timeout !== undefined && declared.ttl === undefined)
      findings.problem(
        where([...path, 'timeout']),
        'a function without ttl runs in the scrape and has its deadline',
        'Add a ttl, so that it runs in the background, or remove the timeout.',
      );

    const collector = toCollector(declared);
    for (const [column, metric] of Object.entries(collector.columns)) {
      const { name } = metric as Metric;
      const at = where([...path, 'columns', column]);
      const owner = owners.get(name);
      if (owner !== undefined)
        findings.problem(at, `${name} is already a metric of ${owner}`, 'Give it another name with "name:".');
      if (declared.labels?.includes(column))
        findings.problem(at, 'is a label too', 'A column is either a label or a value.');
      owners.set(name, `the function ${declared.name}`);
    }
    return collector;
  });
};

const toCollector = ({ name, sql, labels, columns, ttl, timeout, scope, needs, budget }: FileFunction): Collector => ({
  name,
  source: 'function',
  scope: scope ?? 'server',
  sql,
  ...(needs ? { needs } : {}),
  labels: labels ?? [],
  columns: Object.fromEntries(
    Object.entries(columns).map(([column, { type, help, scale, name: whole }]) => [
      column,
      { name: whole ?? `${name}_${column}`, type, help, ...(scale == null ? {} : { scale }) },
    ]),
  ),
  ...(ttl === undefined
    ? {}
    : { background: { intervalSeconds: ttl, timeoutSeconds: timeout ?? BACKGROUND_TIMEOUT_SECONDS } }),
  // The first value column decides which rows are the important ones.
  ...(budget === undefined ? {} : { budget: { max: budget, rankBy: Object.keys(columns)[0] } }),
});
