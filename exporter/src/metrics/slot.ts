/** The place of one long-lived connection: at most one attempt to open it at a time. */

export interface Closable {
  readonly alive: boolean;
  abort(): void;
  close(): Promise<void>;
}

export class Slot<T extends Closable> {
  /** Connections opened since start. */
  opened = 0;
  private current: T | undefined;
  private opening: Promise<T> | undefined;
  private closed = false;
  private readonly open: () => Promise<T>;

  constructor(open: () => Promise<T>) {
    this.open = open;
  }

  /** The living connection, if there is one. */
  get now(): T | undefined {
    return this.current?.alive ? this.current : undefined;
  }

  get held(): boolean {
    return this.now !== undefined;
  }

  /**
   * The living connection, or a new one. Callers that come while one is being opened share that attempt:
   * against a hung server, scrapes must not pile up connections.
   */
  async get(): Promise<T> {
    if (this.current?.alive) return this.current;
    this.opening ??= this.open()
      .then(async (connection) => {
        this.opened++;
        if (this.closed) await connection.close();
        this.current = connection;
        return connection;
      })
      .finally(() => (this.opening = undefined));
    // The scrape that started the attempt may have gone; its failure must not become an unhandled rejection.
    this.opening.catch(() => {});
    return this.opening;
  }

  /** Cancels what runs on the connection and drops it; an attempt under way goes on for the next caller. */
  abort(): void {
    this.current?.abort();
    this.current = undefined;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.current?.close();
    this.current = undefined;
  }
}
