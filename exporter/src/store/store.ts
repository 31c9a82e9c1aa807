/** The state database: history, jobs, audit. Any PostgreSQL ≥ 14; it may be away, and come back. */
import type pg from 'pg';
import type { Dsn } from '../config/types.ts';
import { DatabaseFailure, describeFailure } from '../db/errors.ts';
import { type ClientPool, openPool } from '../db/pool.ts';
import { OWN_PATH } from '../db/session.ts';

/** Callers wait no longer than this for a connection: a page shall say that the state database is away, not hang. */
const CHECKOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** The message is safe to show. */
export class StateUnavailable extends Error {}

/** It answers, but `pgvigil state migrate` has not been there, or not for this login. The message is safe to show. */
export class StateMissing extends Error {}

/**
 * Asked so often that each connection plans it once, under its name: with a partition for each day, planning takes longer
 * than the answer.
 */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

export type Statement = string | Prepared;

export type Query = <R extends pg.QueryResultRow>(statement: Statement, values?: readonly unknown[]) => Promise<R[]>;

/** @param client answers with the rows alone. */
export const ask =
  (client: pg.ClientBase): Query =>
  async <R extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[] = []) =>
    // A copy: pg writes into what it is given.
    (await client.query<R>(typeof statement === 'string' ? statement : { ...statement }, [...values])).rows;

export class Store {
  readonly dsn: Dsn;
  #pool: Promise<ClientPool> | undefined;

  /** Connects at the first statement. */
  constructor(dsn: Dsn) {
    this.dsn = dsn;
  }

  /** @throws StateUnavailable when it cannot be reached; StateMissing when it is not prepared; DatabaseFailure when it refuses the statement. */
  query<R extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[] = []): Promise<R[]> {
    return this.#use((client) => ask(client)<R>(statement, values));
  }

  /** All statements of `work` or none. @throws as `query`, and what `work` throws. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#use(async (client) => {
      await client.query('begin');
      try {
        const result = await work(ask(client));
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    const pool = await this.#pool?.catch(() => undefined);
    await pool?.end();
  }

  async #use<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    try {
      this.#pool ??= openPool(this.dsn, {
        size: 4,
        overflow: 2,
        checkoutTimeoutMs: CHECKOUT_MS,
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
        applicationName: 'pgvigil state',
        searchPath: OWN_PATH,
      });
      const pool = await this.#pool.catch((error: unknown) => {
        // The next caller tries again.
        this.#pool = undefined;
        throw error;
      });
      return await pool.use(work);
    } catch (error) {
      if (!(error instanceof DatabaseFailure) && !isDatabaseError(error)) throw error;
      const failure = describeFailure(error);
      if (failure.fatal || failure.reason === 'too_many_connections') {
        throw new StateUnavailable(failure.message, { cause: failure });
      }
      if (NOT_PREPARED.includes(failure.sqlState ?? '')) throw new StateMissing(failure.message, { cause: failure });
      throw failure;
    }
  }
}

/** No such schema, table, function or column; or no right to use it. */
const NOT_PREPARED = ['3F000', '42P01', '42883', '42703', '42501'];

/** The server's (with a severity) and Node's (codes in capitals); those of our own classes pass as they are. */
const isDatabaseError = (error: unknown): boolean =>
  error instanceof Error &&
  ('severity' in error || /^[A-Z][A-Z_0-9]+$/.test((error as NodeJS.ErrnoException).code ?? ''));
