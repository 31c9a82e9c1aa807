/** One configured target: its servers, and one collection at a time for however many scrapers. */
import type { Config, TargetConfig } from '../config/types.ts';
import { ConnectionBudget } from '../db/budget.ts';
import type { Log } from '../log.ts';
import { BouncerSource } from './bouncer_source.ts';
import { RunContext } from './connected.ts';
import { Deadline } from './deadline.ts';
import { Exposition } from './exposition.ts';
import { PostgresSource } from './postgres_source.ts';
import { hasServerLabel } from './select.ts';
import { type SelfFacts, selfFamilies } from './self.ts';
import type { Collector } from './types.ts';

/** One finished collection, kept for scrapers that come within `shareSeconds` of its start. */
interface Collection {
  readonly startedAt: number;
  readonly deadline: Deadline;
  over: boolean;
  readonly facts: Promise<Omit<SelfFacts, 'scrapes' | 'collections'>>;
}

export class Target {
  readonly name: string;
  /** What pages may have of connections to this target's server is in here too. */
  readonly connections = new ConnectionBudget();
  private readonly postgres: PostgresSource | undefined;
  private readonly bouncer: BouncerSource | undefined;
  private readonly context: RunContext;
  private readonly shareMs: number;
  private readonly server: string;
  private readonly labels: Readonly<Record<string, string>>;
  private readonly log: Log;
  private problems = new Set<string>();
  private current: Collection | undefined;
  private scrapes = 0;
  private collections = 0;

  /** @param collectors as `selectCollectors` gives them. */
  constructor(target: TargetConfig, config: Config, collectors: readonly Collector[], log: Log) {
    const { postgres: dsn, pgbouncer } = target;
    this.log = log.child({ target: target.name });
    // With one target the metrics are exactly the peers'; with several they would collide.
    const several = config.targets.length > 1;
    this.labels = { ...config.constantLabels, ...(several && { target: target.name }) };
    this.name = target.name;
    this.shareMs = config.scrape.shareSeconds * 1000;
    this.server = dsn ? `${dsn.host}:${dsn.port}` : '';
    const { labels, server } = this;
    this.context = new RunContext({
      labelsOf: (collector) => (hasServerLabel(collector, config.compat) ? { ...labels, server } : labels),
      budgetOf: (collector) => config.collectors[collector.name]?.budget ?? collector.budget?.max,
    });
    this.postgres =
      dsn &&
      new PostgresSource({
        dsn,
        databases: target.databases,
        collectors: collectors.filter((collector) => collector.source !== 'pgbouncer'),
        context: this.context,
        statementTimeoutSeconds: config.scrape.timeoutSeconds,
        statements: config.statements,
        inline: config.scrape.inline,
        connections: this.connections.metrics,
      });
    const forBouncer = collectors.filter((collector) => collector.source === 'pgbouncer');
    this.bouncer = pgbouncer && new BouncerSource(pgbouncer, forBouncer, this.context);
  }

  /** @param deadlineAt milliseconds since 1970. Never throws; what is not ready by then is left out and said. */
  async scrape(deadlineAt: number): Promise<Exposition> {
    this.scrapes++;
    const collection = this.join(deadlineAt);
    const facts = await collection.facts;
    const exposition = new Exposition();
    const { scrapes, collections } = this;
    exposition.addFamilies(selfFamilies({ ...facts, scrapes, collections }, this.labels));
    for (const result of facts.postgres?.results ?? []) exposition.addOutput(result.output);
    for (const result of facts.pgbouncer?.round.results.all() ?? []) exposition.addOutput(result.output);
    return exposition;
  }

  /** Connects and prepares every statement, so that the log says at start what the first scrape would meet. */
  async warmUp(): Promise<void> {
    await this.postgres?.warmUp(({ name }, { reason, message }) => {
      this.log.error({ collector: name, reason, message }, 'the collector will not work');
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.postgres?.close(), this.bouncer?.close()]);
  }

  /** The collection under way, one just finished, or a new one. */
  private join(deadlineAt: number): Collection {
    const { current } = this;
    if (current && (!current.over || Date.now() - current.startedAt < this.shareMs)) {
      if (!current.over) current.deadline.shorten(deadlineAt);
      return current;
    }
    this.collections++;
    const deadline = new Deadline(deadlineAt);
    const startedAt = Date.now();
    const facts = this.collect(startedAt, deadline);
    const collection = { startedAt, deadline, over: false, facts };
    void facts.then((finished) => {
      collection.over = true;
      deadline.clear();
      this.logChanges(finished);
    });
    return (this.current = collection);
  }

  /** A problem is said when it comes and when it goes, not at every scrape. */
  private logChanges({ postgres, pgbouncer }: Awaited<Collection['facts']>): void {
    const now = new Map<string, object>();
    for (const [source, round] of Object.entries({ postgres: postgres?.round, pgbouncer: pgbouncer?.round })) {
      const { problem, up } = round ?? {};
      if (problem && !up) now.set(`${source} ${problem.reason}`, { source, ...problem });
    }
    for (const { collector, database, problems } of [
      ...(postgres?.round.up ? postgres.results : []),
      ...(pgbouncer?.round.up ? pgbouncer.round.results.all() : []),
    ]) {
      for (const problem of problems) {
        now.set(`${collector.name} ${database} ${problem.reason}`, { collector: collector.name, database, ...problem });
      }
    }
    for (const [key, problem] of now) if (!this.problems.has(key)) this.log.warn(problem, 'problem');
    for (const key of this.problems) if (!now.has(key)) this.log.info({ problem: key }, 'problem is gone');
    this.problems = new Set(now.keys());
  }

  private async collect(startedAt: number, deadline: Deadline): Promise<Awaited<Collection['facts']>> {
    const [postgresRound, bouncerRound] = await Promise.all([
      this.postgres?.collect(deadline),
      this.bouncer?.collect(deadline),
    ]);
    const { postgres } = this;
    return {
      durationSeconds: (Date.now() - startedAt) / 1000,
      postgres: postgres &&
        postgresRound && {
          round: postgresRound,
          results: postgres.results(postgresRound),
          connected: postgres.connected,
          server: this.server,
          databaseSeconds: this.context.costs.total,
          connectionsHeld: postgres.connectionsHeld,
          connectionsOpened: postgres.connectionsOpened,
        },
      pgbouncer: bouncerRound && { round: bouncerRound },
    };
  }
}
