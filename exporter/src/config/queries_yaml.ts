import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Collector, Metric, Row } from '../metrics/types.ts';
import { builtInByMetric, builtInNames } from './collector_names.ts';
import { openYaml, type Path, type YamlDocument } from './yaml.ts';
import { BACKGROUND_TIMEOUT_SECONDS } from './functions.ts';
import { goDurationSeconds, LABEL_NAME, LABEL_RULE, METRIC_NAME, METRIC_RULE } from './kinds.ts';
import { type Findings, systemError } from './problems.ts';
import { isServerRange } from './server_range.ts';
import type { CompatProfile } from './types.ts';

const USAGES = ['LABEL', 'GAUGE', 'COUNTER', 'HISTOGRAM', 'DISCARD', 'MAPPEDMETRIC', 'DURATION'] as const;

// Keys that we do not know are let pass, as postgres_exporter does.
const columnSchema = z.object({
  usage: z.enum(USAGES),
  description: z.string().nullish(),
  metric_mapping: z.record(z.string(), z.number()).nullish(),
});

const namespaceSchema = z.object({
  query: z.string().min(1),
  master: z.boolean().nullish(),
  cache_seconds: z.number().min(0).nullish(),
  runonserver: z.string().nullish(),
  metrics: z.array(z.record(z.string(), columnSchema)),
});

type Namespace = z.output<typeof namespaceSchema>;
type Column = z.output<typeof columnSchema>;

export interface QueriesOptions {
  /** True only where the user asked for discovery: then a query that is not `master` runs in every database. */
  readonly everyDatabase: boolean;
  /** Under whose names built-in collectors could declare the same metrics. */
  readonly compat: CompatProfile;
}

export interface Queries {
  readonly collectors: readonly Collector[];
  /** Built-in collectors that declare one of these metrics: they must not run. */
  readonly replaced: readonly string[];
}

const NOTHING: Queries = { collectors: [], replaced: [] };

/** postgres_exporter's queries.yaml at `path`, called `name` in problems and warnings. */
export const readQueriesYaml = (path: string, name: string, options: QueriesOptions, findings: Findings): Queries => {
  try {
    return parseQueriesYaml(readFileSync(path, 'utf8'), name, options, findings);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    findings.problem(name, `the file ${systemError(error)}`, 'Correct --extend.query-path.');
    return NOTHING;
  }
};

/** As readQueriesYaml, from the file's text. A metric that a built-in collector declares too is taken from here, with a warning. */
export const parseQueriesYaml = (text: string, name: string, options: QueriesOptions, findings: Findings): Queries => {
  const document = openYaml(text, name, findings);
  if (document === undefined) return NOTHING;
  const checked = z
    .record(z.string(), namespaceSchema, { error: 'expected a mapping of namespaces' })
    .safeParse(document.yaml.toJS() ?? {});
  if (!checked.success) {
    for (const issue of checked.error.issues) {
      const path = issue.path as Path;
      findings.problem(document.where(path), issue.message, cureFor(path));
    }
    return NOTHING;
  }
  const collectors = Object.entries(checked.data).map(([namespace, declared]) => {
    checkNames(namespace, declared, document, findings);
    return toCollector(namespace, declared, options);
  });
  return { collectors, replaced: replacedBy(collectors, options.compat, name, findings) };
};

const cureFor = (path: Path): string =>
  path.at(-1) === 'usage'
    ? `Use one of: ${USAGES.join(', ')}.`
    : 'Each namespace has a query and metrics: a list of "- column: { usage: …, description: … }".';

const columnsOf = ({ metrics }: Namespace): [string, Column][] => metrics.flatMap((item) => Object.entries(item));

