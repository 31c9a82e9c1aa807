/** What goes on around the object just now: whom an action would wait for, what speaks against it. */
import type { Facts } from './facts.ts';
import type { ActionSession, Precondition } from './types.ts';
import { secondsInWords } from './words.ts';

export interface Surroundings {
  readonly preconditions: readonly Precondition[];
  /** Transactions that a CONCURRENTLY would wait for, one sentence each. */
  readonly oldTransactions: readonly string[];
}

const precondition = (title: string, state: Precondition['state'], message: string, cure = ''): Precondition => ({
  title,
  state,
  message,
  cure,
});

/** Younger ones have mostly ended before anybody could wait for them. */
const OLD_SECONDS = 5;
const LAG_SECONDS = 30;

const PREPARED_SQL = `
  select gid, extract(epoch from clock_timestamp() - prepared)::float8 as seconds
    from pg_prepared_xacts where database = current_database()`;

const OLD_SQL = `
  select pid, coalesce(nullif(application_name, ''), 'no application name') as application, coalesce(usename, '?') as username,
         coalesce(state, 'state not visible') as state,
         extract(epoch from clock_timestamp() - xact_start)::float8 as seconds
    from pg_stat_activity
   where (backend_xmin is not null or backend_xid is not null) and datname = current_database()
     and backend_type <> 'autovacuum worker' and pid <> pg_backend_pid()
     and xact_start < clock_timestamp() - make_interval(secs => $1)
   order by xact_start limit 5`;

/** Who maintains the table or one of its partitions now. */
const BUSY_SQL = `
  with tree as (select $1::oid as oid union select relid from pg_partition_tree($1::oid::regclass))
  select w.what, w.pid, a.backend_type = 'autovacuum worker' as automatic,
         coalesce(nullif(a.application_name, ''), a.backend_type) as application
    from (select 'a vacuum' as what, pid, relid from pg_stat_progress_vacuum where datname = current_database()
          union all select 'an analyze', pid, relid from pg_stat_progress_analyze where datname = current_database()
          union all select 'an index build', pid, relid from pg_stat_progress_create_index where datname = current_database()
          union all select 'a rewrite', pid, relid from pg_stat_progress_cluster where datname = current_database()) w
    join tree on tree.oid = w.relid
    left join pg_stat_activity a using (pid)`;

export async function lookAround(session: ActionSession, facts: Facts): Promise<Surroundings> {
  const preconditions: Precondition[] = [];
  if (facts.standby) {
    const cure = 'Configure the primary as a target, and run it there: the standby replays it.';
    preconditions.push(
      precondition('Primary', 'missing', 'this server is a standby, where nothing can be changed', cure),
    );
  } else {
    preconditions.push(precondition('Primary', 'ok', 'the server is not a standby'));
  }
  if (facts.loginIsSuperuser) {
    const cure = 'Use a login that is only a member of pgvigil_maintain: docs/sql.md.';
    preconditions.push(
      precondition('Least privilege', 'warn', `${facts.login} is a superuser, which no action needs`, cure),
    );
  }
  preconditions.push(...(await busyWith(session, facts)), ...(await laggingStandbys(session)));
  const rows = await session.query<{
    pid: number;
    application: string;
    username: string;
    state: string;
    seconds: number;
  }>(OLD_SQL, [OLD_SECONDS]);
  const prepared = await session.query<{ gid: string; seconds: number }>(PREPARED_SQL);
  const oldTransactions = [
    ...rows.map(
      (row) =>
        `pid ${row.pid} (${row.application}, user ${row.username}, ${row.state}), its transaction open for ${secondsInWords(row.seconds)}`,
    ),
    ...prepared.map(({ gid, seconds }) => `the prepared transaction ${gid}, for ${secondsInWords(seconds)}`),
  ];
  return { preconditions, oldTransactions };
}

async function busyWith(session: ActionSession, facts: Facts): Promise<Precondition[]> {
  const rows = await session.query<{ what: string; pid: number; automatic: boolean; application: string }>(BUSY_SQL, [
    facts.tableOid,
  ]);
  if (rows.length === 0)
    return [precondition('Nobody else at it', 'ok', `no other maintenance of ${facts.tablePrinted} runs`)];
  return rows.map(({ what, pid, automatic, application }) =>
    automatic
      ? precondition(
          'Nobody else at it',
          'warn',
          `${what} of ${facts.tablePrinted} by autovacuum runs (pid ${pid}); it gives way`,
        )
      : precondition(
          'Nobody else at it',
          'missing',
          `${what} of ${facts.tablePrinted} runs: pid ${pid} (${application})`,
          'Wait for its end, or cancel it under Activity.',
        ),
  );
}

async function laggingStandbys(session: ActionSession): Promise<Precondition[]> {
  const rows = await session.query<{ name: string; seconds: number }>(
    `select coalesce(nullif(application_name, ''), client_addr::text, 'standby') as name,
            extract(epoch from replay_lag)::float8 as seconds
       from pg_stat_replication where replay_lag > make_interval(secs => $1)`,
    [LAG_SECONDS],
  );
  return rows.map(({ name, seconds }) =>
    precondition(
      'Standbys',
      'warn',
      `${name} replays ${secondsInWords(seconds)} late, and this writes more WAL`,
      'Wait until it has caught up, if somebody reads from it.',
    ),
  );
}

/** The snapshot that keeps rows from being removed, named; nothing when none is old. */
export function heldBack(oldTransactions: readonly string[]): Precondition[] {
  if (oldTransactions.length === 0) return [];
  const message = `rows deleted since the oldest snapshot stay; it is held by ${oldTransactions[0]}`;
  return [precondition('Oldest snapshot', 'warn', message, 'End that transaction first, under Activity.')];
}

/** More than this is worth a word. */
const MUCH = 1024 ** 3;

export function diskSpace(bytes: number | null, words: (bytes: number) => string): Precondition[] {
  if (bytes === null || bytes < MUCH) return [];
  const message = `it needs up to ${words(bytes)} more until its end, and as much WAL; free space cannot be asked with SQL`;
  return [precondition('Disk space', 'warn', message, 'Look at the free space of the volume before.')];
}
