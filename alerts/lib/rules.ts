/** The rule files as data. `alerts/<area>.rules.yml`: the area is the file's name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseDuration } from './nodes.ts';
import { metricNames } from './promql.ts';

export const ALERTS_FOLDER = join(import.meta.dirname, '..');

/** Which board looks after which area. */
export const BOARD_OF: Readonly<Record<string, string>> = {
  availability: 'database-performance',
  capacity: 'database-performance',
  connections: 'pgvigil-connections',
  pgbouncer: 'pgvigil-connections',
  queries: 'pgvigil-queries',
  locks: 'pgvigil-locks',
  maintenance: 'pgvigil-tables',
  wal: 'pgvigil-wal',
  replication: 'pgvigil-replication',
  ingestion: 'pgvigil-ingestion',
  exporter: 'pgvigil-exporter',
};

interface Common {
  /** `availability`, … */
  readonly area: string;
  readonly group: string;
  /** Name of the alert, or of the series that is recorded. */
  readonly name: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Alert extends Common {
  readonly kind: 'alert';
  /** Seconds that the condition must hold, 0 for at once. */
  readonly for: number;
  /** Seconds that it fires on after the condition is gone, 0 for none. */
  readonly keepFiringFor: number;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Recording extends Common {
  readonly kind: 'record';
}

export type Rule = Alert | Recording;

interface RawRule {
  alert?: string;
  record?: string;
  expr: string | number;
  for?: string;
  keep_firing_for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

interface RawFile {
  groups: { name: string; rules: RawRule[] }[];
}

/** The areas that have a rule file, in alphabetical order. */
export function areas(folder = ALERTS_FOLDER): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.rules.yml'))
    .map((file) => file.slice(0, -'.rules.yml'.length))
    .sort();
}

/** All rules of all areas, in the order of the files. @throws Error naming the file that is not a rule file */
export function loadRules(folder = ALERTS_FOLDER): Rule[] {
  return areas(folder).flatMap((area) => rulesOf(area, readFileSync(join(folder, `${area}.rules.yml`), 'utf8')));
}

/** @throws Error */
export function rulesOf(area: string, text: string): Rule[] {
  const file = parse(text) as RawFile | null;
  if (!Array.isArray(file?.groups)) throw new Error(`${area}.rules.yml has no groups`);
  return file.groups.flatMap((group) =>
    (group.rules ?? []).map((raw): Rule => {
      const common = { area, group: group.name, expr: String(raw.expr).trim(), labels: raw.labels ?? {} };
      if (raw.record !== undefined) return { ...common, kind: 'record', name: raw.record };
      if (raw.alert === undefined) throw new Error(`${area}.rules.yml: a rule in ${group.name} has no name`);
      return {
        ...common,
        kind: 'alert',
        name: raw.alert,
        for: raw.for === undefined ? 0 : parseDuration(raw.for),
        keepFiringFor: raw.keep_firing_for === undefined ? 0 : parseDuration(raw.keep_firing_for),
        annotations: raw.annotations ?? {},
      };
    }),
  );
}

export const alertsOf = (rules: readonly Rule[]): Alert[] => rules.filter((rule) => rule.kind === 'alert');

/** The rule and those recording rules that it reads, directly or through others, in the order of `rules`. */
export function withRecordings(rule: Rule, rules: readonly Rule[]): Rule[] {
  const needed = new Set<Rule>([rule]);
  for (const one of needed) {
    const names = metricNames(one.expr);
    for (const other of rules) if (other.kind === 'record' && names.includes(other.name)) needed.add(other);
  }
  return rules.filter((one) => needed.has(one));
}

/** Names of the scraped metrics that these rules read, recorded ones followed to their source; sorted, each once. */
export function scrapedNames(some: readonly Rule[], rules: readonly Rule[]): string[] {
  const recorded = new Set(rules.filter(({ kind }) => kind === 'record').map(({ name }) => name));
  const names = some.flatMap((rule) => withRecordings(rule, rules)).flatMap(({ expr }) => metricNames(expr));
  return [...new Set(names)].filter((name) => !recorded.has(name)).sort();
}
