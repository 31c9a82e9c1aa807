/** A few connections for many databases: the one used longest ago makes room. */
import type { Closable } from './slot.ts';

interface Held<T> {
  readonly database: string;
  readonly connection: T;
}

export class Rotation<T extends Closable> {
  opened = 0;
  /** Idle, least recently used first. */
  private idle: Held<T>[] = [];
  private readonly busy = new Set<Held<T>>();
  /** Places taken by connections that are being opened. */
  private opening = 0;
  private readonly max: number;
  private readonly open: (database: string) => Promise<T>;

  constructor(max: number, open: (database: string) => Promise<T>) {
    this.max = max;
    this.open = open;
  }

  get held(): number {
    return this.idle.length + this.busy.size;
  }

  /**
   * Lends a connection to that database to `use`. Callers are at most `max` at a time (the workers of Background),
   * so there is always one to evict.
   */
  async with<R>(database: string, use: (connection: T) => Promise<R>): Promise<R> {
    this.idle = this.idle.filter(({ connection }) => connection.alive);
    const found = this.idle.findIndex((held) => held.database === database);
    const held = found >= 0 ? this.idle.splice(found, 1)[0] : await this.replace(database);
    this.busy.add(held);
    try {
      return await use(held.connection);
    } finally {
      this.busy.delete(held);
      if (held.connection.alive) this.idle.push(held);
    }
  }

  private async replace(database: string): Promise<Held<T>> {
    this.opening++;
    try {
      // Closed before the new one opens: the server never sees more than `max`.
      if (this.held + this.opening > this.max) await this.idle.shift()?.connection.close();
      const connection = await this.open(database);
      this.opened++;
      const held = { database, connection };
      // Its place must not look free for a moment.
      this.busy.add(held);
      return held;
    } finally {
      this.opening--;
    }
  }

  abort(): void {
    for (const { connection } of [...this.idle, ...this.busy]) connection.abort();
    this.idle = [];
  }

  async close(): Promise<void> {
    for (const { connection } of this.busy) connection.abort();
    await Promise.all(this.idle.splice(0).map(({ connection }) => connection.close()));
  }
}
