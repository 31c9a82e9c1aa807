/** In what two runs differ, beyond what is tested. Unlike ones are not compared: no statistics would notice. */
import type { Difference, Facts } from '../../contract/benchmarks.ts';
import type { Switches } from '../workload/schema.ts';

/** A run as far as it must be like another. */
export interface Circumstances {
  readonly target: string;
  /** Digest of the workload's file. */
  readonly workload: string;
  readonly facts: Facts;
}

interface Rule {
  /** What comes before the first dot of the names. */
  readonly name: string;
  readonly words: string;
  readonly read: (run: Circumstances) => Readonly<Record<string, unknown>> | string | number | boolean | null;
  /** Default: only what is equal is alike. */
  readonly alike?: (first: number, second: number) => boolean;
  /** What is known of it is a digest, which nobody reads. */
  readonly digest?: true;
  /** Items that say nothing of speed. */
  readonly harmless?: RegExp;
}

/** A database that has grown by less is still the same one. */
const GROWTH = 1.05;

/** What differs always is not here: times, and how long a run took. */
const RULES: readonly Rule[] = [
  { name: 'target', words: 'the target', read: (run) => run.target },
  { name: 'workload', words: 'the workload', read: (run) => run.workload, digest: true },
  { name: 'version', words: "the server's version", read: (run) => run.facts.serverVersion },
  { name: 'standby', words: 'whether it is a standby', read: (run) => run.facts.standby },
  {
    name: 'settings',
    words: 'the setting',
    read: (run) => run.facts.settings,
    harmless:
      /^(application_name|cluster_name|event_source|external_pid_file|log_filename|primary_conninfo|syslog_ident)$/,
  },
  { name: 'extensions', words: 'the extension', read: (run) => run.facts.extensions },
  { name: 'schema', words: 'the columns, indexes or constraints of', read: (run) => run.facts.schema, digest: true },
  {
    name: 'data',
    words: "the database's size in bytes",
    read: (run) => run.facts.dataBytes,
    alike: (first, second) => Math.max(first, second) <= Math.min(first, second) * GROWTH,
  },
  { name: 'pooler', words: "PgBouncer's setting", read: (run) => run.facts.pooler },
  { name: 'host', words: "the load's machine:", read: (run) => run.facts.host, harmless: /^node$/ },
];

/**
 * @param tested names of differences, or what they begin with up to a dot: `settings.work_mem`, `schema`. See testedBy.
 * @returns all differences; the runs may be compared where none forbids it.
 */
export function differences(first: Circumstances, second: Circumstances, tested: readonly string[] = []): Difference[] {
  return RULES.flatMap((rule) => {
    const [a, b] = [items(rule, first), items(rule, second)];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().flatMap((item) => {
      if (alike(rule, a[item], b[item])) return [];
      const name = item === '' ? rule.name : `${rule.name}.${item}`;
      const onPurpose = tested.some((one) => name === one || name.startsWith(`${one}.`));
      const [was, is] = [written(a[item]), written(b[item])];
      const what = [rule.words, item].filter(Boolean).join(' ');
      const words =
        rule.digest && was !== null && is !== null
          ? `${what} changed`
          : `${what}: ${was ?? 'not there'} → ${is ?? 'not there'}`;
      return { name, first: was, second: is, words, forbids: !onPurpose && !rule.harmless?.test(item) };
    });
  });
}

/** What the arms' switches may change: their settings by name; with indexes or scripts, tables and the database's size. */
export function testedBy(arms: readonly Switches[]): string[] {
  const names = arms.flatMap(({ session, settings, pooler, indexes, scripts }) => [
    ...[session, settings].flatMap(Object.keys).map((name) => `settings.${name}`),
    ...Object.keys(pooler).map((name) => `pooler.${name}`),
    ...(indexes.length + scripts.length > 0 ? ['schema', 'data'] : []),
  ]);
  return [...new Set(names)];
}

function items(rule: Rule, run: Circumstances): Readonly<Record<string, unknown>> {
  const value = rule.read(run);
  return typeof value === 'object' && value !== null ? value : { '': value };
}

function alike(rule: Rule, first: unknown, second: unknown): boolean {
  if (rule.alike && typeof first === 'number' && typeof second === 'number') return rule.alike(first, second);
  return written(first) === written(second);
}

const written = (value: unknown): string | null =>
  value === null || value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
