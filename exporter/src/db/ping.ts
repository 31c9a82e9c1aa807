/** The cheapest round trip there is: Sync alone. The server parses, plans and counts nothing; pg_stat_statements sees none. */
import type pg from 'pg';

type Done = (error: Error | undefined) => void;

/** What pg's client calls on the query that is being answered. */
class SyncOnly implements pg.Submittable {
  private readonly done: Done;

  constructor(done: Done) {
    this.done = done;
  }

  submit(connection: pg.Connection): void {
    connection.sync();
  }

  handleReadyForQuery(): void {
    this.done(undefined);
  }

  handleError(error: Error): void {
    this.done(error);
  }
}

export type Pong = 'alive' | 'dead' | 'silent';

/** @returns `silent` when nothing came within `timeoutMs`: a half-open connection, or a server that is stuck. */
export function ping(client: pg.ClientBase, timeoutMs: number): Promise<Pong> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('silent'), timeoutMs);
    client.query(
      new SyncOnly((error) => {
        clearTimeout(timer);
        resolve(error === undefined ? 'alive' : 'dead');
      }),
    );
  });
}