const checkNames = (namespace: string, declared: Namespace, { where }: YamlDocument, findings: Findings): void => {
  if (!METRIC_NAME.test(namespace)) findings.problem(where([namespace]), 'cannot begin a metric name', METRIC_RULE);
  if (declared.runonserver && !isServerRange(declared.runonserver))
    findings.problem(
      where([namespace, 'runonserver']),
      'is not a range of versions',
      'Write for example ">=10.0.0 <14.0.0".',
    );
  declared.metrics.forEach((item, index) => {
    for (const [column, { usage, metric_mapping: mapping }] of Object.entries(item)) {
      const at = where([namespace, 'metrics', index, column]);
      const rule = usage === 'LABEL' ? LABEL_NAME : METRIC_NAME;
      if (!rule.test(usage === 'LABEL' ? column : `${namespace}_${column}`))
        findings.problem(at, `"${column}" cannot be used as a name`, usage === 'LABEL' ? LABEL_RULE : METRIC_RULE);
      if (usage === 'MAPPEDMETRIC' && !mapping)
        findings.problem(at, 'a MAPPEDMETRIC needs metric_mapping', 'Add metric_mapping: { text: number }.');
    }
  });
};

const toCollector = (namespace: string, declared: Namespace, { everyDatabase }: QueriesOptions): Collector => {
  const columns = columnsOf(declared);
  const texts = columns.filter(([, { usage }]) => usage === 'MAPPEDMETRIC' || usage === 'DURATION');
  const { cache_seconds: cache, runonserver } = declared;
  return {
    // A built-in collector may have this name; switching that off must not switch this off too.
    name: builtInNames().includes(namespace) ? `${namespace}_query` : namespace,
    source: 'function',
    scope: everyDatabase && !declared.master ? 'database' : 'server',
    sql: declared.query,
    serverLabel: true,
    ...(runonserver ? { needs: [`server ${runonserver}`] } : {}),
    labels: columns.filter(([, { usage }]) => usage === 'LABEL').map(([column]) => column),
    columns: Object.fromEntries(columns.flatMap(([column, entry]) => metricOf(namespace, column, entry))),
    ...(cache ? { background: { intervalSeconds: cache, timeoutSeconds: BACKGROUND_TIMEOUT_SECONDS } } : {}),
    ...(texts.length > 0 ? { reshape: (rows: Row[]) => rows.map((row) => withNumbers(row, texts)) } : {}),
  };
};

const metricOf = (namespace: string, column: string, { usage, description }: Column): [string, Metric][] => {
  const name = `${namespace}_${column}`;
  const help = description ?? '';
  if (usage === 'LABEL' || usage === 'DISCARD') return [];
  if (usage === 'COUNTER') return [[column, { name, type: 'counter', help }]];
  if (usage === 'HISTOGRAM') return [[column, { name, type: 'histogram', help }]];
  return [[column, { name: usage === 'DURATION' ? `${name}_milliseconds` : name, type: 'gauge', help }]];
};

/** Texts become the numbers they stand for; a text without a number becomes NULL, which gives no sample. */
const withNumbers = (row: Row, columns: readonly [string, Column][]): Row => {
  const numbers = columns.map(([column, entry]): [string, string | null] => {
    const text = row[column] ?? null;
    const value = text === null ? undefined : entry.usage === 'DURATION' ? milliseconds(text) : mapped(text, entry);
    return [column, value === undefined ? null : String(value)];
  });
  return { ...row, ...Object.fromEntries(numbers) };
};

const mapped = (text: string, { metric_mapping: mapping }: Column): number | undefined =>
  mapping && Object.hasOwn(mapping, text) ? mapping[text] : undefined;

/** Whole ones, as in postgres_exporter; rounded first where the sum of the units is off by a bit. */
const milliseconds = (text: string): number | undefined => {
  const seconds = goDurationSeconds(text);
  return seconds === undefined ? undefined : Math.trunc(Number((seconds * 1e3).toFixed(6)));
};

const replacedBy = (
  collectors: readonly Collector[],
  compat: CompatProfile,
  name: string,
  findings: Findings,
): string[] => {
  const owners = builtInByMetric(compat);
  const replaced = new Set<string>();
  for (const collector of collectors) {
    const metrics = Object.values(collector.columns)
      .flat()
      .map((metric) => metric.name);
    const clashes = new Map(
      metrics.flatMap((metric) => (owners.has(metric) ? [[owners.get(metric)!, metric] as const] : [])),
    );
    for (const [builtIn, metric] of clashes) {
      replaced.add(builtIn);
      findings.warn(name, `${collector.name} defines ${metric}, so the built-in collector ${builtIn} is switched off`);
    }
  }
  return [...replaced];
};
