/** Answers that are dear to make, kept for a while; asked for by several at once they are made once. */

export interface Aged<T> {
  readonly value: T;
  readonly ageSeconds: number;
}

export interface CacheOptions {
  readonly ttlSeconds: number;
  /** An older one is still handed out, so long, while a new one is being made. Default: none is. */
  readonly staleSeconds?: number;
  /** Entries; beyond it the oldest goes. */
  readonly most?: number;
}

interface Entry<T> {
  made?: { readonly value: T; readonly at: number };
  making?: Promise<T>;
}

export class Cache<T> {
  readonly #ttlMs: number;
  readonly #staleMs: number;
  readonly #most: number;
  readonly #entries = new Map<string, Entry<T>>();

  constructor({ ttlSeconds, staleSeconds = 0, most = 100 }: CacheOptions) {
    this.#ttlMs = ttlSeconds * 1000;
    this.#staleMs = Math.max(ttlSeconds, staleSeconds) * 1000;
    this.#most = most;
  }

  /**
   * @param notBefore milliseconds since 1970: what was made before is no good.
   * @throws what `make` throws, to all who wait for it; nothing is kept then.
   */
  async get(key: string, make: () => Promise<T>, notBefore = 0): Promise<Aged<T>> {
    const entry = this.#entries.get(key) ?? this.#add(key);
    const now = Date.now();
    const ageMs = entry.made === undefined || entry.made.at < notBefore ? Infinity : now - entry.made.at;
    if (ageMs >= this.#ttlMs) {
      const making = this.#make(entry, make);
      if (ageMs >= this.#staleMs) {
        const value = await making;
        return { value, ageSeconds: (Date.now() - (entry.made?.at ?? Date.now())) / 1000 };
      }
      making.catch(() => undefined);
    }
    return { value: entry.made!.value, ageSeconds: ageMs / 1000 };
  }

  #make(entry: Entry<T>, make: () => Promise<T>): Promise<T> {
    // As old as its beginning: what happens meanwhile may not be in it.
    const at = Date.now();
    entry.making ??= make()
      .then((value) => {
        entry.made = { value, at };
        return value;
      })
      .finally(() => (entry.making = undefined));
    return entry.making;
  }

  #add(key: string): Entry<T> {
    const entry: Entry<T> = {};
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value!);
    return entry;
  }
}
