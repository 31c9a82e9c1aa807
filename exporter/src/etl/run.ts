/** The row of musicdb.ingestion_log that a load writes: found, taken over, ended. */
import type pg from 'pg';
import type { Counts } from './batch_session.ts';
import { LoadFailure } from './reader.ts';
import type { Source } from './source.ts';

export type State = 'running' | 'done' | 'failed' | 'interrupted';

export interface Run {
  readonly runId: string;
  readonly state: State;
  readonly positionBytes: number;
  readonly counts: Counts;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

interface Row {
  run_id: string;
  state: State;
  position_bytes: string;
  rows_read: string;
  rows_inserted: string;
  rows_updated: string;
  rows_unchanged: string;
  rows_rejected: string;
  started_at: Date;
  finished_at: Date | null;
}

const toRun = (row: Row): Run => ({
  runId: row.run_id,
  state: row.state,
  positionBytes: Number(row.position_bytes),
  counts: {
    read: Number(row.rows_read),
    inserted: Number(row.rows_inserted),
    updated: Number(row.rows_updated),
    unchanged: Number(row.rows_unchanged),
    rejected: Number(row.rows_rejected),
  },
  startedAt: row.started_at,
  finishedAt: row.finished_at,
});

interface Holder {
  run_id: string | null;
  pid: number;
  user: string;
  host: string;
}

const LOCK_KEY = "pg_catalog.hashtextextended('pgvigil etl ' || $1, 0)";

// A load holds a lock on its file while it lives. Where the lock is free, "running" is what a killed one left behind.
const MARK_KILLED = `
  update musicdb.ingestion_log l
     set state = 'interrupted', finished_at = l.heartbeat_at, error = 'the process ended without a word'
   where case when l.state = 'running' and l.fingerprint is not null then
           pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('pgvigil etl ' || l.fingerprint, 0)) end`;

const WHO_HOLDS = `
  select l.run_id, a.pid, a.usename::text as "user", coalesce(a.client_addr::text, 'the server''s host') as host
    from pg_catalog.pg_locks k
    join pg_catalog.pg_stat_activity a using (pid)
    left join musicdb.ingestion_log l on l.fingerprint = $1 and l.state = 'running'
   where k.locktype = 'advisory' and k.granted and k.objsubid = 1
     and k.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
     and (k.classid::bigint << 32 | k.objid::bigint) = ${LOCK_KEY}
   order by l.run_id desc limit 1`;

/**
 * Finds the unfinished run of the file, or makes one. The session holds the file's lock from then on.
 * @param restart makes a new run whatever there is.
 * @returns a run in state `running`, or the one that is `done` with this file.
 * @throws LoadFailure when another session is loading the same file.
 */
export async function beginRun(client: pg.Client, source: Source, restart: boolean): Promise<Run> {
  const { file } = source;
  if (file === undefined) return insertRun(client, source);
  await client.query(MARK_KILLED);
  await lockFile(client, file.fingerprint, file.path);
  const found = await client.query<Row>(
    'select * from musicdb.ingestion_log where fingerprint = $1 order by run_id desc limit 1',
    [file.fingerprint],
  );
  if (found.rows.length === 0 || restart) return insertRun(client, source);
  const run = toRun(found.rows[0]);
  if (run.state === 'done') return run;
  const taken = await client.query<Row>(
    `update musicdb.ingestion_log
        set state = 'running', error = null, finished_at = null, heartbeat_at = clock_timestamp()
      where run_id = $1 returning *`,
    [run.runId],
  );
  return toRun(taken.rows[0]);
}

async function insertRun(client: pg.Client, { name, file }: Source): Promise<Run> {
  const { rows } = await client.query<Row>(
    'insert into musicdb.ingestion_log (source, fingerprint, size_bytes) values ($1, $2, $3) returning *',
    [name, file?.fingerprint, file?.sizeBytes],
  );
  return toRun(rows[0]);
}

/** Tries more than once: whoever looks for killed loads holds the lock for a moment. */
async function lockFile(client: pg.Client, fingerprint: string, path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_catalog.pg_try_advisory_lock(${LOCK_KEY}) as locked`,
      [fingerprint],
    );
    if (rows[0].locked) return;
    if (attempt === 3) break;
    await client.query('select pg_catalog.pg_sleep(0.2)');
  }
  const [who] = (await client.query<Holder>(WHO_HOLDS, [fingerprint])).rows;
  if (who === undefined) throw new LoadFailure(`${path} was being loaded by another session just now. Try again.`);
  throw new LoadFailure(
    `${path} is being loaded already, by run ${who.run_id ?? 'unknown'}: user ${who.user} at ${who.host}, session ${who.pid}. ` +
      `Wait for it, or end it: select pg_terminate_backend(${who.pid});`,
  );
}

/** Ends a run; its commit waits for the disk and so makes all its batches durable. */
export async function endRun(client: pg.Client, runId: string, state: State, error?: string): Promise<Run> {
  const { rows } = await client.query<Row>(
    `update musicdb.ingestion_log
        set state = $2, error = $3, heartbeat_at = clock_timestamp(), finished_at = clock_timestamp()
      where run_id = $1 returning *`,
    [runId, state, error ?? null],
  );
  return toRun(rows[0]);
}
