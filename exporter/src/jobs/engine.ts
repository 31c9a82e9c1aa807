/** Confirmed jobs to their end: claims, leases, adoption of what another exporter left. */
import { randomUUID } from 'node:crypto';
import { actionById } from '../actions/index.ts';
import type { MaintenanceAction } from '../actions/types.ts';
import type { Dsn } from '../config/types.ts';
import { DatabaseFailure, UNIQUE_VIOLATION } from '../db/errors.ts';
import type { Log } from '../log.ts';
import { StateUnavailable, type Store } from '../store/store.ts';
import { insertEvents, jobEvent } from './audit.ts';
import {
  adoptJobs,
  claimJob,
  closeForgotten,
  type Ending,
  findJob,
  finishJob,
  type JobRow,
  type Keeper,
} from './job_rows.ts';
import type { JobMetrics } from './metrics.ts';
import { Runner, type RunnerServices } from './runner.ts';
import type { JobTimings } from './types.ts';

const RETRY_MS = 2000;

export interface EngineOptions extends Omit<RunnerServices, 'holder'> {
  readonly store: Store;
  readonly log: Log;
  readonly metrics: JobMetrics;
  readonly timings: JobTimings;
  /** Logins of the targets that this exporter may act on; jobs of others are left to those that have them. */
  readonly maintenance: ReadonlyMap<string, Dsn>;
}

export class Engine {
  /** Of this process: a restarted exporter is another one. */
  readonly holder = randomUUID();
  readonly #options: EngineOptions;
  readonly #keeper: Keeper;
  readonly #running = new Map<string, { readonly runner: Runner; readonly ended: Promise<void> }>();
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { maintenance, timings } = options;
    this.#keeper = { holder: this.holder, targets: [...maintenance.keys()], leaseSeconds: timings.leaseSeconds };
  }

  /** Runs the job if it is confirmed and nothing heavy runs there; otherwise it stays, with the reason. */
  async claim(id: string): Promise<void> {
    if (this.#closed || this.#running.has(id)) return;
    const { store } = this.#options;
    const query = store.query.bind(store);
    let row: JobRow | undefined;
    try {
      row = await claimJob(query, id, this.#keeper);
    } catch (error) {
      if (!(error instanceof DatabaseFailure) || error.sqlState !== UNIQUE_VIOLATION) throw error;
      await this.#noteWaiting(id);
      return;
    }
    if (row !== undefined) this.#launch(row, 'run');
  }

  /** What waits, and what another exporter left behind. */
  async sweep(): Promise<void> {
    if (this.#closed) return;
    const { store } = this.#options;
    for (const row of await adoptJobs(store.query.bind(store), this.#keeper)) {
      // Its own, after the state database was away for longer than the lease: the run goes on, and renews.
      if (!this.#running.has(row.id)) this.#launch(row, 'adopt');
    }
    await store.transaction(async (query) => {
      const forgotten = await closeForgotten(query);
      await insertEvents(
        query,
        forgotten.map((row) => jobEvent(row, 'cancelled', { message: row.message })),
      );
    });
    const waiting = await store.query<{ id: string }>(
      `select id from pgvigil_state.job where state = 'confirmed' and target = any ($1) order by confirmed_at limit 20`,
      [this.#keeper.targets],
    );
    for (const { id } of waiting) await this.claim(id);
    // What a job did stays in the audit.
    await store.query(
      `delete from pgvigil_state.job where state = 'planned' and expires_at < pg_catalog.now() - interval '1 hour'
           or finished_at < pg_catalog.now() - interval '90 days'`,
    );
  }

  /** Statements go on on their servers; the leases end now, so that another exporter looks after them. */
  async close(): Promise<void> {
    this.#closed = true;
    const ids = [...this.#running.keys()];
    for (const { runner } of this.#running.values()) runner.abandon();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    if (ids.length === 0) return;
    const { store } = this.#options;
    await store
      .query(
        'update pgvigil_state.job set lease_until = pg_catalog.now() where id = any ($1) and holder = $2 and lease_until is not null',
        [ids, this.holder],
      )
      .catch(() => undefined);
  }

  #launch(row: JobRow, how: 'run' | 'adopt'): void {
    const { log, metrics } = this.#options;
    const dsn = this.#options.maintenance.get(row.target);
    const action = actionById.get(row.action) as MaintenanceAction | undefined;
    const runner = new Runner(row, action, dsn, { ...this.#options, holder: this.holder });
    if (how === 'run') metrics.started(row.target, row.action, row.started_at!);
    log.info(
      { job: row.id, action: row.action, target: row.target, database: row.database_name },
      how === 'run' ? 'job begins' : 'job found without its exporter',
    );
    const ended = (how === 'run' ? runner.run() : runner.adopt())
      .then((ending) => (ending === undefined ? undefined : this.#finish(row, ending)))
      .catch((error: unknown) =>
        log.error({ job: row.id, error: (error as Error).message }, 'job not closed; it is tried again'),
      )
      .finally(() => this.#running.delete(row.id))
      .then(() => (this.#closed ? undefined : this.sweep().catch(() => undefined)));
    this.#running.set(row.id, { runner, ended });
  }

  /** Together: the end and its audit. Tried until the state database takes it, or another exporter has closed the job. */
  async #finish(row: JobRow, ending: Ending & { readonly refused?: boolean }): Promise<void> {
    const { store, log, metrics, timings } = this.#options;
    for (;;) {
      try {
        const closed = await store.transaction(async (query) => {
          const job = await finishJob(query, row.id, this.holder, ending);
          if (job === undefined) return undefined;
          const durationSeconds = (job.finished_at!.getTime() - job.started_at!.getTime()) / 1000;
          const { message, effect } = ending;
          await insertEvents(query, [
            jobEvent(job, ending.refused ? 'refused' : ending.state, { message, durationSeconds, effect }),
          ]);
          return job;
        });
        if (closed === undefined) log.warn({ job: row.id }, 'job was closed by another exporter');
        else metrics.ended(row.target, row.action, closed.finished_at!, ending.state);
        log.info({ job: row.id, state: ending.state, message: ending.message }, 'job ended');
        return;
      } catch (error) {
        if (this.#closed || !(error instanceof StateUnavailable)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_MS, timings.sweepSeconds * 1000)));
      }
    }
  }

  async #noteWaiting(id: string): Promise<void> {
    const { store } = this.#options;
    const row = await findJob(store.query.bind(store), id);
    if (row === undefined) return;
    const [other] = await store.query<{ title: string }>(
      `select draft->>'title' as title from pgvigil_state.job
        where target = $1 and database_name = $2 and heavy and state in ('running', 'verifying')`,
      [row.target, row.database_name],
    );
    if (other === undefined) return;
    await store.query(
      `update pgvigil_state.job set message = $2 where id = $1 and state = 'confirmed' and message <> $2`,
      [id, `waits for its turn: ${other.title} runs in this database`],
    );
  }
}
