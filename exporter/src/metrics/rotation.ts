/** A few connections for many databases: the one used longest ago makes room. */
import type { IdleKeeper, Share } from '../db/budget.ts';
import type { Closable } from './slot.ts';

interface Held<T> {
  readonly database: string;
  readonly connection: T;
}

export class Rotation<T extends Closable> implements IdleKeeper {
  opened = 0;
  /** Least recently used first. */
  #idle: Held<T>[] = [];
  readonly #busy = new Set<Held<T>>();
  readonly #share: Share;
  readonly #open: (database: string) => Promise<T>;

  /** @param share says how many there may be. */
  constructor(share: Share, open: (database: string) => Promise<T>) {
    this.#share = share;
    this.#open = open;
    share.keptBy(this);
  }

  get held(): number {
    return this.#idle.length + this.#busy.size;
  }

  get idle(): number {
    return this.#idle.length;
  }

  async closeIdle(): Promise<void> {
    await this.#idle.shift()?.connection.close();
  }

  /** Lends a connection to that database to `use`. */
  async with<R>(database: string, use: (connection: T) => Promise<R>): Promise<R> {
    await this.#share.take();
    let held: Held<T> | undefined;
    try {
      this.#idle = this.#idle.filter(({ connection }) => connection.alive);
      const found = this.#idle.findIndex((idle) => idle.database === database);
      held = found >= 0 ? this.#idle.splice(found, 1)[0] : { database, connection: await this.#connect(database) };
      this.#busy.add(held);
      return await use(held.connection);
    } finally {
      if (held !== undefined && this.#busy.delete(held) && held.connection.alive) this.#idle.push(held);
      this.#share.give();
    }
  }

  async #connect(database: string): Promise<T> {
    await this.#share.makeRoom();
    const connection = await this.#open(database);
    this.opened++;
    return connection;
  }

  abort(): void {
    for (const { connection } of [...this.#idle, ...this.#busy]) connection.abort();
    this.#idle = [];
  }

  async close(): Promise<void> {
    for (const { connection } of this.#busy) connection.abort();
    await Promise.all(this.#idle.splice(0).map(({ connection }) => connection.close()));
  }
}
