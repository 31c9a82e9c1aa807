/** Runs the statements of a job on one session while another watches: who blocks, how far, whether to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Step } from '../actions/types.ts';
import { processId, readBlockers } from '../db/blockers.ts';
import { DatabaseFailure, describeFailure, LOCK_NOT_AVAILABLE } from '../db/errors.ts';
import { type Progress, readProgress } from './progress.ts';
import { cancelBackend, isFatal } from './sessions.ts';

export type StopReason = 'cancelled' | 'window' | 'blocked';

export interface Control {
  readonly lockTryMs: number;
  /** All waits for locks together. */
  readonly lockBudgetMs: number;
  readonly pollMs: number;
  /** Told at each look how far it is; answers why it must stop, if it must. */
  look(progress: Progress): Promise<StopReason | undefined>;
  /** Another watching session, after the first was lost. */
  reopen(): Promise<pg.Client>;
}

export type RunEnd =
  | { readonly end: 'done'; readonly warnings: readonly string[] }
  | { readonly end: 'stopped'; readonly why: StopReason; readonly blockers: readonly string[]; readonly step: number }
  /** Somebody else ended the statement on the server. */
  | { readonly end: 'cancelled elsewhere'; readonly step: number };

const DEADLOCK = '40P01';
const QUERY_CANCELED = '57014';
/** A try that lasted so much longer than its wait for the lock had got it, and waited for another one in the middle. */
const WORKED_MS = 5000;

/** Looks at a backend until it is told to end. */
export class Watch {
  #client: pg.Client;
  readonly #pid: number;
  readonly #control: Control;
  readonly #steps: readonly Step[];
  /** Of the backend, as of the first look. */
  #start: string | undefined;
  #step = 0;
  #since = Date.now();
  #running = true;
  #wake: () => void = () => undefined;
  readonly #looking: Promise<void>;
  /** Milliseconds waited for locks so far. */
  waitedMs = 0;
  blockers: readonly string[] = [];
  stop: StopReason | undefined;
  /** The backend has left pg_stat_activity, or nobody looks any more. */
  readonly gone: Promise<void>;
  #isGone: () => void = () => undefined;

  constructor(client: pg.Client, pid: number, steps: readonly Step[], control: Control) {
    this.#client = client;
    this.#pid = pid;
    this.#steps = steps;
    this.#control = control;
    this.gone = new Promise((resolve) => (this.#isGone = resolve));
    this.#looking = this.#look();
  }

  get client(): pg.Client {
    return this.#client;
  }

  begin(step: number): void {
    this.#step = step;
    if (step === 0) this.#since = Date.now();
    this.blockers = [];
  }

  /** After it, nothing is cancelled any more. */
  async end(): Promise<void> {
    this.#running = false;
    this.#isGone();
    this.#wake();
    await this.#looking;
  }

  async #look(): Promise<void> {
    let last = Date.now();
    while (this.#running) {
      try {
        await this.#once(Date.now() - last);
      } catch (error) {
        // Without looking it could neither be cancelled nor stopped at the window's end.
        if (isFatal(error)) this.#client = await this.#control.reopen().catch(() => this.#client);
      }
      last = Date.now();
      if (!this.#running) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#control.pollMs);
        this.#wake = () => (clearTimeout(timer), resolve());
      });
    }
  }

