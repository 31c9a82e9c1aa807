/** How large a shift is, robustly: the median of the means of all pairs of values (Walsh averages). */
import { Z95 } from './normal.ts';

export interface Location {
  readonly estimate: number;
  /** Of a 95 % interval: here the signed-rank test's own. */
  readonly low: number;
  readonly high: number;
  /** Of the estimate, as the width of the signed-rank test's interval has it. */
  readonly standardError: number;
}

/** The pairs of a sample, sorted once: a resample has the same pairs in the same order, only others weigh more. */
export class WalshAverages {
  readonly #size: number;
  readonly #averages: Float64Array;
  readonly #left: Uint16Array;
  readonly #right: Uint16Array;
  /** How many pairs from the bottom: the interval's ends, the two middles (one where the count is odd). */
  readonly #depths: readonly [number, number, number, number];

  constructor(values: readonly number[]) {
    this.#size = values.length;
    const count = (this.#size * (this.#size + 1)) / 2;
    const pairs = values.flatMap((x, i) => values.slice(i).map((y, j) => [(x + y) / 2, i, i + j] as const));
    pairs.sort((a, b) => a[0] - b[0]);
    this.#averages = Float64Array.from(pairs, ([average]) => average);
    this.#left = Uint16Array.from(pairs, ([, left]) => left);
    this.#right = Uint16Array.from(pairs, ([, , right]) => right);
    const deviation = Math.sqrt((this.#size * (this.#size + 1) * (2 * this.#size + 1)) / 24);
    const low = Math.max(1, Math.floor(count / 2 - Z95 * deviation));
    this.#depths = [low, Math.ceil(count / 2), Math.floor(count / 2) + 1, count + 1 - low];
  }

  /** @param times how often each value of the sample is in the resample; as many in all as the sample has. */
  locate(times: ArrayLike<number> = new Uint8Array(this.#size).fill(1)): Location {
    const found = [0, 0, 0, 0];
    for (let pair = 0, seen = 0, next = 0; next < found.length; pair++) {
      const left = times[this.#left[pair]];
      seen += this.#left[pair] === this.#right[pair] ? (left * (left + 1)) / 2 : left * times[this.#right[pair]];
      while (next < found.length && seen >= this.#depths[next]) found[next++] = this.#averages[pair];
    }
    const [low, under, over, high] = found;
    return { estimate: (under + over) / 2, low, high, standardError: (high - low) / (2 * Z95) };
  }
}
