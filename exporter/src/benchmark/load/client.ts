/** One client of the load: a connection that runs one statement at a time and comes back when it was lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Dsn } from '../../config/types.ts';
import { type BackendKey, sendCancel } from '../../db/cancel.ts';
import { destroy, type Opened } from '../../db/connect.ts';
import { DatabaseFailure, describeFailure } from '../../db/errors.ts';
import type { Value } from '../workload/parameters.ts';
import { now } from './clock.ts';
import { runCommand, runStep } from './query.ts';
import { openLoadSession, type Settings } from './session.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;
/** A server that has been away for this long does not come back while anybody waits. */
const GIVE_UP_MS = 60_000;
/** For the server's own timeout to be first. */
const TIMEOUT_GRACE_MS = 1000;
/** After a cancel request. */
const ANSWER_WITHIN_MS = 5000;

/** SQLSTATE of an invalid transaction state. */
const OPEN_TRANSACTION = '25000';

export interface PreparedStep {
  readonly name: string | undefined;
  readonly text: string;
}

export interface Listener {
  /** It is connected and has nothing to do. */
  free(client: LoadClient): void;
  /** It could not connect any more. */
  gaveUp(failure: DatabaseFailure): void;
}

export class LoadClient {
  readonly #dsn: Dsn;
  readonly #settings: Settings;
  readonly #statementTimeoutMs: number;
  #listener: Listener | undefined;
  #opened: Opened | undefined;
  #busy = false;
  #closed = false;
  /** Of the step that runs. */
  #sentAt: number | undefined;
  #cancelledAt: number | undefined;
  /** Cancel requests on their way: what they meet is not sure, so nothing new is sent before they have arrived. */
  #cancelling: Promise<void> | undefined;
  #gaveUp: DatabaseFailure | undefined;
  /** Nothing more of the statement is sent. */
  #stopped = false;

  /** @throws DatabaseFailure */
  static async open(dsn: Dsn, settings: Settings, statementTimeoutMs: number): Promise<LoadClient> {
    const client = new LoadClient(dsn, settings, statementTimeoutMs);
    client.#welcome(await openLoadSession(dsn, settings));
    return client;
  }

  private constructor(dsn: Dsn, settings: Settings, statementTimeoutMs: number) {
    this.#dsn = dsn;
    this.#settings = settings;
    this.#statementTimeoutMs = statementTimeoutMs;
  }

  /** Connected, for statements of our own; undefined while it is not. */
  get connection(): pg.Client | undefined {
    return this.#opened?.client;
  }

  get isBusy(): boolean {
    return this.#busy;
  }

  get isFree(): boolean {
    return this.#opened !== undefined && !this.#busy;
  }

  /** Whom to tell, for one segment; told at once if it is free. */
  serve(listener: Listener | undefined): void {
    this.#listener = listener;
    this.#stopped = false;
    if (this.#gaveUp !== undefined) listener?.gaveUp(this.#gaveUp);
    this.release();
  }

  /**
   * One step as it is, several in a transaction. To be followed by `release`.
   * @returns rows. @throws DatabaseFailure; nothing of the statement is left on the server.
   */
  async run(steps: readonly PreparedStep[], values: readonly (readonly Value[])[]): Promise<number> {
    const { client } = this.#opened!;
    this.#busy = true;
    try {
      if (steps.length === 1) {
        const rows = await this.#step(client, steps[0], values[0]);
        if (statusOf(client) !== 'I') throw openTransaction();
        return rows;
      }
      let rows = 0;
      await this.#send(() => runCommand(client, 'begin'));
      for (const [i, step] of steps.entries()) rows += await this.#step(client, step, values[i]);
      await this.#send(() => runCommand(client, 'commit'));
      return rows;
    } catch (error) {
      const failure = describeFailure(error);
      if (failure.fatal) this.#drop();
      // Before the server says that it is ready again, this is how it was before the statement.
      else if (statusOf(client) !== 'I') await this.#rollBack(client);
      throw failure;
    } finally {
      await this.#cancelling;
      this.#cancelledAt = undefined;
      this.#busy = false;
    }
  }

  /** When the answer is recorded. */
  release(): void {
    if (this.isFree) this.#listener?.free(this);
  }

  #step(client: pg.Client, { name, text }: PreparedStep, values: readonly Value[]): Promise<number> {
    return this.#send(() => runStep(client, name, text, values));
  }

