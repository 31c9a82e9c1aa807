/** What a place in the line waits on, from both ends. */
export type Waiting<T> = ReturnType<typeof Promise.withResolvers<T>>;

/** So many may hold a permit at once; the others stand in line and are served in the order in which they came. */
export class Permits {
  readonly #total: number;
  #free: number;
  readonly #line = new Set<Waiting<void>>();

  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  get taken(): number {
    return this.#total - this.#free;
  }

  /** Resolves with a permit in hand. @throws what `giveUp` rejects with, and then nothing is held. */
  async take(giveUp: Promise<never>): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const place = Promise.withResolvers<void>();
    this.#line.add(place);
    try {
      await Promise.race([place.promise, giveUp]);
    } catch (error) {
      // Served in the same moment: the permit goes to the next in line, or it would be lost for ever.
      if (!this.#line.delete(place)) this.give();
      throw error;
    }
  }

  give(): void {
    const [first] = this.#line;
    if (first === undefined) {
      this.#free++;
      return;
    }
    this.#line.delete(first);
    first.resolve();
  }
}
