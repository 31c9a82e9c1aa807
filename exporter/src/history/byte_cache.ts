/** Things that never change and are dear to make. When all together are too large, those asked for longest ago go. */

interface Entry<T> {
  readonly value: Promise<T>;
  /** 0 until it is made. */
  bytes: number;
}

export class ByteCache<T> {
  readonly #mostBytes: number;
  readonly #bytesOf: (value: T) => number;
  /** The one asked for last is last. */
  readonly #entries = new Map<string, Entry<T>>();
  #bytes = 0;

  constructor(mostBytes: number, bytesOf: (value: T) => number) {
    this.#mostBytes = mostBytes;
    this.#bytesOf = bytesOf;
  }

  /** What is kept; what is being made does not count yet. */
  get bytes(): number {
    return this.#bytes;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Asked for by several at once it is made once. @throws what `make` throws, to all who wait for it; nothing is kept then. */
  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.value;
    }
    const entry: Entry<T> = { value: make(), bytes: 0 };
    this.#entries.set(key, entry);
    entry.value.then(
      (value) => this.#weigh(entry, this.#bytesOf(value)),
      () => this.#entries.delete(key),
    );
    return entry.value;
  }

  #weigh(entry: Entry<T>, bytes: number): void {
    entry.bytes = bytes;
    this.#bytes += bytes;
    for (const [key, oldest] of this.#entries) {
      if (this.#bytes <= this.#mostBytes) return;
      // Not made yet: it weighs nothing, and somebody waits for it.
      if (oldest.bytes === 0) continue;
      this.#entries.delete(key);
      this.#bytes -= oldest.bytes;
    }
  }
}
