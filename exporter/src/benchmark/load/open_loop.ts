/** Statements are due at a rate, whether or not the server keeps up. */
import type { OpenLoad } from './arrivals.ts';
import type { LoadClient } from './client.ts';
import type { Schedule, Timetable } from './schedule.ts';
import { Segment, type SegmentParts } from './segment.ts';

const CATCH_UP_MS = 10_000;

interface OpenLoopParts extends SegmentParts {
  readonly load: OpenLoad;
  readonly seed: number;
  readonly schedule: Schedule;
  readonly catchUpMs?: number;
}

export class OpenLoop extends Segment {
  readonly #own: OpenLoopParts;
  #timetable: Timetable | undefined;
  #catchingUp: NodeJS.Timeout | undefined;
  #allDue = false;
  /** Due and not sent, from `#head` on: taking from the front of a long array would move all of it. */
  #queue: number[] = [];
  #head = 0;
  /** Used in turn: each has its part in the load. */
  readonly #free: LoadClient[] = [];

  constructor(parts: OpenLoopParts) {
    super(parts);
    this.#own = parts;
  }

  protected begin(): void {
    const { schedule, load, seed, until, catchUpMs = CATCH_UP_MS } = this.#own;
    const timetable = schedule.begin(load, seed, until, this.start, (due) => {
      this.due += due.length;
      for (const at of due) this.#queue.push(at);
      this.#sendAll();
    });
    this.#timetable = timetable;
    void timetable.ended.then(() => {
      this.#allDue = true;
      this.#catchingUp = setTimeout(() => {
        this.#queue = [];
        this.#head = 0;
        this.#sendAll();
      }, catchUpMs);
      this.#sendAll();
    });
  }

  override free(client: LoadClient): void {
    this.#free.push(client);
    this.#sendAll();
  }

  #sendAll(): void {
    while (this.#head < this.#queue.length && !this.isOver) {
      const client = this.#nextFree();
      if (client === undefined) return;
      void this.send(client, this.#queue[this.#head++]);
    }
    this.#queue = [];
    this.#head = 0;
    if (!this.#allDue || this.isOver) return;
    clearTimeout(this.#catchingUp);
    this.over();
  }

  /** One that was free may have been lost since; it comes back when it is connected again. */
  #nextFree(): LoadClient | undefined {
    for (;;) {
      const client = this.#free.shift();
      if (client === undefined || client.isFree) return client;
    }
  }

  protected async stop(): Promise<void> {
    this.#timetable?.stop();
    await this.#timetable?.ended;
    clearTimeout(this.#catchingUp);
  }
}
