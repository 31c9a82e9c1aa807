/** What pages ask a monitored server beside its metrics: on demand, read-only, on connections that are few. */
import type pg from 'pg';
import { describeDsn, forDatabase } from '../config/dsn.ts';
import type { Dsn, TargetConfig } from '../config/types.ts';
import { ConnectionBudget, type IdleKeeper, type Share } from '../db/budget.ts';
import { sendCancel } from '../db/cancel.ts';
import { destroy, type Opened } from '../db/connect.ts';
import { DatabaseFailure, describeFailure } from '../db/errors.ts';
import { openSession } from '../db/session.ts';

/** One server that is not up is one message, wherever it is met. */
export class TargetUnavailable extends Error {}

/** Sessions of pages: read-only, and never in line behind a lock. */
const SETTINGS = {
  default_transaction_read_only: 'on',
  statement_timeout: 15_000,
  lock_timeout: 100,
  jit: 'off',
  idle_session_timeout: 0,
  timezone: 'UTC',
};
/** A page that needs a connection more than there may be waits in line. */
const CHECKOUT_MS = 10_000;
/** A page asks several things within seconds; after this the connection is given back. */
const IDLE_MS = 15_000;
/** Beyond the server's own statement_timeout: then the server itself hangs, or the network does. */
const ANSWER_WITHIN_MS = 20_000;

export interface UseOptions {
  /** Milliseconds after which `work` is cancelled on the server and given up. */
  readonly withinMs?: number;
}

interface Connection extends Opened {
  readonly database: string;
  idle?: NodeJS.Timeout;
}

export class LiveTarget implements IdleKeeper {
  readonly config: TargetConfig;
  readonly #share: Share;
  /** The one used last is last. */
  #idle: Connection[] = [];
  readonly #busy = new Set<Connection>();
  #closed = false;

  /** @param share of the connections to its server. Default: alone. */
  constructor(config: TargetConfig, share = new ConnectionBudget().pages) {
    this.config = config;
    this.#share = share;
    share.keptBy(this);
  }

  get idle(): number {
    return this.#idle.length;
  }

  async closeIdle(): Promise<void> {
    const [oldest] = this.#idle;
    if (oldest === undefined) return;
    this.#forget(oldest);
    await end(oldest);
  }

  get name(): string {
    return this.config.name;
  }

  /** @throws TargetUnavailable where only PgBouncer is configured. */
  get dsn(): Dsn {
    const { postgres } = this.config;
    if (postgres === undefined) throw new TargetUnavailable(`target ${this.name} has no PostgreSQL server configured`);
    return postgres;
  }

