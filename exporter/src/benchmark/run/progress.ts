/** How far a run is. */
import type { BenchmarkProgress } from '../../contract/benchmarks.ts';
import type { Turn } from './order.ts';

/** What is asked for, until segments have been measured. */
export interface Expected {
  readonly warmupSeconds: number;
  /** Null: a count, which may take any time. */
  readonly segmentSeconds: number | null;
}

/** Seconds left are those of the segments to come, each as long as those before with their switches. */
export class Pace {
  readonly #expected: Expected;
  readonly #of: number;
  readonly #now: () => number;
  #began: number | undefined;
  /** When the last segment ended. */
  #ended = 0;
  #done = 0;

  /** @param now milliseconds. */
  constructor(expected: Expected, of: number, now: () => number = () => performance.now()) {
    this.#expected = expected;
    this.#of = of;
    this.#now = now;
  }

  at(
    phase: BenchmarkProgress['phase'],
    turn?: Turn,
    last?: { readonly count: number; readonly p99Us: number | null },
  ): BenchmarkProgress {
    if (phase === 'measuring') this.#began ??= this.#now();
    return {
      phase,
      done: this.#done,
      of: this.#of,
      block: turn?.block ?? null,
      arm: turn?.arm ?? null,
      secondsLeft: phase === 'restoring' ? null : this.#left(phase),
      perSecond: last?.count ?? null,
      p99Us: last?.p99Us ?? null,
    };
  }

  finished(): void {
    this.#done++;
    this.#ended = this.#now();
  }

  #left(phase: BenchmarkProgress['phase']): number | null {
    const { warmupSeconds, segmentSeconds } = this.#expected;
    const passed = this.#began === undefined ? 0 : (this.#now() - this.#began) / 1000;
    const each = this.#done > 0 ? (this.#ended - this.#began!) / 1000 / this.#done : segmentSeconds;
    if (each === null) return null;
    const measuring = Math.max(0, this.#of * each - passed);
    return measuring + (phase === 'measuring' ? 0 : warmupSeconds);
  }
}
