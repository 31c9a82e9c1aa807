/** A window in equal steps, for charts and sparklines. */
import type { Coverage } from './coverage.ts';

/** What one statement did in each step. */
export class Course {
  readonly calls: Float64Array;
  readonly execMs: Float64Array;
  readonly sharedRead: Float64Array;

  /** @param length number of steps. */
  constructor(length: number) {
    this.calls = new Float64Array(length);
    this.execMs = new Float64Array(length);
    this.sharedRead = new Float64Array(length);
  }
}

export class Steps {
  readonly lengthMs: number;
  /** Begin of each, milliseconds since 1970. */
  readonly at: readonly number[];
  /** That something was recorded for; 0: it is a gap. */
  readonly seconds: readonly number[];
  readonly #start: number;
  readonly #end: number;

  constructor({ from, to, gaps }: Pick<Coverage, 'from' | 'to' | 'gaps'>, lengthMs: number) {
    this.lengthMs = lengthMs;
    this.#start = from.getTime();
    this.#end = to.getTime();
    const count = Math.max(1, Math.ceil((this.#end - this.#start) / lengthMs));
    this.at = Array.from({ length: count }, (_, place) => this.#start + place * lengthMs);
    this.seconds = this.at.map((at) => {
      const until = Math.min(at + lengthMs, this.#end);
      const missing = gaps.reduce((sum, gap) => sum + overlap(at, until, gap.from.getTime(), gap.to.getTime()), 0);
      return Math.max(0, until - at - missing) / 1000;
    });
  }

  /** Adds what happened until `to`, spread over the steps by the time that it has in them. Outside of the window: nothing. */
  spread(course: Course, to: number, durationMs: number, calls: number, execMs: number, sharedRead: number): void {
    const from = to - durationMs;
    const first = Math.max(0, Math.floor((from - this.#start) / this.lengthMs));
    const last = Math.min(this.at.length - 1, Math.floor((to - 1 - this.#start) / this.lengthMs));
    for (let place = first; place <= last; place++) {
      const at = this.at[place];
      const part = overlap(at, Math.min(at + this.lengthMs, this.#end), from, to) / durationMs;
      course.calls[place] += calls * part;
      course.execMs[place] += execMs * part;
      course.sharedRead[place] += sharedRead * part;
    }
  }
}

export const overlap = (a: number, b: number, c: number, d: number): number =>
  Math.max(0, Math.min(b, d) - Math.max(a, c));

/** Lengths of steps that people read easily, in seconds. */
const LENGTHS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** The shortest that gives at most `most` steps and is no shorter than the history's own interval; milliseconds. */
export function stepMs({ from, to, intervalSeconds }: Coverage, most: number): number {
  const seconds = (to.getTime() - from.getTime()) / 1000;
  // Intervals jitter by milliseconds, and a step that they miss would look like nothing had run.
  const least = Math.max(seconds / most, intervalSeconds - 0.5);
  return 1000 * (LENGTHS.find((length) => length >= least) ?? 86_400 * Math.ceil(least / 86_400));
}
