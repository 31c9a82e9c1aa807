/** What pages ask a monitored server beside its metrics: on demand, read-only, on connections that are few. */
import type pg from 'pg';
import { forDatabase } from '../config/dsn.ts';
import type { Dsn, TargetConfig } from '../config/types.ts';
import { openClient } from '../db/connect.ts';
import { DatabaseFailure, describeFailure } from '../db/errors.ts';

/** One server that is not up is one message, wherever it is met. */
export class TargetUnavailable extends Error {}

/** Sessions of pages: read-only, and never in line behind a lock. */
const SETTINGS =
  '-c default_transaction_read_only=on -c statement_timeout=15000 -c lock_timeout=100 -c jit=off -c idle_session_timeout=0 -c timezone=UTC';
/** A page asks several things within seconds; after this the connection is given back. */
const IDLE_MS = 15_000;

interface Open {
  readonly client: Promise<pg.Client>;
  timer?: NodeJS.Timeout;
  /** Statements of one connection go one after the other. */
  last: Promise<unknown>;
}

export class LiveTarget {
  readonly config: TargetConfig;
  readonly #open = new Map<string, Open>();

  constructor(config: TargetConfig) {
    this.config = config;
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
   * Read-only, on a connection of the monitoring role, one per database.
   * @param database default: that of the connection string.
   * @throws TargetUnavailable when there is no connection; DatabaseFailure when the statement fails.
   */
  async query<R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    database?: string,
  ): Promise<R[]> {
    return this.use((client) => client.query<R>(text, [...values]).then(({ rows }) => rows), database);
  }

  /** As `query`, with the connection to itself for several statements. */
  async use<T>(work: (client: pg.Client) => Promise<T>, database = this.dsn.database): Promise<T> {
    const open = this.#connect(database);
    const turn = open.last.then(async () => {
      const client = await open.client;
      try {
        return await work(client);
      } catch (error) {
        const failure =
          error instanceof DatabaseFailure || 'code' in (error as object) ? describeFailure(error) : error;
        if (failure instanceof DatabaseFailure && failure.fatal) {
          this.#forget(database, open);
          throw new TargetUnavailable(failure.message, { cause: failure });
        }
        throw failure;
      }
    });
    open.last = turn.catch(() => undefined);
    clearTimeout(open.timer);
    open.timer = setTimeout(() => this.#forget(database, open), IDLE_MS).unref();
    return turn;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map(([database, open]) => this.#forget(database, open)));
  }

  #connect(database: string): Open {
    const known = this.#open.get(database);
    if (known !== undefined) return known;
    const client = openClient(forDatabase(this.dsn, database), {
      application_name: 'pgvigil page',
      options: SETTINGS,
    }).then(
      (opened) => opened.client,
      (error: unknown) => {
        this.#open.delete(database);
        throw new TargetUnavailable(describeFailure(error).message, { cause: error });
      },
    );
    const open: Open = { client, last: client.catch(() => undefined) };
    client.then(
      (made) => made.on('end', () => this.#forget(database, open)),
      () => undefined,
    );
    this.#open.set(database, open);
    return open;
  }

  async #forget(database: string, open: Open): Promise<void> {
    clearTimeout(open.timer);
    if (this.#open.get(database) === open) this.#open.delete(database);
    await open.last;
    await open.client.then((client) => client.end()).catch(() => undefined);
  }
}
