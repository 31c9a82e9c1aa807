/** Waits for a lock a little at a time: whoever asks for the table meanwhile queues behind us, readers included. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { processId } from '../db/blockers.ts';
import { describeFailure, LOCK_NOT_AVAILABLE } from '../db/errors.ts';
import { type Sessions, watchBlockers } from './sessions.ts';

export interface Patience {
  /** The longest wait of one attempt, which is the longest that others are held up. */
  readonly lockTimeoutMs: number;
  readonly attempts: number;
  /** Aborted: the statement is cancelled on the server. */
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

export type Outcome<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly why: 'locked' | 'interrupted'; readonly blockers: readonly string[] };

const DEADLOCK = '40P01';

/**
 * Runs `statement` on the acting session until it gets its locks, pausing in between so that the queue can drain.
 * @throws DatabaseFailure for anything but a lock that was not to be had.
 */
export async function runPatiently<T>(
  { acting, watching }: Sessions,
  patience: Patience,
  statement: (acting: pg.Client) => Promise<T>,
): Promise<Outcome<T>> {
  const { attempts, lockTimeoutMs, signal, report } = patience;
  const pid = processId(acting);
  const cancel = (): void => void watching.query('select pg_cancel_backend($1)', [pid]).catch(() => undefined);
  let blockers: readonly string[] = [];
  for (let attempt = 1; attempt <= attempts; attempt++) {
    if (signal.aborted) return { done: false, why: 'interrupted', blockers };
    const watch = watchBlockers(watching, pid);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return { done: true, value: await statement(acting) };
    } catch (error) {
      blockers = await watch.stop();
      const failure = describeFailure(error);
      if (signal.aborted && !failure.fatal) return { done: false, why: 'interrupted', blockers };
      if (failure.sqlState !== LOCK_NOT_AVAILABLE && failure.sqlState !== DEADLOCK) throw failure;
      const whom = blockers.length > 0 ? blockers.join(', ') : failure.message;
      report(`attempt ${attempt} of ${attempts}: no lock within ${lockTimeoutMs / 1000} s, blocked by ${whom}`);
    } finally {
      signal.removeEventListener('abort', cancel);
      await watch.stop();
    }
    // Jitter, so as not to meet a job that comes by the clock every time.
    if (attempt < attempts)
      await sleep(lockTimeoutMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
  }
  return { done: false, why: 'locked', blockers };
}
