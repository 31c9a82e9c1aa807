/** Sessions of the maintenance role: one that acts, one that watches it. */
import type pg from 'pg';
import type { ActionSession } from '../actions/types.ts';
import { forDatabase } from '../config/dsn.ts';
import type { Dsn } from '../config/types.ts';
import { processId } from '../db/blockers.ts';
import { destroy } from '../db/connect.ts';
import { DatabaseFailure, describeFailure } from '../db/errors.ts';
import { openSession } from '../db/session.ts';
import { TargetUnavailable } from '../live/live_target.ts';

/** Bounds for everything but the maintenance statement itself, which sets its own. */
const SETTINGS = {
  statement_timeout: 30_000,
  lock_timeout: 1000,
  idle_in_transaction_session_timeout: 30_000,
  idle_session_timeout: 0,
  // Of an exporter whose host is silent: its session must not look alive for hours.
  tcp_keepalives_idle: 15,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
  // A statement goes on when its exporter ends; the job's next keeper looks after it.
  client_connection_check_interval: 0,
  // A refresh must see what was counted before it, whatever a role or a database sets for its transactions.
  default_transaction_isolation: 'read committed',
  datestyle: 'ISO',
  timezone: 'UTC',
  // Quoted names and literals are read back as they were written.
  standard_conforming_strings: 'on',
};

/** PostgreSQL 17 has a limit for transactions, which would end a long VACUUM with its session; older ones refuse its name. */
const SETTLE_SQL = `
  select pg_catalog.pg_backend_pid() as pid,
         (select pg_catalog.set_config(s.name, '0', false) from pg_catalog.pg_settings s where s.name = 'transaction_timeout')`;

/** @throws TargetUnavailable when there is no connection, or a pooler in between. */
export async function openMaintenance(dsn: Dsn, database: string, applicationName: string): Promise<pg.Client> {
  const client = await openSession(forDatabase(dsn, database), { applicationName, settings: SETTINGS }).then(
    (opened) => opened.client,
    (error: unknown) => {
      throw new TargetUnavailable(`maintenance login: ${describeFailure(error).message}`, { cause: error });
    },
  );
  try {
    const { rows } = await client.query<{ pid: number }>(SETTLE_SQL);
    if (rows[0].pid === processId(client)) return client;
  } catch (error) {
    destroy(client);
    throw new TargetUnavailable(`maintenance login: ${describeFailure(error).message}`, { cause: error });
  }
  await client.end();
  throw new TargetUnavailable(
    'the maintenance login goes through a pooler, where the next statement may run in another session: ' +
      'configure host and port of PostgreSQL itself',
  );
}

export const actionSession = (client: pg.Client): ActionSession => ({
  query: async <R extends object>(text: string, values: readonly unknown[] = []) =>
    (await client.query<R & pg.QueryResultRow>(text, [...values])).rows,
});

/** `pgvi` in ASCII; the second key is the oid of the table or view. */
const LOCK_CLASS = 0x70677669;

/** One pgvigil per object, for as long as the session lives; another exporter's without our state database counts too. */
export async function takeAdvisoryLock(acting: pg.Client, oid: number): Promise<boolean> {
  const { rows } = await acting.query<{ got: boolean }>('select pg_try_advisory_lock($1::int, $2::oid::int) as got', [
    LOCK_CLASS,
    oid,
  ]);
  return rows[0].got;
}

export const jobApplication = (job: string): string => `pgvigil job ${job}`;

/** The backend that works for a job: another process may have started it. Anybody may call a session by that name. */
export async function backendOf(watching: pg.Client, job: string): Promise<number | undefined> {
  const { rows } = await watching.query<{ pid: number }>(
    `select pid from pg_stat_activity
      where application_name = $1 and usename = session_user and pid <> pg_backend_pid() order by backend_start limit 1`,
    [jobApplication(job)],
  );
  return rows[0]?.pid;
}

/** Best effort: the statement may have ended by itself. A pid that was given to another session meanwhile is left alone. */
export async function cancelBackend(watching: pg.Client, pid: number, since: string): Promise<void> {
  await watching.query(
    'select pg_cancel_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2',
    [pid, since],
  );
}

export const isFatal = (error: unknown): boolean =>
  error instanceof TargetUnavailable || (error instanceof DatabaseFailure ? error.fatal : describeFailure(error).fatal);
