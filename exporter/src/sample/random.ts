/**
 * Chance that comes out the same everywhere: one stream of numbers from a seed, and only arithmetic that IEEE 754 fixes
 * to the last bit. (`Math.log` and `Math.pow` may differ between versions of V8, so no distribution here needs them.)
 */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const TWO_32 = 2 ** 32;

export class Random {
  readonly #bits: { next(): number };

  /** @param seed an integer; only its lower 32 bits count. */
  constructor(seed: number) {
    this.#bits = xoroshiro128plus(seed);
  }

  /** At least 0, below 1. */
  fraction(): number {
    return (this.#bits.next() >>> 0) / TWO_32;
  }

  /** An integer; both ends are possible. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.fraction() * items.length)];
  }

  /** A value from a table of [share of values below, value], read between its points in a straight line. */
  quantile(table: readonly (readonly [number, number])[]): number {
    const share = this.fraction();
    const above = Math.max(
      1,
      table.findIndex(([below]) => below > share),
    );
    const [lowShare, low] = table[above - 1];
    const [highShare, high] = table[above];
    return low + ((high - low) * (share - lowShare)) / (highShare - lowShare);
  }
}

/** Items that are drawn with unequal chances. */
export class Weighted<T> {
  readonly #items: readonly T[];
  readonly #below: readonly number[];

  constructor(items: readonly T[], weights: readonly number[]) {
    let sum = 0;
    this.#items = items;
    this.#below = weights.map((weight) => (sum += weight));
  }

  draw(random: Random): T {
    const point = random.fraction() * this.#below.at(-1)!;
    let low = 0;
    let high = this.#below.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#below[middle] > point) high = middle;
      else low = middle + 1;
    }
    return this.#items[low];
  }
}

/** Zipf's law: the nth item is drawn in proportion to 1 / (n + shift); a larger shift flattens the head. */
export const zipf = <T>(items: readonly T[], shift = 1): Weighted<T> =>
  new Weighted(
    items,
    items.map((_, index) => 1 / (index + 1 + shift)),
  );

/** From `{ often: 9, seldom: 1 }`. */
export const weighted = <K extends string>(weights: Readonly<Record<K, number>>): Weighted<K> =>
  new Weighted(Object.keys(weights) as K[], Object.values<number>(weights));
