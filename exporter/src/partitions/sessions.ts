/** The two sessions a change of partitions needs: one that acts and may have to wait, one that sees whom it waits for. */
import type pg from 'pg';
import { processId, readBlockers, SESSION_TEXT } from '../db/blockers.ts';
import { DatabaseFailure } from '../db/errors.ts';

export interface Sessions {
  readonly acting: pg.Client;
  /** Never changes role and hardly waits for a lock. */
  readonly watching: pg.Client;
}

/** `pgvi` and `part` in ASCII: found in pg_locks by whoever looks for it. */
const KEYS = [0x70677669, 0x70617274] as const;

/**
 * Makes the sessions ready, and this run the only one in the database until `acting` ends.
 * @throws DatabaseFailure behind a pooler, when another run is at work, or without the functions.
 */
export async function prepareSessions({ acting, watching }: Sessions): Promise<void> {
  for (const client of [acting, watching]) await refusePooler(client);
  await watching.query("set lock_timeout = '2s'");
  await requireFunctions(watching);
  // Without it, a backend whose client was killed would go on waiting, with everybody queued behind it.
  await acting.query("set client_connection_check_interval = '1s'").catch(() => undefined);
  const { rows } = await acting.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [...KEYS]);
  if (rows[0].got) return;
  const message = `another run of pgvigil partitions is at work in this database: ${await holder(watching)}. Run this again when it is done.`;
  throw new DatabaseFailure('locked', message, { fatal: false });
}

/** A pooler hands out cancel keys of its own, so the process id of ours is not the backend's. */
async function refusePooler(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  if (rows[0].pid === processId(client)) return;
  const message =
    'this connection goes through a pooler: the next statement may run in another session, without its lock_timeout ' +
    'and its role. Give --db the host and port of PostgreSQL itself.';
  throw new DatabaseFailure('unsupported', message, { fatal: true });
}

/** @throws DatabaseFailure with the cure where `pgvigil sql install` has not been run. */
export async function requireFunctions(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regprocedure('pgvigil.expired_partitions(regclass, interval)') is not null as there",
  );
  if (rows[0].there) return;
  const message = "pgvigil's functions are not installed in this database: run pgvigil sql install --db … first";
  throw new DatabaseFailure('missing_object', message, { fatal: false });
}

async function holder(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ text: string }>(
    `select ${SESSION_TEXT} as text
       from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and l.objsubid = 2
        and l.database = (select oid from pg_database where datname = current_database())
        and l.classid::bigint = $1::bigint and l.objid::bigint = $2::bigint`,
    [...KEYS],
  );
  return rows[0]?.text ?? 'it is just ending';
}

const POLL_MS = 100;

/** Watches for whom a backend waits. `stop` gives those seen last, in words. */
export function watchBlockers(watching: pg.Client, pid: number): { stop(): Promise<readonly string[]> } {
  let last: readonly string[] = [];
  let stopped = false;
  let wake: () => void = () => undefined;
  const looking = (async () => {
    while (!stopped) {
      const blockers = await readBlockers(watching, pid);
      if (blockers.length > 0) last = blockers;
      if (stopped) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        wake = () => (clearTimeout(timer), resolve());
      });
    }
  })().catch(() => undefined); // Without names the work goes on.
  return {
    async stop() {
      stopped = true;
      wake();
      await looking;
      return last;
    },
  };
}
