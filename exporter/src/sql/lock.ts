/** One installer at a time in a database: a session's advisory lock, and who has it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { DatabaseFailure } from '../db/errors.ts';

export interface LockOptions {
  /** How long to wait for another installer. */
  readonly waitSeconds: number;
  readonly report: (line: string) => void;
}

/** `pgvi` and `gil` in ASCII: found in pg_locks by whoever looks for it. */
const KEYS = [0x70677669, 0x67696c00] as const;
const POLL_MS = 250;

/** @throws DatabaseFailure naming the holder when it is still there after `waitSeconds`. */
export async function withInstallLock<T>(client: pg.Client, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await take(client, options);
  try {
    return await work();
  } finally {
    // A lost connection has lost the lock as well.
    await client.query('select pg_catalog.pg_advisory_unlock($1, $2)', [...KEYS]).catch(() => undefined);
  }
}

async function take(client: pg.Client, { waitSeconds, report }: LockOptions): Promise<void> {
  const end = Date.now() + waitSeconds * 1000;
  let told = '';
  for (;;) {
    const { rows } = await client.query<{ got: boolean }>('select pg_catalog.pg_try_advisory_lock($1, $2) as got', [
      ...KEYS,
    ]);
    if (rows[0].got) return;
    const holder = await findHolder(client);
    if (Date.now() >= end) {
      throw new DatabaseFailure(
        'locked',
        `another installer is at work in this database: ${holder}. Waited ${waitSeconds} s.\n` +
          'Try again when it is done, or wait longer with --wait SECONDS. If it hangs: select pg_terminate_backend(<pid>);',
        { fatal: false },
      );
    }
    if (holder !== told) report(`waiting up to ${waitSeconds} s for another installer: ${holder}`);
    told = holder;
    await sleep(POLL_MS);
  }
}

async function findHolder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ holder: string }>(HOLDER_SQL, [...KEYS]);
  return rows[0]?.holder ?? 'it is just ending';
}

/** What everybody may see of a session: nothing of its query. */
export const SESSION_TEXT_SQL = `
  format('pid %s (application %L, user %I%s)', a.pid, a.application_name, a.usename,
         case when a.xact_start is not null
              then format(', %s, in a transaction since %s', a.state, to_char(a.xact_start, 'HH24:MI:SS TZ')) else '' end)`;

const HOLDER_SQL = `
  select ${SESSION_TEXT_SQL} as holder
    from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
   where l.locktype = 'advisory' and l.granted and l.objsubid = 2
     and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
     and l.classid::bigint = $1::bigint and l.objid::bigint = $2::bigint`;
