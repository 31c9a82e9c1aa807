/** One transaction with short waits for locks: it gives up and comes again rather than queue in front of everybody. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { LOCK_NOT_AVAILABLE } from '../db/errors.ts';
import { SESSION_TEXT_SQL } from './lock.ts';

export interface TransactionOptions {
  /** Where the objects are that the transaction may have to wait for. */
  readonly schema: string;
  readonly report: (line: string) => void;
  /** Default 2000. While it waits, whoever comes after it waits as well. */
  readonly lockTimeoutMs?: number;
}

const LOCK_TIMEOUT_MS = 2000;
const TRIES = 5;
const PAUSE_MS = 1000;

/** Nothing that the role, the database or the caller has set may change what the files mean or end them half-way. */
const begin = (lockTimeoutMs: number): string => `
  begin isolation level read committed read write;
  set local lock_timeout = ${lockTimeoutMs};
  set local statement_timeout = 0;
  set local idle_in_transaction_session_timeout = 0;
  set local search_path = pg_catalog;
  set local standard_conforming_strings = on;
  set local check_function_bodies = on;
  set local client_min_messages = warning;
  set local default_tablespace = '';
  set local row_security = on`;

/**
 * Runs `work` in a transaction; again where it met a lock, or somebody who was changing the same role or object.
 * @throws what `work` threw last, after a rollback.
 */
export async function inTransaction<T>(
  client: pg.Client,
  options: TransactionOptions,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(begin(options.lockTimeoutMs ?? LOCK_TIMEOUT_MS));
      const result = await work();
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      if (!passes(error)) throw error;
      const blockers = await findBlockers(client, options.schema);
      if (attempt === TRIES) throw nameBlockers(error as pg.DatabaseError, blockers);
      options.report(`${(error as Error).message}; trying again (${attempt} of ${TRIES - 1})${blockers}`);
      await sleep(PAUSE_MS);
    }
  }
}

const DEADLOCK = '40P01';

/** Roles belong to the whole server, so the lock of this database keeps no other installer from them. */
function passes(error: unknown): boolean {
  const { code, message = '', schema } = error as Partial<pg.DatabaseError>;
  return (
    code === LOCK_NOT_AVAILABLE ||
    code === DEADLOCK ||
    (code === 'XX000' && /^tuple concurrently (updated|deleted)/.test(message)) ||
    (code === '23505' && schema === 'pg_catalog')
  );
}

function nameBlockers(error: pg.DatabaseError, blockers: string): pg.DatabaseError {
  if (error.code !== LOCK_NOT_AVAILABLE) return error;
  error.hint = `wait until it is done, or end it: select pg_terminate_backend(<pid>);`;
  error.message += ` after ${TRIES} attempts${blockers || ': whoever held the lock is gone now'}`;
  return error;
}

/** Once our wait has ended the server does not know any more for whom it was: these are all that it can have been. */
async function findBlockers(client: pg.Client, schema: string): Promise<string> {
  const { rows } = await client.query<{ session: string; relations: string }>(BLOCKERS_SQL, [schema]);
  return rows.map(({ session, relations }) => `\n    ${session} has locked ${relations}`).join('');
}

const BLOCKERS_SQL = `
  select ${SESSION_TEXT_SQL} as session,
         string_agg(distinct format('%I.%I', n.nspname, c.relname), ', ') as relations
    from pg_locks l
    join pg_stat_activity a on a.pid = l.pid
    join pg_class c on c.oid = l.relation
    join pg_namespace n on n.oid = c.relnamespace
   where l.granted and n.nspname = $1 and l.pid <> pg_backend_pid()
     and l.database = (select oid from pg_database where datname = current_database())
   group by 1 order by 1 limit 5`;
