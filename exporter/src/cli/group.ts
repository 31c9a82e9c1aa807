/** What the commands with subcommands of their own (`pgvigil sql …`) share: streams, status, one connection. */
import { type Command, Option } from 'commander';
import type pg from 'pg';
import { type Environment, parseDsn } from '../config/dsn.ts';
import type { Dsn } from '../config/types.ts';
import { openSession } from '../db/session.ts';

export interface Io {
  readonly env: Environment;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** The exit status, unless an error is thrown: 0 done, 1 not done. */
  readonly finish: (status: number) => void;
}

/** One file of `cli/` makes one group and adds it to the program. */
export type AddCommands = (program: Command, io: Io) => void;

/** `--db`: a password in it would be readable in the list of processes, so there are other ways to give one. */
export const databaseOption = (): Option =>
  new Option(
    '--db <connection>',
    'URI or keyword=value list of the database; what it leaves out comes from PGHOST, PGPORT, PGUSER, PGPASSWORD, PGPASSFILE, PGDATABASE',
  )
    .env('PGVIGIL_DB')
    .default('');

/** @throws BadValue, without repeating the string. */
export const databaseDsn = (db: string, io: Io): Dsn =>
  parseDsn(db === '' ? 'postgresql://' : db, {
    env: io.env,
    warn: (message) => io.err(`pgvigil: ${message}\n`),
  });

/** Opens a session, hands it to `work` and closes it, whatever happens. @throws DatabaseFailure */
export async function withClient<T>(
  dsn: Dsn,
  work: (client: pg.Client) => Promise<T>,
  applicationName = 'pgvigil',
): Promise<T> {
  const { client } = await openSession(dsn, { applicationName, settings: { statement_timeout: 0 } });
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
