/** Whom an installer talks to, and whether it can work there at all. */
import type pg from 'pg';
import { DatabaseFailure } from '../db/errors.ts';

export interface InstallerSession {
  /** As it is written in SQL: quoted if need be. So is the database. */
  readonly user: string;
  readonly database: string;
  /** Such as `18.4`. */
  readonly version: string;
  readonly major: number;
}

const OLDEST_MAJOR = 14;

const QUERY_CANCELED = '57014';
const ATTEMPTS = 20;

/**
 * The session has no statement timeout from here on: a role's or a database's own is meant for other work.
 * @throws DatabaseFailure where no file could be applied.
 */
export async function inspectSession(client: pg.Client): Promise<InstallerSession> {
  const { rows } = await stubbornly(() => client.query<InstallerSession & { pid: number }>(SESSION_SQL));
  const [{ pid, ...session }] = rows;
  if (session.major < OLDEST_MAJOR) {
    throw unsuitable(`this is PostgreSQL ${session.version}: pgvigil needs ${OLDEST_MAJOR} or later`);
  }
  // A pooler answers with a process number of its own.
  if (pid !== (client as unknown as { processID: number }).processID) {
    throw unsuitable(
      'the connection goes through a pooler such as PgBouncer, where the next transaction may run in another session, without its lock and settings.\n' +
        "  Cure: connect to PostgreSQL itself: its own port (usually 5432), not the pooler's.",
    );
  }
  // Not before: behind a pooler it would stay with a connection that is others' too.
  await stubbornly(() => client.query('set statement_timeout = 0'));
  return session;
}

/** Under a timeout of a millisecond even a small statement can be too slow, now and then. */
async function stubbornly<T>(statement: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await statement();
    } catch (error) {
      if ((error as pg.DatabaseError).code !== QUERY_CANCELED || attempt === ATTEMPTS) throw error;
    }
  }
}

/** @throws DatabaseFailure on a standby. */
export async function assertWritable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>('select pg_catalog.pg_is_in_recovery() as standby');
  if (!rows[0].standby) return;
  throw unsuitable(
    'this server is a standby: nothing can be changed here.\n  Cure: connect to its primary; what is done there arrives here by replication.',
  );
}

const unsuitable = (message: string): DatabaseFailure => new DatabaseFailure('unsupported', message, { fatal: false });

const SESSION_SQL = `
  select pg_catalog.pg_backend_pid() as pid, pg_catalog.quote_ident(current_user) as user,
         pg_catalog.quote_ident(pg_catalog.current_database()) as database,
         (pg_catalog.string_to_array(pg_catalog.current_setting('server_version'), ' '))[1] as version,
         pg_catalog.current_setting('server_version_num')::integer / 10000 as major`;