  async #once(passedMs: number): Promise<void> {
    const { rows } = await this.#client.query<{ start: string }>(
      'select backend_start::text as start from pg_stat_activity where pid = $1',
      [this.#pid],
    );
    // A pid is given again.
    if (rows.length === 0 || rows[0].start !== (this.#start ??= rows[0].start)) return this.#isGone();
    const now = await readBlockers(this.#client, this.#pid);
    // Between two tries of ours nobody blocks; who did is still the answer.
    if (now.length > 0) this.blockers = now;
    const step = this.#steps[this.#step];
    if (now.length > 0 && step?.waits === 'transactions') this.waitedMs += passedMs;
    const progress = await readProgress(this.#client, this.#pid, {
      steps: this.#steps,
      step: this.#step,
      since: this.#since,
      blockedBy: now,
    });
    this.stop ??= await this.#control.look(progress);
    if (this.waitedMs > this.#control.lockBudgetMs) this.stop ??= 'blocked';
    // Again at each look: a cancel that comes between two statements hits neither.
    if (this.stop !== undefined && this.#running) await cancelBackend(this.#client, this.#pid, this.#start);
  }
}

/** @param tag a comment that names the job, for whoever sees the statement on the server. @throws DatabaseFailure */
export async function runSteps(
  acting: pg.Client,
  watching: pg.Client,
  tag: string,
  steps: readonly Step[],
  control: Control,
): Promise<RunEnd & { readonly watching: pg.Client }> {
  const watch = new Watch(watching, processId(acting), steps, control);
  const warnings: string[] = [];
  acting.on('notice', ({ severity, message }) => {
    if (severity === 'WARNING' && message !== undefined) warnings.push(message);
  });
  try {
    for (const [i, step] of steps.entries()) {
      watch.begin(i);
      const stopped = (): RunEnd | undefined =>
        watch.stop && { end: 'stopped', why: watch.stop, blockers: watch.blockers, step: i };
      try {
        if (step.waits === 'session') await acting.query(step.sql);
        else if (step.waits === 'transactions') await runWatched(acting, tag + step.sql);
        else if (!(await runTrying(acting, tag + step.sql, watch, control))) {
          const why = watch.stop ?? 'blocked';
          return { end: 'stopped', why, blockers: watch.blockers, step: i, watching: watch.client };
        }
      } catch (error) {
        const end = stopped();
        const failure = describeFailure(error);
        if (end !== undefined && !failure.fatal) return { ...end, watching: watch.client };
        if (failure.sqlState !== QUERY_CANCELED) throw new StepFailure(failure, i);
        return { end: 'cancelled elsewhere', step: i, watching: watch.client };
      }
      const end = i < steps.length - 1 ? stopped() : undefined;
      if (end !== undefined) return { ...end, watching: watch.client };
    }
    return { end: 'done', warnings, watching: watch.client };
  } finally {
    await watch.end();
  }
}

/** A statement that failed, with its number. */
export class StepFailure extends DatabaseFailure {
  readonly step: number;

  constructor(failure: DatabaseFailure, step: number) {
    const { fatal, sqlState, cause } = failure;
    super(failure.reason, failure.message, { fatal, sqlState, cause });
    this.step = step;
  }
}

/** The watch bounds the wait: a lock_timeout would strike in the middle of CONCURRENTLY. */
async function runWatched(acting: pg.Client, sql: string): Promise<void> {
  await acting.query('set lock_timeout = 0');
  await unlimited(acting, sql);
}

/** @returns false when there was no lock within the budget, or it was stopped between two tries. */
async function runTrying(acting: pg.Client, sql: string, watch: Watch, control: Control): Promise<boolean> {
  await acting.query(`set lock_timeout = ${Math.round(control.lockTryMs)}`);
  for (;;) {
    if (watch.stop !== undefined) return false;
    const began = Date.now();
    try {
      await unlimited(acting, sql);
      return true;
    } catch (error) {
      const failure = describeFailure(error);
      if (failure.sqlState !== LOCK_NOT_AVAILABLE && failure.sqlState !== DEADLOCK) throw failure;
      const lasted = Date.now() - began;
      if (lasted > control.lockTryMs + WORKED_MS) throw failure;
      watch.waitedMs += lasted;
      if (watch.waitedMs >= control.lockBudgetMs) return false;
    }
    // Jitter, so as not to meet a job that comes by the clock every time; the queue behind us drains meanwhile.
    await sleep(control.lockTryMs * (0.5 + Math.random()));
  }
}

async function unlimited(acting: pg.Client, sql: string): Promise<void> {
  await acting.query('set statement_timeout = 0');
  try {
    await acting.query(sql);
  } finally {
    await acting.query('reset statement_timeout').catch(() => undefined);
  }
}
