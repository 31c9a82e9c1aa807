/** A session on PostgreSQL: pipelined prepared statements whose rows go to a receiver as they arrive. */
import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { Dsn } from '../config/types.ts';
import { sendCancel } from './cancel.ts';
import { destroy, type Opened } from './connect.ts';
import { describeFailure } from './errors.ts';
import { openSession, OWN_PATH } from './session.ts';

export interface Field {
  readonly name: string;
  readonly typeOid: number;
}

/** Called while the result streams in; what it throws fails the statement, not the connection. */
export interface Receiver {
  describe(fields: readonly Field[]): void;
  row(values: readonly (string | null)[]): void;
}

export interface SessionSettings {
  /** Milliseconds after which the server itself ends a statement. */
  readonly statementTimeoutMs: number;
  /** Milliseconds a statement may wait for a lock; monitoring never queues behind one for long. */
  readonly lockTimeoutMs: number;
  /** Settings of our own (`pgvigil.…`) that statements read with current_setting. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const APPLICATION_NAME = 'pgvigil';

export class PostgresSession {
  /** False as soon as the connection is lost or closed. */
  alive = true;
  private readonly opened: Opened;
  private statementTimeoutMs: number;
  private readonly dsn: Dsn;

  /** @throws DatabaseFailure */
  static async open(dsn: Dsn, settings: SessionSettings): Promise<PostgresSession> {
    const opened = await openSession(dsn, {
      applicationName: APPLICATION_NAME,
      settings: settings.parameters,
      pipeline: true,
    });
    const session = new PostgresSession(dsn, opened, settings);
    try {
      await session.query(configureSql(settings));
      return session;
    } catch (error) {
      session.cancelAndDestroy();
      throw error;
    }
  }

  private constructor(dsn: Dsn, opened: Opened, settings: SessionSettings) {
    this.dsn = dsn;
    this.opened = opened;
    this.statementTimeoutMs = settings.statementTimeoutMs;
    const ended = (): void => void (this.alive = false);
    opened.client.on('error', ended);
    opened.client.on('end', ended);
    onePacketPerTurn(opened.client.connection.stream);
  }

  /**
   * Runs a prepared statement; statements sent before it finishes are already on the wire behind it.
   * @param name of the prepared statement: one name, one text per session.
   * @throws DatabaseFailure
   */
  async stream(name: string, text: string, receiver: Receiver): Promise<void> {
    await this.submit((done) => new StreamQuery({ name, text, callback: done }, receiver));
  }

  /** Statements started inside go to the server in one packet. */
  batch<T>(start: () => T): T {
    const { stream } = this.opened.client.connection;
    stream.cork();
    try {
      return start();
    } finally {
      stream.uncork();
    }
  }

  /** The result's columns, without running the statement. @throws DatabaseFailure */
  async describe(text: string): Promise<readonly Field[]> {
    let described: readonly Field[] = [];
    const receiver = { describe: (fields: readonly Field[]) => void (described = fields), row: () => {} };
    await this.submit((done) => new DescribeQuery({ text, callback: done }, receiver));
    return described;
  }