  /**
   * Read-only, on a connection of the monitoring role.
   * @param database default: that of the connection string.
   * @throws TargetUnavailable when there is no connection or no answer; DatabaseFailure when the statement fails.
   */
  query<R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    database?: string,
    options?: UseOptions,
  ): Promise<R[]> {
    return this.use((client) => client.query<R>(text, [...values]).then(({ rows }) => rows), database, options);
  }

  /** As `query`, with the connection to itself for several statements; `work` may be run twice. */
  async use<T>(
    work: (client: pg.Client) => Promise<T>,
    database = this.dsn.database,
    { withinMs = ANSWER_WITHIN_MS }: UseOptions = {},
  ): Promise<T> {
    for (;;) {
      const { connection, isNew } = await this.#checkout(database);
      try {
        return await this.#inTime(connection, work(connection.client), withinMs);
      } catch (error) {
        const failure = isOfDatabase(error) ? describeFailure(error) : error;
        if (!(failure instanceof DatabaseFailure && failure.fatal)) throw failure;
        this.#discard(connection);
        // The server may have restarted since the connection was last used: that is no news for a page.
        if (!isNew && failure.reason === 'connection_lost' && !this.#closed) continue;
        throw new TargetUnavailable(failure.message, { cause: failure });
      } finally {
        this.#giveBack(connection);
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const connection of this.#busy) this.#discard(connection);
    await Promise.all(this.#idle.splice(0).map((connection) => end(connection)));
  }

  async #checkout(database: string): Promise<{ connection: Connection; isNew: boolean }> {
    if (this.#closed) throw new TargetUnavailable('the exporter is shutting down');
    // It would end the name in the startup packet, and what follows would be a setting.
    if (database.includes('\0')) throw new TargetUnavailable('a database name cannot hold a NUL character');
    const dsn = forDatabase(this.dsn, database);
    await this.#inLine();
    try {
      const known = this.#idle.findLast((connection) => connection.database === database);
      const connection = known ?? (await this.#open(dsn));
      if (known !== undefined) this.#forget(known);
      this.#busy.add(connection);
      return { connection, isNew: known === undefined };
    } catch (error) {
      this.#share.give();
      throw error;
    }
  }

  async #inLine(): Promise<void> {
    const late = Promise.withResolvers<never>();
    late.promise.catch(() => {});
    const timer = setTimeout(
      () => late.reject(new TargetUnavailable(`all connections of pages to ${this.name} are busy`)),
      CHECKOUT_MS,
    );
    await this.#share.take(late.promise).finally(() => clearTimeout(timer));
  }

  async #open(dsn: Dsn): Promise<Connection> {
    try {
      await this.#share.makeRoom();
      const opened = await openSession(dsn, { applicationName: 'pgvigil page', settings: SETTINGS });
      const connection: Connection = { ...opened, database: dsn.database };
      opened.client.on('end', () => this.#forget(connection));
      return connection;
    } catch (error) {
      const failure = describeFailure(error);
      throw new TargetUnavailable(`${describeDsn(dsn)}: ${failure.message}`, { cause: failure });
    }
  }

  async #inTime<T>(connection: Connection, work: Promise<T>, withinMs: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#discard(connection);
        reject(new TargetUnavailable(`${this.name} gave no answer within ${withinMs / 1000} s`));
      }, withinMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A connection inside a transaction, or busy, is not given to the next. */
  #giveBack(connection: Connection): void {
    if (this.#busy.has(connection) && (this.#closed || !isClean(connection))) this.#discard(connection);
    if (this.#busy.delete(connection)) {
      connection.idle = setTimeout(() => {
        this.#forget(connection);
        this.#share.closes(end(connection));
      }, IDLE_MS).unref();
      this.#idle.push(connection);
    }
    this.#share.give();
  }

  #forget(connection: Connection): void {
    clearTimeout(connection.idle);
    this.#idle = this.#idle.filter((other) => other !== connection);
  }

  /** Ends what runs on the server, too. */
  #discard(connection: Connection): void {
    if (!this.#busy.delete(connection)) return;
    const { host, port } = this.dsn;
    const { processID, secretKey } = connection.client as unknown as { processID: number; secretKey: number };
    void sendCancel({ host, port, processId: processID, secretKey, tls: connection.tls });
    destroy(connection.client);
  }
}

/** pg waits for the server's goodbye, which a hung one never says. */
function end({ client }: Connection): Promise<void> {
  const timer = setTimeout(() => destroy(client), 2000).unref();
  return client
    .end()
    .catch(() => undefined)
    .finally(() => clearTimeout(timer));
}

/** What pg's client knows and its types do not say. */
function isClean({ client }: Connection): boolean {
  const { readyForQuery, getTransactionStatus } = client as unknown as {
    readyForQuery: boolean;
    getTransactionStatus?: () => string | null;
  };
  return readyForQuery && (getTransactionStatus?.call(client) ?? 'I') === 'I';
}

/** The server's, Node's (codes in capitals; those of our own classes are not), and pg's, which have no code. */
const isOfDatabase = (error: unknown): boolean =>
  error instanceof DatabaseFailure ||
  (error instanceof Error &&
    ('severity' in error ||
      /^[A-Z][A-Z_0-9]+$/.test((error as NodeJS.ErrnoException).code ?? '') ||
      /^(Connection|Client) /.test(error.message)));
