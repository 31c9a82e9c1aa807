// Writes the parts of the manual that the code knows best. `npm run docs`; a test fails while they are out of date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { apiMetrics } from '../exporter/src/api/metrics.ts';
import { benchmarkMetrics } from '../exporter/src/benchmark/metrics.ts';
import { collectors } from '../exporter/src/collectors/index.ts';
import { envNames, fileKey, settings } from '../exporter/src/config/settings.ts';
import { type Endpoint, endpoints, ERROR_STATUS } from '../exporter/src/contract/index.ts';
import { jobMetrics } from '../exporter/src/jobs/metrics.ts';
import { declaredMetrics } from '../exporter/src/metrics/compile.ts';
import { selfMetrics } from '../exporter/src/metrics/self.ts';
import type { Collector, Metric } from '../exporter/src/metrics/types.ts';

const OTHER_DATABASES_SECONDS = 60;

export const pages: Readonly<Record<string, () => string>> = {
  'metrics.md': metricsPage,
  'flags.md': flagsPage,
  'endpoints.md': endpointsPage,
};

function metricsPage(): string {
  return [
    '# Metrics',
    '',
    '<!-- Written by docs/generate.ts: change the collectors, then `npm run docs`. -->',
    '',
    'Every collector and every metric it can give, under the names of the profile `0.20`. A metric appears where the',
    'server has the column or extension it is read from; NULL gives no sample.',
    '',
    'A *live* collector runs in the scrape. A *background* one runs at its own interval and its last result is served with',
    '`pgvigil_collector_age_seconds`. Per-object metrics of other databases than the one in the connection string are',
    `always collected in the background, every ${OTHER_DATABASES_SECONDS} s: none is older than twice its interval while scrapes come.`,
    '',
    'Background: ' + names(collectors.filter((collector) => collector.background)) + '.',
    '',
    'Off unless switched on: ' + names(collectors.filter((collector) => collector.enabled === false)) + '.',
    '',
    ...collectors.flatMap(collectorSection),
    '## The exporter itself',
    '',
    ...table(Object.values(selfMetrics), []),
    '## Actions',
    '',
    'From the first action of its kind on; what they are: [actions.md](actions.md).',
    '',
    ...table(Object.values(jobMetrics), []),
    '## Benchmarks',
    '',
    'With a state database, of targets that allow benchmarks; `pgvigil bench` or the app has run them: [benchmarks.md](benchmarks.md).',
    '',
    ...table(Object.values(benchmarkMetrics), []),
    '## The API',
    '',
    'From the first request on; its endpoints: [endpoints.md](endpoints.md).',
    '',
    ...table(Object.values(apiMetrics), []),
  ].join('\n');
}

const names = (list: readonly Collector[]): string =>
  list.map(({ name, background }) => `\`${name}\`${background ? ` (${background.intervalSeconds} s)` : ''}`).join(', ');

function collectorSection(collector: Collector): string[] {
  const { name, source, scope, background, budget, enabled } = collector;
  const traits = [
    source === 'pgbouncer' ? 'PgBouncer' : scope === 'database' ? 'every database' : 'once per server',
    background ? `background, every ${background.intervalSeconds} s` : 'live',
    ...(budget ? [`at most ${budget.max} objects by name, the rest as \`other\``] : []),
    ...(enabled === false ? ['off unless switched on'] : []),
  ];
  return [
    `## ${name}`,
    '',
    `${capital(traits.join('; '))}.`,
    '',
    ...table(declaredMetrics(collector), collector.labels),
  ];
}

type Documented = Pick<Metric, 'name' | 'type' | 'help' | 'labels'>;

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);

function table(metrics: readonly Documented[], labels: readonly string[]): string[] {
  if (metrics.length === 0)
    return ['One family per row of the result: `pg_settings_<name>`, with the unit as suffix.', ''];
  const unique = [...new Map(metrics.map((metric) => [metric.name, metric])).values()];
  const rows = unique.map(({ name, type, help, labels: own }) => {
    const list = (own ?? labels).map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${list} | ${help.replaceAll('|', '\\|')} |`;
  });
  return ['| metric | type | labels | what it is |', '|---|---|---|---|', ...rows, ''];
}

function flagsPage(): string {
  const groups = Map.groupBy(settings, (setting) => setting.group);
  const lines = [...groups].flatMap(([group, members]) => [
    `## ${group}`,
    '',
    '| flag | environment | file | what it does |',
    '|---|---|---|---|',
    ...members.map((setting) => {
      const environment = envNames(setting)
        .map((name) => `\`${name}\``)
        .join(' ');
      const file = setting.inFile === false ? '' : `\`${fileKey(setting)}\``;
      return `| \`--${setting.flag}\` | ${environment} | ${file} | ${setting.help.replaceAll('|', '\\|')}${defaultOf(setting.default)} |`;
    }),
    '',
  ]);
  return [
    '# Flags',
    '',
    '<!-- Written by docs/generate.ts: change config/settings.ts, then `npm run docs`. -->',
    '',
    ...lines,
  ].join('\n');
}

function endpointsPage(): string {
  const rows = Object.entries<Endpoint>(endpoints).map(([key, { role, query, body, summary }]) => {
    const shape: Readonly<Record<string, z.ZodType>> = (query ?? body)?.shape ?? {};
    const fields = Object.entries(shape).map(([name, type]) =>
      type.safeParse(undefined).success ? `\`${name}\`` : `**\`${name}\`**`,
    );
    return `| \`${key}\` | ${role === 'action' ? "the action's" : role} | ${fields.join(', ')} | ${summary.replaceAll('|', '\\|')} |`;
  });
  const codes = Object.entries(ERROR_STATUS).map(([code, status]) => `| \`${code}\` | ${status} |`);
  return [
    '# Endpoints of the API',
    '',
    '<!-- Written by docs/generate.ts: change exporter/src/contract, then `npm run docs`. -->',
    '',
    'How to call them: [api.md](api.md). What each takes and gives in full: `/openapi.json` of a running exporter. Fields are',
    'those of the query string for GET, of the JSON body for POST; **bold** ones are required, unknown ones are refused.',
    '',
    '| endpoint | least role | fields | what it gives or does |',
    '|---|---|---|---|',
    ...rows,
    '',
    '## Errors',
    '',
    '| code | status |',
    '|---|---|',
    ...codes,
    '',
  ].join('\n');
}

/** Lists and scalars; a default that is a mapping is empty. */
const defaultOf = (value: unknown): string => {
  const parts = (Array.isArray(value) ? value : [value]).filter((part) =>
    ['string', 'number', 'boolean'].includes(typeof part),
  );
  return parts.length === 0 ? '' : ` Default: \`${parts.join(', ')}\`.`;
};

if (process.argv[1] === import.meta.filename) {
  for (const [file, page] of Object.entries(pages)) writeFileSync(join(import.meta.dirname, file), page());
}