  /**
   * For statements that are not ours. What `send` sends at once is looked up with this path, and nothing else is: all goes
   * to the server in a row. @throws as `send`
   */
  async withPath<T>(path: string, send: () => Promise<T>): Promise<T> {
    const setPath = (to: string): Promise<unknown> =>
      this.query(`select pg_catalog.set_config('search_path', ${pg.escapeLiteral(to)}, false)`);
    const [there, sent, back] = this.batch(() => [setPath(path), send(), setPath(OWN_PATH)]);
    const [, result, restored] = await Promise.allSettled([there, sent, back]);
    // Statements of ours must not follow with the path of others.
    if (restored.status === 'rejected' && this.alive) this.cancelAndDestroy();
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  /** Rows of text values. @throws DatabaseFailure */
  async query(text: string): Promise<(string | null)[][]> {
    const rows: (string | null)[][] = [];
    const receiver = { describe: () => {}, row: (values: (string | null)[]) => void rows.push(values) };
    await this.submit((done) => new StreamQuery({ text, callback: done }, receiver));
    return rows;
  }

  /** For the statements that follow. @throws DatabaseFailure */
  async setStatementTimeout(milliseconds: number): Promise<void> {
    if (milliseconds === this.statementTimeoutMs) return;
    await this.query(`set statement_timeout = ${milliseconds}`);
    this.statementTimeoutMs = milliseconds;
  }

  private submit(make: (done: (error: unknown) => void) => StreamQuery): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const query = make((error) => {
        const failed = error ?? query.thrown;
        if (failed === undefined || failed === null) return resolve();
        if (error === query.thrown) return reject(failed as Error);
        const failure = describeFailure(failed);
        if (failure.fatal) this.alive = false;
        reject(failure);
      });
      this.opened.client.query(query as unknown as pg.Submittable);
    });
  }

  /** Ends what runs on the server, then the connection. Never waits. */
  cancelAndDestroy(): void {
    const { host, port } = this.dsn;
    const { processID, secretKey } = this.opened.client as unknown as { processID: number; secretKey: number };
    void sendCancel({ host, port, processId: processID, secretKey, tls: this.opened.tls });
    this.alive = false;
    destroy(this.opened.client);
  }

  /** Ends an idle connection politely. */
  async close(): Promise<void> {
    if (!this.alive) return;
    this.alive = false;
    await this.opened.client.end().catch(() => {});
  }
}

/**
 * Node reads a busy socket up to 32 times before it turns to anything else: 2 MB of rows, 100 ms of rendering.
 * With a pause after each packet no other request waits longer than a few milliseconds.
 */
function onePacketPerTurn(stream: Duplex): void {
  stream.on('data', () => {
    stream.pause();
    setImmediate(() => stream.resume());
  });
}

/** By SET and not when connecting: then pg_settings.reset_val still has what the server would give anybody else. */
function configureSql({ statementTimeoutMs, lockTimeoutMs }: SessionSettings): string {
  const options = {
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    // A monitor must not write, must not compile its queries, and must outlive the server's idle limit.
    default_transaction_read_only: 'on',
    jit: 'off',
    idle_session_timeout: 0,
    // The forms that metrics/convert.ts reads.
    datestyle: 'ISO',
    timezone: 'UTC',
    extra_float_digits: 1,
  };
  const calls = Object.entries(options).map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', false)`);
  return `select ${calls.join(', ')}`;
}

/** The part of pg's Query that its client calls and that the published types leave out. */
interface QueryInternals {
  name: string | undefined;
  text: string;
}
const QueryBase = pg.Query as unknown as new (config: {
  name?: string;
  text: string;
  callback: (error: unknown) => void;
}) => QueryInternals;

type ServerField = { name: string; dataTypeID: number };

/** Hands rows on instead of collecting them, as the text that came over the wire. */
class StreamQuery extends QueryBase {
  thrown: unknown = undefined;
  private readonly receiver: Receiver;

  constructor(config: ConstructorParameters<typeof QueryBase>[0], receiver: Receiver) {
    super(config);
    this.receiver = receiver;
  }

  handleRowDescription(message: { fields: ServerField[] }): void {
    this.guard(() =>
      this.receiver.describe(message.fields.map(({ name, dataTypeID }) => ({ name, typeOid: dataTypeID }))),
    );
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    this.guard(() => this.receiver.row(message.fields));
  }

  /** An exception here would come out of the socket's event and end the process. */
  private guard(action: () => void): void {
    if (this.thrown !== undefined) return;
    try {
      action();
    } catch (error) {
      this.thrown = error;
    }
  }
}

interface ProtocolConnection {
  parse(message: { name: string; text: string }): void;
  describe(message: { type: 'S'; name: string }): void;
  sync(): void;
}

/** Parse and Describe only: the statement is not run. */
class DescribeQuery extends StreamQuery {
  submit(connection: ProtocolConnection): null {
    connection.parse({ name: '', text: this.text });
    connection.describe({ type: 'S', name: '' });
    connection.sync();
    return null;
  }
}
