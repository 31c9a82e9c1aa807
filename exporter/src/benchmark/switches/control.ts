/** What sets an arm: the maintenance role's session, and PgBouncer's console. */
import type pg from 'pg';
import { forDatabase } from '../../config/dsn.ts';
import { BadValue } from '../../config/problems.ts';
import type { TargetConfig } from '../../config/types.ts';
import { destroy } from '../../db/connect.ts';
import { describeFailure } from '../../db/errors.ts';
import type { ConsoleSession } from '../../db/pgbouncer.ts';
import { within } from '../../db/within.ts';
import { openMaintenance } from '../../jobs/sessions.ts';
import { withConsole } from '../pooler.ts';

export const CONTROL_APPLICATION = 'pgvigil bench control';

export interface Control {
  /** @throws DatabaseFailure, also when the server is silent; TargetUnavailable; BadValue without a maintenance login */
  query<R extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  /** As `query`, for what may take long: an index, a script. */
  long(sql: string): Promise<void>;
  /** @throws DatabaseFailure; BadValue without a PgBouncer */
  console<T>(work: (session: ConsoleSession) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** The server ends its statements after 30 s, see `openMaintenance`: then it says so itself. */
const ANSWER_SECONDS = 40;
const LONGEST_SECONDS = 3600;
/** What waits for a lock holds up all who come after it. */
const LOCK_SECONDS = 10;

/** Opens its sessions when they are first needed, and again after one was lost. */
export function openControl({ name, maintenance, pgbouncer }: TargetConfig, database: string): Control {
  let client: pg.Client | undefined;
  const drop = (): void => {
    if (client) destroy(client);
    client = undefined;
  };
  const ask = async <R extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
    seconds = ANSWER_SECONDS,
  ): Promise<R[]> => {
    if (maintenance === undefined)
      throw new BadValue(
        `target ${name} has no maintenance login, and the arms change the server`,
        'Add maintenance: to it.',
      );
    client ??= await openMaintenance(forDatabase(maintenance, database), database, CONTROL_APPLICATION);
    try {
      return (await within(seconds, client.query<R>(sql, [...values]), drop)).rows;
    } catch (error) {
      const failure = describeFailure(error);
      if (failure.fatal) drop();
      throw failure;
    }
  };
  return {
    query: ask,
    async long(sql) {
      await ask(`set statement_timeout = '${LONGEST_SECONDS}s'`);
      await ask(`set lock_timeout = '${LOCK_SECONDS}s'`);
      await ask(sql, [], LONGEST_SECONDS + ANSWER_SECONDS);
    },
    console(work) {
      if (pgbouncer === undefined)
        throw new BadValue(`the arms change PgBouncer, and target ${name} has none`, 'Add pgbouncer: to it.');
      return withConsole(pgbouncer, work);
    },
    async close() {
      const ending = client;
      client = undefined;
      if (ending) await within(ANSWER_SECONDS, ending.end(), () => destroy(ending)).catch(() => undefined);
    },
  };
}
