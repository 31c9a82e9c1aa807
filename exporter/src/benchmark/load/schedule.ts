/** When statements are due, told by the thread that sleeps meanwhile. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { OpenLoad } from './arrivals.ts';
import type { SleepMessage, SleepOrder } from './sleeper.ts';
import type { Until } from './types.ts';

export interface Timetable {
  /** After the last arrival, or soon after `stop`; the next can be begun. */
  readonly ended: Promise<void>;
  stop(): void;
}

export class Schedule {
  // .ts as it is written, .js as it is built.
  readonly #worker = new Worker(new URL(`./sleeper${extname(import.meta.filename)}`, import.meta.url));

  /** Until the thread is running, the first arrivals would be late. */
  async ready(): Promise<void> {
    await new Promise((resolve, reject) => this.#worker.once('online', resolve).once('error', reject));
  }

  /** @param start by `now`. @param onDue gets due times by `now`, in order. */
  begin(load: OpenLoad, seed: number, until: Until, start: number, onDue: (due: readonly number[]) => void): Timetable {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const ended = new Promise<void>((resolve) => {
      const heard = (message: SleepMessage): void => {
        if (message !== null) return onDue(message);
        this.#worker.off('message', heard);
        resolve();
      };
      this.#worker.on('message', heard);
    });
    const order: SleepOrder = { load, seed, until, start, stop };
    this.#worker.postMessage(order);
    return {
      ended,
      stop: () => {
        Atomics.store(stop, 0, 1);
        Atomics.notify(stop, 0);
      },
    };
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
