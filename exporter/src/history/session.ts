/** The connection that records: whoever holds its advisory lock is the only one who writes a target's history. */
import os from 'node:os';
import type pg from 'pg';
import type { Dsn } from '../config/types.ts';
import { openSession } from '../db/session.ts';
import { LEADER_LOCK } from '../store/overview.ts';
import { ask, type Query } from '../store/store.ts';

/** A server that does not answer is taken for gone, so that another exporter's lock is not held up by ours. */
const ANSWER_MS = 30_000;
const SETTINGS = {
  statement_timeout: 25_000,
  lock_timeout: 5000,
  idle_session_timeout: 0,
  timezone: 'UTC',
  jit: 'off',
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
};

/**
 * Everything written goes through the session that holds the lock: when it is lost, so is the right to write, and no two
 * exporters can write the same point. The server's keepalives find out about a host that died without a goodbye.
 */
export class RecordingSession {
  readonly #client: pg.Client;
  #last: Promise<unknown> = Promise.resolve();
  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>;

  /** @throws DatabaseFailure */
  static async open(dsn: Dsn): Promise<RecordingSession> {
    const { client } = await openSession(dsn, {
      applicationName: `pgvigil history ${os.hostname()}:${process.pid}`.slice(0, 63),
      settings: SETTINGS,
      answerMs: ANSWER_MS,
    });
    return new RecordingSession(client);
  }

  private constructor(client: pg.Client) {
    this.#client = client;
    this.ended = new Promise((resolve) => {
      client.on('end', () => resolve());
      client.on('error', () => resolve());
    });
  }

  readonly query: Query = (statement, values) => this.#inTurn(() => ask(this.#client)(statement, values));

  /** All of `work` or nothing; others' statements wait. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#client.query('begin');
      try {
        const result = await work(ask(this.#client));
        await this.#client.query('commit');
        return result;
      } catch (error) {
        await this.#client.query('rollback').catch(() => undefined);
        throw error;
      }
    });
  }

  async tryToLead(target: number): Promise<boolean> {
    const [{ got }] = await this.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [
      LEADER_LOCK,
      target,
    ]);
    return got;
  }

  /** Waits for nothing: a lost connection would not answer. */
  close(): void {
    void this.#client.end().catch(() => undefined);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
