import type { Random } from './random.ts';

/**
 * Lets things out in another order than they came in, holding back at most `size` of them: what belongs together
 * arrives apart, and the memory it takes does not grow with the stream.
 */
export class Mixer<T> {
  readonly #size: number;
  readonly #random: Random;
  readonly #held: T[] = [];

  constructor(size: number, random: Random) {
    this.#size = size;
    this.#random = random;
  }

  /** Takes one in; once it is full, one comes out for it. */
  push(item: T): T | undefined {
    if (this.#held.length < this.#size) {
      this.#held.push(item);
      return undefined;
    }
    const place = this.#random.between(0, this.#size - 1);
    const out = this.#held[place];
    this.#held[place] = item;
    return out;
  }

  *drain(): Generator<T> {
    while (this.#held.length > 0) {
      const place = this.#random.between(0, this.#held.length - 1);
      const out = this.#held[place];
      const last = this.#held.pop()!;
      if (place < this.#held.length) this.#held[place] = last;
      yield out;
    }
  }
}
