/** What the exporter says about its own work on one target: did it succeed, how long, how old, at what cost. */
import type { Connected } from './connected.ts';
import type { Result } from './result.ts';
import type { Round } from './round.ts';
import { FamilyText, labelPair, labelText, numberText } from './text.ts';
import { counter, gauge, type Metric, untyped } from './types.ts';

/** Every metric of this file; the catalogue and the name test read it. */
export const selfMetrics = {
  up: gauge('pg_up', 'Whether the last scrape reached PostgreSQL (pgvigil).'),
  bouncerUp: gauge('pgbouncer_up', 'Whether the last scrape reached PgBouncer (pgvigil).'),
  static: untyped('pg_static', 'The version of the server (version()).'),
  lastDuration: gauge('pg_exporter_last_scrape_duration_seconds', 'Duration of the last collection (pgvigil).'),
  lastError: gauge(
    'pg_exporter_last_scrape_error',
    'Whether a live collector failed in the last collection (pgvigil).',
  ),
  scrapes: counter('pg_exporter_scrapes_total', 'Scrapes answered (pgvigil).'),
  success: gauge('pg_scrape_collector_success', 'Whether the collector succeeded (pgvigil).'),
  duration: gauge('pg_scrape_collector_duration_seconds', 'Duration of the last run of the collector (pgvigil).'),
  age: gauge('pgvigil_collector_age_seconds', 'Age of what a background collector serves (pgvigil).'),
  problem: gauge(
    'pgvigil_collector_problem',
    'One for each reason why a collector gives less than it could (pgvigil).',
  ),
  targetProblem: gauge('pgvigil_target_problem', 'One while the server cannot be reached, by reason (pgvigil).'),
  folded: gauge('pgvigil_collector_folded_objects', 'Objects added up into the row labelled other (pgvigil).'),
  duplicates: gauge(
    'pgvigil_collector_duplicate_samples',
    'Samples left out because another had the same labels (pgvigil).',
  ),
  databaseSeconds: counter(
    'pgvigil_database_seconds_total',
    'Time the database worked for the collector, as seen by the client (pgvigil).',
  ),
  collections: counter('pgvigil_collections_total', 'Collections run; scrapes at the same time share one (pgvigil).'),
  connections: gauge('pgvigil_connections', 'Connections held to the server (pgvigil).'),
  connectionsOpened: counter('pgvigil_connections_opened_total', 'Connections opened to the server (pgvigil).'),
} satisfies Record<string, Metric>;

export interface SelfFacts {
  readonly scrapes: number;
  readonly collections: number;
  readonly durationSeconds: number;
  readonly postgres?: {
    readonly round: Round;
    readonly results: readonly Result[];
    readonly connected: Connected | undefined;
    readonly server: string;
    readonly databaseSeconds: ReadonlyMap<string, number>;
    readonly connectionsHeld: number;
    readonly connectionsOpened: number;
  };
  readonly pgbouncer?: { readonly round: Round };
}

export function selfFamilies(facts: SelfFacts, fixedLabels: Readonly<Record<string, string>>): FamilyText[] {
  const families = new Map<Metric, FamilyText>();
  const add = (metric: Metric, value: number, labels: Record<string, string> = {}): void => {
    let family = families.get(metric);
    if (family === undefined) families.set(metric, (family = new FamilyText(metric)));
    const pairs = Object.entries({ ...fixedLabels, ...labels }).map(([name, text]) => labelPair(name, text));
    family.addSample(labelText(pairs), numberText(value));
  };
  const { postgres, pgbouncer } = facts;

  if (postgres) {
    add(selfMetrics.up, Number(postgres.round.up));
    const connected = postgres.connected?.facts;
    if (connected) {
      const { version, shortVersion } = connected;
      add(selfMetrics.static, 1, { server: postgres.server, short_version: threeNumbers(shortVersion), version });
    }
    for (const [collector, seconds] of postgres.databaseSeconds) {
      add(selfMetrics.databaseSeconds, seconds, { collector });
    }
    add(selfMetrics.connections, postgres.connectionsHeld);
    add(selfMetrics.connectionsOpened, postgres.connectionsOpened);
  }
  if (pgbouncer) add(selfMetrics.bouncerUp, Number(pgbouncer.round.up));

  const rounds = [postgres?.round, pgbouncer?.round].filter((round) => round !== undefined);
  add(selfMetrics.lastDuration, facts.durationSeconds);
  add(selfMetrics.lastError, Number(rounds.some((round) => round.results.all().some((result) => !result.success))));
  add(selfMetrics.scrapes, facts.scrapes);
  add(selfMetrics.collections, facts.collections);
  for (const [source, round] of Object.entries({ postgres: postgres?.round, pgbouncer: pgbouncer?.round })) {
    if (round && !round.up && round.problem)
      add(selfMetrics.targetProblem, 1, { source, reason: round.problem.reason });
  }
  const live = rounds.flatMap((round) => round.results.all());
  const all = [...(postgres?.results ?? []), ...(pgbouncer?.round.results.all() ?? [])];
  addResults(all, new Set(live), add);
  return [...families.values()];
}

/** As postgres_exporter has it: `17.10` is 17.10.0, `18beta1` 18.0.0. */
function threeNumbers(version: string): string {
  const [, major = 0, minor = 0, patch = 0] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? [];
  return `${major}.${minor}.${patch}`;
}

function addResults(
  results: readonly Result[],
  live: ReadonlySet<Result>,
  add: (metric: Metric, value: number, labels?: Record<string, string>) => void,
): void {
  const byName = Map.groupBy(results, (result) => result.collector.name);
  const now = Date.now();
  for (const [collector, runs] of byName) {
    add(selfMetrics.success, Number(runs.every((run) => run.success)), { collector });
    add(selfMetrics.duration, Math.max(...runs.map((run) => run.durationSeconds)), { collector });
  }
  for (const result of results) {
    const { collector, database, problems, output, at } = result;
    const labels = { collector: collector.name, datname: database ?? '' };
    for (const reason of new Set(problems.map((problem) => problem.reason))) {
      add(selfMetrics.problem, 1, { ...labels, reason });
    }
    if (output === undefined) continue;
    if (output.folded > 0) add(selfMetrics.folded, output.folded, labels);
    if (output.duplicates > 0) add(selfMetrics.duplicates, output.duplicates, labels);
    if (!live.has(result)) add(selfMetrics.age, (now - at) / 1000, labels);
  }
}