  async #send(run: () => Promise<number>): Promise<number> {
    if (this.#stopped) throw new DatabaseFailure('other', 'stopped', { fatal: false });
    this.#sentAt = now();
    try {
      return await run();
    } finally {
      this.#sentAt = undefined;
    }
  }

  async #rollBack(client: pg.Client): Promise<void> {
    await this.#cancelling;
    this.#sentAt = now();
    // If that fails too, the end of the connection is what ends the transaction.
    await runCommand(client, 'rollback').catch(() => this.#drop());
    this.#sentAt = undefined;
  }

  /** To be called every now and then: a server that does not end a statement in time, or does not answer at all. */
  watch(): void {
    const at = now();
    if (this.#cancelledAt !== undefined && at - this.#cancelledAt > ANSWER_WITHIN_MS) return this.#drop();
    if (this.#sentAt === undefined || this.#cancelledAt !== undefined) return;
    if (at - this.#sentAt > this.#statementTimeoutMs + TIMEOUT_GRACE_MS) this.#cancel();
  }

  /** Ends what it is doing. The server may not have begun when the request arrives: to be repeated while it is busy. */
  stop(): void {
    this.#stopped = true;
    if (this.#busy) this.#cancel();
  }

  #cancel(): void {
    if (this.#cancelling !== undefined || this.#opened === undefined) return;
    this.#cancelledAt ??= now();
    this.#cancelling = sendCancel(this.#key(this.#opened)).finally(() => (this.#cancelling = undefined));
  }

  #key({ client, tls }: Opened): BackendKey {
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    return { host: this.#dsn.host, port: this.#dsn.port, processId: processID, secretKey, tls };
  }

  /** Its end is what begins the next attempt to connect. */
  #drop(): void {
    if (this.#opened !== undefined) destroy(this.#opened.client);
    this.#opened = undefined;
  }

  #welcome(opened: Opened): void {
    this.#opened = opened;
    opened.client.once('end', () => {
      this.#opened = undefined;
      if (!this.#closed) void this.#reconnect();
    });
  }

  async #reconnect(): Promise<void> {
    const began = now();
    for (let pause = FIRST_PAUSE_MS; !this.#closed; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await sleep(pause);
      try {
        this.#welcome(await openLoadSession(this.#dsn, this.#settings));
        if (this.#closed) return this.#drop();
        return this.release();
      } catch (error) {
        if (now() - began < GIVE_UP_MS) continue;
        this.#gaveUp = describeFailure(error);
        return this.#listener?.gaveUp(this.#gaveUp);
      }
    }
  }

  /** Whatever it is doing; politely when it is doing nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    const opened = this.#opened;
    if (opened === undefined) return;
    if (this.#busy) {
      this.stop();
      await this.#cancelling;
      return this.#drop();
    }
    const timer = setTimeout(() => this.#drop(), ANSWER_WITHIN_MS);
    await opened.client.end().catch(() => {});
    clearTimeout(timer);
  }
}

/** As ReadyForQuery says. */
const statusOf = (client: pg.Client): string | null =>
  (client as unknown as { getTransactionStatus(): string | null }).getTransactionStatus();

const openTransaction = (): DatabaseFailure =>
  new DatabaseFailure('other', 'it leaves a transaction open: give its statements as steps, without begin and commit', {
    fatal: false,
    sqlState: OPEN_TRANSACTION,
  });
