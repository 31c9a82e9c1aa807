/**
 * A thread that sleeps until the next statement is due, and says so.
 *
 * Timers of Node's event loop count whole milliseconds: of 500 arrivals a second the median came 0.6 ms late, and that
 * would be in every latency. A loop of setImmediate is exact and takes half a processor from the server that it measures.
 * A thread that waits for a word which nobody changes wakes as exactly as the kernel can, and posts a message: 0.15 ms
 * late on the same busy machine, for 3 % of a processor more than timers. Two things changed nothing: Atomics.waitAsync in
 * the other thread instead of a message, and looking at the clock with every answer too.
 */
import { parentPort } from 'node:worker_threads';
import { arrivals, type OpenLoad } from './arrivals.ts';
import { now } from './clock.ts';
import type { Until } from './types.ts';

export interface SleepOrder {
  readonly load: OpenLoad;
  readonly seed: number;
  readonly until: Until;
  /** By `now`. */
  readonly start: number;
  /** A word: 0, and something else when it shall stop. */
  readonly stop: Int32Array;
}

/** Due times by `now`, in order; the last message of an order is `null`. */
export type SleepMessage = readonly number[] | null;

/** More in one message would let none of them be sent before all are drawn. */
const MOST_AT_ONCE = 1000;

function sleep({ load, seed, until, start, stop }: SleepOrder): void {
  const tell = (message: SleepMessage): void => parentPort!.postMessage(message);
  let due: number[] = [];
  const tellDue = (): void => {
    if (due.length) tell(due);
    due = [];
  };
  for (const after of arrivals(load, seed, until)) {
    const at = start + after;
    if (at > now() || due.length === MOST_AT_ONCE) tellDue();
    // It may wake up a little early.
    for (let left = at - now(); left > 0; left = at - now()) {
      if (Atomics.wait(stop, 0, 0, left) !== 'timed-out') break;
    }
    if (Atomics.load(stop, 0) !== 0) return tell(null);
    due.push(at);
  }
  tellDue();
  tell(null);
}

parentPort!.on('message', sleep);
