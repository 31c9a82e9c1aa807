/** One connection per server, open from the start: cancel and terminate must work when the server has no more to give. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { SessionAction } from '../actions/types.ts';
import type { TargetConfig } from '../config/types.ts';
import { processId } from '../db/blockers.ts';
import { destroy } from '../db/connect.ts';
import { DatabaseFailure, describeFailure } from '../db/errors.ts';
import { openSession } from '../db/session.ts';
import { SIGNALS } from '../live/backends.ts';
import { TargetUnavailable } from '../live/live_target.ts';

const SETTINGS = { statement_timeout: 5000, lock_timeout: 1000, idle_session_timeout: 0, timezone: 'UTC' };
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** A silent death of the connection shows at the latest then. */
const PING_MS = 30_000;
const NO_ANSWER_MS = 8000;

export interface Signalled {
  readonly present: boolean;
  /** Null: the login may not see when the session began. */
  readonly same: boolean | null;
  readonly done: boolean;
  /** It is the connection that sends signals. */
  readonly own: boolean;
  /** The job that the session works for. */
  readonly job: string | null;
}

/** What the session is, as far as the login may see it: nothing where it is gone. */
export interface Looked {
  readonly database: string | null;
  readonly backendType: string;
  readonly leaderPid: number | null;
  /** Ids of the session actions that are for it. It stays what it is until its end. */
  readonly signals: readonly string[];
}

const LOOK = `
  select a.datname::text as database, a.backend_type as "backendType", a.leader_pid as "leaderPid", ${SIGNALS} as signals
    from pg_catalog.pg_stat_activity a where a.pid = $1::int and a.backend_start = $2::timestamptz`;

export interface SessionOf {
  readonly pid: number;
  readonly backendStart: string;
}

export class Signaller {
  readonly #config: TargetConfig;
  #client: Promise<pg.Client> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();
  /** Of the server; undefined until it was reached. */
  major: number | undefined;

  constructor(config: TargetConfig) {
    this.#config = config;
  }

  /** Opens the connection, and again whenever it is lost, until `close`. */
  start(): void {
    if (this.#dsn === undefined) return;
    void this.#hold().catch(() => undefined);
  }

  /**
   * Sends the signal if pid and start are still one session's.
   * @param jobsToo also where the session works for a job.
   * @throws TargetUnavailable without a connection; DatabaseFailure when the server refuses, e.g. for a superuser's session.
   */
  send(action: SessionAction, session: SessionOf, jobsToo: boolean): Promise<Signalled> {
    return this.#inTurn(async (client) => {
      // Ended by itself, it could not be opened again on a server that is full.
      if (session.pid === processId(client)) return { present: true, same: true, done: false, own: true, job: null };
      const { rows } = await client.query<Omit<Signalled, 'own'>>(action.sql, [
        session.pid,
        session.backendStart,
        jobsToo,
      ]);
      const [row = { present: false, same: false, done: false, job: null }] = rows;
      return { ...row, done: row.done ?? false, own: false };
    });
  }

  /** @throws as `send` */
  look({ pid, backendStart }: SessionOf): Promise<Looked | undefined> {
    return this.#inTurn(async (client) => (await client.query<Looked>(LOOK, [pid, backendStart])).rows[0]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  get #dsn(): TargetConfig['postgres'] {
    return this.#config.maintenance ?? this.#config.postgres;
  }

  async #hold(): Promise<void> {
    const { signal } = this.#closing;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; ) {
      const alive = await this.#inTurn((client) => client.query('select')).then(
        () => true,
        () => false,
      );
      pauseMs = alive ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      const lost = alive ? this.#client!.then(ended) : new Promise(() => undefined);
      const pause = sleep(alive ? PING_MS : pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      await Promise.race([pause, lost]);
    }
  }

  #inTurn<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      const client = await this.#connect();
      try {
        return await inTime(client, work(client));
      } catch (error) {
        const failure = describeFailure(error);
        if (!failure.fatal) throw failure;
        this.#client = undefined;
        destroy(client);
        throw new TargetUnavailable(failure.message, { cause: failure });
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #connect(): Promise<pg.Client> {
    if (this.#dsn === undefined) {
      throw new TargetUnavailable(`target ${this.#config.name} has no PostgreSQL server configured`);
    }
    if (this.#closing.signal.aborted) throw new TargetUnavailable('the exporter is shutting down');
    this.#client ??= openSession(this.#dsn, { applicationName: 'pgvigil signal', settings: SETTINGS }).then(
      async ({ client }) => {
        const forget = (): void => void (this.#client = undefined);
        client.once('end', forget);
        const { rows } = await client.query<{ version: number }>(
          "select current_setting('server_version_num')::int as version",
        );
        this.major = Math.floor(rows[0].version / 10_000);
        return client;
      },
    );
    return this.#client.catch((error: unknown) => {
      this.#client = undefined;
      throw new TargetUnavailable(describeFailure(error).message, { cause: error });
    });
  }
}

const ended = (client: pg.Client): Promise<void> => new Promise((resolve) => client.once('end', () => resolve()));

/** A server that does not answer must not keep the caller. */
async function inTime<T>(client: pg.Client, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => destroy(client), NO_ANSWER_MS);
  try {
    return await work;
  } catch (error) {
    if (error instanceof DatabaseFailure) throw error;
    throw describeFailure(error);
  } finally {
    clearTimeout(timer);
  }
}
