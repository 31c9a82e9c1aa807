/** Looks at the plans of the costliest statements now and then, so that a change of plan is seen when it happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Statement } from '../contract/index.ts';
import { DatabaseFailure } from '../db/errors.ts';
import { listStatements } from '../history/window.ts';
import { type LiveTarget, TargetUnavailable } from '../live/live_target.ts';
import type { Log } from '../log.ts';
import { StateMissing, StateUnavailable, type Store } from '../store/store.ts';
import { genericPlan } from './explain.ts';
import { StatementRefusal } from './refusal.ts';
import { forgetPlans, rememberPlan } from './seen.ts';

export interface PlanWatcherOptions {
  readonly store: Store;
  readonly targets: ReadonlyMap<string, LiveTarget>;
  readonly log: Log;
  readonly retentionDays: number;
  /** Between two looks at a target. */
  readonly everySeconds: number;
}

/** By load, of the last quarter of an hour. */
const MOST_STATEMENTS = 50;
const WINDOW_MS = 900_000;
/** Between two statements: planning is work for the server. */
const PAUSE_MS = 100;
/** What has no plan now has none in five minutes either, and each try is an error in the server's log. */
const RETRY_MS = 6 * 3_600_000;
const MOST_FAILED = 10_000;
const PLANNED = ['select', 'insert', 'update', 'delete', 'merge'];

export class PlanWatcher {
  readonly #options: PlanWatcherOptions;
  readonly #closing = new AbortController();
  /** Statement → when it may be tried again. */
  readonly #failed = new Map<string, number>();
  #running: Promise<void> | undefined;

  constructor(options: PlanWatcherOptions) {
    this.#options = options;
  }

  /** Returns at once; never throws. What is away is tried again. */
  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { targets, log, everySeconds } = this.#options;
    while (!this.#closing.signal.aborted) {
      // A fifth of the interval: who asks more often than it looks takes over soon from one that is gone.
      await this.#pause((everySeconds * 1000) / 5);
      for (const live of targets.values()) {
        if (this.#closing.signal.aborted || live.config.postgres === undefined) continue;
        try {
          await this.round(live);
        } catch (error) {
          // Whoever needs the state database or the target says so; this is only a habit.
          log.debug({ target: live.name, error: (error as Error).message }, 'plans not looked at');
          if (!isExpected(error))
            log.error({ target: live.name, error: (error as Error).stack }, 'plan watcher failed');
        }
      }
    }
  }

  /** Plans of what costs most now. @returns false when another exporter has just done it, or there is nothing. */
  async round(live: LiveTarget): Promise<boolean> {
    const { store, retentionDays, everySeconds } = this.#options;
    const to = new Date();
    const from = new Date(to.getTime() - WINDOW_MS);
    const { items } = await listStatements(store, {
      ...{ target: live.name, from, to, sort: 'load', order: 'desc', page: 1, pageSize: MOST_STATEMENTS },
    });
    if (items.length === 0 || !(await claim(store, live.name, everySeconds))) return false;
    const away = new Set<string>();
    for (const statement of items.filter(({ kind }) => PLANNED.includes(kind))) {
      if (away.has(statement.database)) continue;
      if (this.#closing.signal.aborted) break;
      // A database that cannot be entered keeps nobody from the others.
      if (!(await this.#look(live, statement))) away.add(statement.database);
      await this.#pause(PAUSE_MS);
    }
    await forgetPlans(store, retentionDays);
    return true;
  }

  /** @returns false when its database cannot be reached. */
  async #look(live: LiveTarget, statement: Statement): Promise<boolean> {
    const key = JSON.stringify([live.name, statement.database, statement.user, statement.queryId]);
    if ((this.#failed.get(key) ?? 0) > Date.now()) return true;
    try {
      await rememberPlan(
        this.#options.store,
        live.name,
        statement,
        await genericPlan(live, statement, { quietly: true }),
      );
    } catch (error) {
      if (error instanceof TargetUnavailable) return false;
      const ofStatement = error instanceof StatementRefusal || error instanceof DatabaseFailure;
      if (!ofStatement) throw error;
      if (this.#failed.size >= MOST_FAILED) this.#failed.clear();
      this.#failed.set(key, Date.now() + RETRY_MS);
    }
    return true;
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
  }
}

/** True for the one of several exporters that shall do this round. */
async function claim(store: Store, target: string, everySeconds: number): Promise<boolean> {
  const rows = await store.query(
    `insert into pgvigil_state.plan_round as r (target, began)
     select t.id, now() from pgvigil_state.target t where t.name = $1
     on conflict (target) do update set began = excluded.began
     where r.began < now() - make_interval(secs => $2::float8)
     returning target`,
    [target, everySeconds],
  );
  return rows.length > 0;
}

const isExpected = (error: unknown): boolean =>
  error instanceof TargetUnavailable ||
  error instanceof StateUnavailable ||
  error instanceof StateMissing ||
  error instanceof DatabaseFailure;
