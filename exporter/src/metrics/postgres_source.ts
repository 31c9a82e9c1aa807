/** One PostgreSQL server: the live collectors of a scrape, and the background ones beside it. */
import { setImmediate } from 'node:timers/promises';
import type { DatabaseSelection, Dsn, StatementSettings } from '../config/types.ts';
import type { Share } from '../db/budget.ts';
import { describeFailure } from '../db/errors.ts';
import { Background } from './background.ts';
import type { Deadline } from './deadline.ts';
import { Connected, type RunContext } from './connected.ts';
import type { Problem, Result } from './result.ts';
import { Rotation } from './rotation.ts';
import { DEADLINE, Round } from './round.ts';
import { Slot } from './slot.ts';
import type { Collector } from './types.ts';

/** Monitoring may wait this long for a lock; everything that could meet one is retried or skips it. */
const LOCK_TIMEOUT_MS = 100;

export interface PostgresSourceOptions {
  readonly dsn: Dsn;
  readonly databases: DatabaseSelection;
  readonly collectors: readonly Collector[];
  readonly context: RunContext;
  /** Seconds after which the server itself ends a live statement. */
  readonly statementTimeoutSeconds: number;
  /** Which statements of pg_stat_statements are served. */
  readonly statements: StatementSettings;
  readonly inline: boolean;
  /** Of connections beside the scrape's own. */
  readonly connections: Share;
}

export class PostgresSource {
  readonly main: Slot<Connected>;
  readonly rotation: Rotation<Connected>;
  readonly background: Background;
  private readonly options: PostgresSourceOptions;
  private readonly live: readonly Collector[];

  constructor(options: PostgresSourceOptions) {
    this.options = options;
    const { dsn, collectors, context } = options;
    const settings = {
      statementTimeoutMs: options.statementTimeoutSeconds * 1000,
      lockTimeoutMs: LOCK_TIMEOUT_MS,
      parameters: statementParameters(options.statements),
    };
    const open = (database: string): Promise<Connected> =>
      Connected.open({ ...withSecrets(dsn), database }, settings, context);
    this.main = new Slot(() => open(dsn.database));
    this.rotation = new Rotation(options.connections, open);
    this.live = collectors.filter((collector) => collector.background === undefined);
    this.background = new Background({
      rotation: this.rotation,
      home: dsn.database,
      homeCollectors: collectors.filter((collector) => collector.background !== undefined),
      otherCollectors: collectors.filter((collector) => collector.scope === 'database'),
      listDatabases: (connected) => this.listDatabases(connected),
      forget: (collector, database) => context.forget(collector, database),
    });
  }

  /** The scrape's connection, if there is one. */
  get connected(): Connected | undefined {
    return this.main.now;
  }

  get connectionsHeld(): number {
    return (this.main.held ? 1 : 0) + this.rotation.held;
  }

  get connectionsOpened(): number {
    return this.main.opened + this.rotation.opened;
  }

  /** Never throws: a server that is down is the first scrape's to report. */
  async warmUp(report: (collector: Collector, problem: Problem) => void): Promise<void> {
    const connected = await this.main.get().catch(() => undefined);
    if (connected === undefined) return;
    for (const collector of this.options.collectors) {
      try {
        for (const problem of await connected.validate(collector)) report(collector, problem);
      } catch (error) {
        if (!connected.alive) return;
        report(collector, describeFailure(error));
      }
    }
  }

  /** Never throws, never late. */
  async collect(deadline: Deadline): Promise<Round> {
    const round = new Round();
    const { dsn, inline } = this.options;
    round.expect(this.live, (collector) => (collector.scope === 'database' ? dsn.database : undefined));
    if (!inline) this.background.wake();
    const background = inline ? this.background.runAll() : this.background.firstVisit;
    // Sizes take longest: their statement is on its way before the live ones are put together.
    if (inline) await setImmediate();
    const done = await deadline.race(Promise.all([this.runLive(round), background]));
    if (!done) this.giveUp(round);
    round.close();
    return round;
  }

  /** Live results of this round, and the last background results. */
  results(round: Round): Result[] {
    return [...round.results.all(), ...this.background.results.all()];
  }

  async close(): Promise<void> {
    this.background.stop();
    await Promise.all([this.main.close(), this.rotation.close()]);
  }

  private async runLive(round: Round): Promise<void> {
    try {
      const reused = this.main.held;
      await this.runOn(await this.main.get(), round);
      // A server that restarted leaves a dead connection behind: the scrape is done again on a new one.
      if (!round.up && reused && !round.closed) await this.runOn(await this.main.get(), round);
    } catch (error) {
      const { reason, message } = describeFailure(error);
      round.fail({ reason, message });
    }
  }

  private async runOn(connected: Connected, round: Round): Promise<void> {
    const { costs } = this.options.context;
    const keep = (result: Result): void => {
      if (connected.alive || result.success) round.set(result);
    };
    if (costs.nextIsMeasured()) {
      for (const collector of this.live) keep(await connected.runAlone(collector));
    } else {
      const started = performance.now();
      const runs = connected.session.batch(() => this.live.map((collector) => connected.run(collector)));
      await Promise.all(runs.map(async (run) => keep(await run)));
      costs.share(this.live, (performance.now() - started) / 1000);
    }
    // Where no collector is for this server, nothing has been asked yet.
    if (!round.up && connected.alive) {
      await connected.session.query('select 1').then(
        () => (round.up = !round.closed),
        () => {},
      );
    }
    if (!connected.alive) round.fail({ reason: 'connection_lost', message: 'the connection broke' });
    else this.refreshLater(connected);
  }

  private giveUp(round: Round): void {
    // Nothing may stay running on the server. A connection attempt under way is left to the next scrape.
    this.main.abort();
    if (this.options.inline) this.rotation.abort();
    round.problem ??= DEADLINE;
  }

  /** After the scrape: has an extension come, or a role been granted? */
  private refreshLater(connected: Connected): void {
    if (connected.factsAreDue) connected.refreshFacts().catch(() => connected.abort());
  }

  private async listDatabases(connected: Connected): Promise<string[]> {
    const { discover, include, exclude } = this.options.databases;
    if (!discover) return [];
    const rows = await connected.session.query(LIST_DATABASES_SQL);
    const home = connected.facts.database;
    return rows
      .map(([name]) => name!)
      .filter((name) => name !== home && !exclude.includes(name) && (include.length === 0 || include.includes(name)));
  }
}

/** What collectors/stat_statements.ts reads. */
export const statementParameters = (statements: StatementSettings): Record<string, string> => ({
  'pgvigil.query_length': String(statements.queryLength),
  'pgvigil.exclude_databases': statements.excludeDatabases.join('\n'),
  'pgvigil.exclude_users': statements.excludeUsers.join('\n'),
});

/** Spreading would drop a password that is kept out of enumeration on purpose. */
const withSecrets = (dsn: Dsn): Dsn => ({ ...dsn, password: dsn.password });

const LIST_DATABASES_SQL = `
  select datname
    from pg_catalog.pg_database
   where datallowconn and not datistemplate and pg_catalog.has_database_privilege(oid, 'CONNECT')
   order by 1`;
