/** Collectors that run apart from the scrape: the expensive ones, and every per-object one of the other databases. */
import { setTimeout as setTimeoutAsync } from 'node:timers/promises';
import { describeFailure } from '../db/errors.ts';
import type { Connected } from './connected.ts';
import { keyOf, type Result, Results } from './result.ts';
import type { Rotation } from './rotation.ts';
import type { Collector } from './types.ts';

/** A collector that is live in the DSN's database runs at this interval in the others. */
const OTHER_DATABASE_INTERVAL_SECONDS = 60;
const OTHER_DATABASE_TIMEOUT_SECONDS = 30;
/** At a time; the rotation holds one connection more, so that the busiest database keeps its own. */
export const WORKERS = 2;
const TICK_MS = 1000;
/** How long a fresh exporter's first answers wait for the first results. */
const FIRST_VISIT_MS = 2000;
/** The server ends a statement at its timeout; where it is hung or the network gone, we do, this much later. */
const GRACE_MS = 5000;
/** Reading the catalogue takes milliseconds; a network that is gone must not look like patience. */
const CATALOGUE_SECONDS = 5;
/**
 * What may take longer (it reads whole tables) is visited apart, one such visit at a time:
 * sizes must not wait for it, and one worker is always left for them.
 */
const QUICK_SECONDS = 30;
/** Its place among the databases being visited: no database has this name. */
const SLOW_LANE = '';
/** A database that could not be reached is tried again after this long, whatever its collectors' intervals. */
const RETRY_MS = 10_000;
/** Without a scrape for this long nobody looks: the database is left in peace. */
const IDLE_AFTER_MS = 300_000;

export interface BackgroundOptions {
  readonly rotation: Rotation<Connected>;
  readonly home: string;
  /** Run in the home database, or once per server. */
  readonly homeCollectors: readonly Collector[];
  /** Run in every other database. */
  readonly otherCollectors: readonly Collector[];
  /** The databases to visit besides home. @throws DatabaseFailure */
  readonly listDatabases: (home: Connected) => Promise<string[]>;
  /** Told of every collector in a database that is gone. */
  readonly forget: (collector: Collector, database: string) => void;
}

export class Background {
  readonly results = new Results();
  private readonly options: BackgroundOptions;
  private readonly started = new Map<string, number>();
  private readonly visiting = new Set<string>();
  private databases: readonly string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private wantedAt = 0;
  private firstRound: Promise<void> | undefined;

  constructor(options: BackgroundOptions) {
    this.options = options;
  }

  /** Called by each scrape: starts the timer, and keeps it running. */
  wake(): void {
    this.wantedAt = Date.now();
    if (this.timer !== undefined) return;
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
    this.firstRound ??= Promise.race([this.visitHome(), setTimeoutAsync(FIRST_VISIT_MS, undefined, { ref: false })]);
  }

  /** Settles when the home database has been visited once, or soon after start; a fresh exporter's first answer waits for it. */
  get firstVisit(): Promise<void> {
    return this.firstRound ?? Promise.resolve();
  }

  /** Every collector once, now; for `--collectors.inline`. */
  async runAll(): Promise<void> {
    await this.visit(this.options.home, this.options.homeCollectors);
    for (const database of this.databases) await this.visit(database, this.options.otherCollectors);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tick(): void {
    if (Date.now() - this.wantedAt > IDLE_AFTER_MS) return this.stop();
    for (const database of [this.options.home, ...this.databases]) {
      const due = this.dueIn(database);
      for (const lane of [quick, slow]) {
        const place = lane === slow ? SLOW_LANE : database;
        if (this.visiting.size >= WORKERS) return;
        if (this.visiting.has(place)) continue;
        const collectors = due.filter(lane);
        if (collectors.length > 0) void this.visit(database, collectors, place);
      }
    }
  }

  private dueIn(database: string): Collector[] {
    const { home, homeCollectors, otherCollectors } = this.options;
    const now = Date.now();
    return (database === home ? homeCollectors : otherCollectors).filter((collector) => {
      const last = this.started.get(keyOf(collector, database));
      return last === undefined || now - last >= intervalSeconds(collector) * 1000;
    });
  }

  private visitHome(): Promise<void> {
    return this.visit(this.options.home, this.options.homeCollectors.filter(quick));
  }

  /** One connection to one database, its collectors one after the other. Never throws. */
  private async visit(database: string, collectors: readonly Collector[], place = database): Promise<void> {
    const { rotation, home } = this.options;
    this.visiting.add(place);
    for (const collector of collectors) this.started.set(keyOf(collector, database), Date.now());
    try {
      await rotation.with(database, async (connected) => {
        if (database === home) {
          const { listDatabases } = this.options;
          this.keepTo(await guarded(connected, CATALOGUE_SECONDS, () => listDatabases(connected)));
        }
        for (const collector of collectors) {
          const seconds = timeoutSeconds(collector);
          const run = async (): Promise<Result> => {
            await connected.session.setStatementTimeout(seconds * 1000);
            return connected.runAlone(collector);
          };
          this.record(await guarded(connected, seconds, run), database);
        }
        if (connected.factsAreDue) {
          await guarded(connected, CATALOGUE_SECONDS, () => connected.refreshFacts());
        }
        if (!connected.alive) this.retrySoon(database, collectors);
      });
    } catch (error) {
      this.retrySoon(database, collectors);
      const { reason, message } = describeFailure(error);
      for (const collector of collectors) {
        const scoped = collector.scope === 'database' ? database : undefined;
        const problems = [{ reason, message }];
        const failed = { collector, database: scoped, output: undefined, success: false, problems };
        this.record({ ...failed, durationSeconds: 0, at: Date.now() }, database);
      }
    } finally {
      this.visiting.delete(place);
    }
  }

  private retrySoon(database: string, collectors: readonly Collector[]): void {
    const now = Date.now();
    for (const collector of collectors) {
      const due = Math.max(0, intervalSeconds(collector) * 1000 - RETRY_MS);
      this.started.set(keyOf(collector, database), now - due);
    }
  }

  /** After a failure the last good output stays, with its age. */
  private record(result: Result, database: string): void {
    if (database !== this.options.home && !this.databases.includes(database)) return;
    const before = this.results.get(result.collector, result.database);
    const kept =
      result.success || before?.output === undefined ? result : { ...result, output: before.output, at: before.at };
    this.results.set(kept);
  }

  /** Forgets the results of databases that are gone. */
  private keepTo(databases: string[]): void {
    const gone = this.databases.filter((database) => !databases.includes(database));
    for (const database of gone) {
      for (const collector of this.options.otherCollectors) {
        this.results.delete(collector, database);
        this.started.delete(keyOf(collector, database));
        this.options.forget(collector, database);
      }
    }
    this.databases = databases;
  }
}

/** What is not over in time ends with its connection. */
async function guarded<T>(connected: Connected, seconds: number, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => connected.abort(), seconds * 1000 + GRACE_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

const slow = (collector: Collector): boolean => timeoutSeconds(collector) > QUICK_SECONDS;
const quick = (collector: Collector): boolean => !slow(collector);

const intervalSeconds = (collector: Collector): number =>
  collector.background?.intervalSeconds ?? OTHER_DATABASE_INTERVAL_SECONDS;

const timeoutSeconds = (collector: Collector): number =>
  collector.background?.timeoutSeconds ?? OTHER_DATABASE_TIMEOUT_SECONDS;
