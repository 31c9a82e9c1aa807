/** PgBouncer's admin console: simple queries only, and no timeout but ours. */
import type pg from 'pg';
import type { Dsn } from '../config/types.ts';
import { destroy, openClient } from './connect.ts';
import { DatabaseFailure, describeFailure } from './errors.ts';
import type { Receiver } from './postgres.ts';

export class ConsoleSession {
  alive = true;
  private readonly client: pg.Client;

  /** @throws DatabaseFailure */
  static async open(dsn: Dsn): Promise<ConsoleSession> {
    return new ConsoleSession((await openClient(dsn, {})).client);
  }

  private constructor(client: pg.Client) {
    this.client = client;
    const ended = (): void => void (this.alive = false);
    client.on('error', ended);
    client.on('end', ended);
  }

  /** Runs a SHOW command. @throws DatabaseFailure */
  async show(command: string, receiver: Receiver): Promise<void> {
    try {
      const result = await this.client.query({ text: command, rowMode: 'array', types: AS_TEXT });
      receiver.describe(result.fields.map(({ name }) => ({ name, typeOid: TEXT_OID })));
      for (const row of result.rows as (string | null)[][]) receiver.row(row);
    } catch (error) {
      if (/invalid command|unsupported|not supported/i.test((error as Error).message ?? '')) {
        throw new DatabaseFailure('unsupported', `this PgBouncer has no ${command}`, { fatal: false, cause: error });
      }
      const failure = describeFailure(error);
      if (failure.fatal) this.alive = false;
      throw failure;
    }
  }

  /** @param value without quotes. @throws DatabaseFailure */
  async set(name: string, value: string): Promise<void> {
    try {
      await this.client.query(`SET ${name} = '${value.replaceAll("'", "''")}'`);
    } catch (error) {
      const failure = describeFailure(error);
      if (failure.fatal) this.alive = false;
      throw failure;
    }
  }

  destroy(): void {
    this.alive = false;
    destroy(this.client);
  }

  async close(): Promise<void> {
    if (!this.alive) return;
    this.alive = false;
    await this.client.end().catch(() => {});
  }
}

/** PgBouncer describes its numbers as text, numeric or integer from one version to the next: all are read as text. */
const TEXT_OID = 25;
const AS_TEXT = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig;
