/** Sessions as pg_stat_activity and pg_locks have them. */
import { IS_BACKGROUND, SIGNALS } from './backends.ts';
import type { LiveTarget } from './live_target.ts';

export interface SessionRow {
  readonly pid: number;
  readonly backendStart: string;
  readonly database: string | null;
  readonly user: string | null;
  readonly application: string;
  readonly client: string | null;
  readonly backendType: string;
  readonly background: boolean;
  readonly leaderPid: number | null;
  readonly signals: string[];
  readonly state: string | null;
  readonly stateSeconds: number | null;
  readonly transactionSeconds: number | null;
  readonly querySeconds: number | null;
  readonly waitType: string | null;
  readonly waitEvent: string | null;
  readonly queryId: string | null;
  /** With its literals; null where there is none or the role may not see it. */
  readonly query: string | null;
  readonly xminAge: number | null;
  readonly locks: number;
  /** 0 is a prepared transaction. */
  readonly blockedBy: number[];
  readonly waitingSeconds: number | null;
  readonly own: boolean;
}

/** Ages by the clock: now() is when our own transaction began. pg_blocking_pids stops all locking for a moment, so it is asked for those who wait only. */
const SQL = `
  with locks as (
    select l.pid, count(*) filter (where l.granted)::int4 as held, bool_or(not l.granted) as waits,
           min(l.waitstart) as since
      from pg_catalog.pg_locks l where l.pid is not null group by l.pid)
  select a.pid, a.backend_start::text as "backendStart", a.datname::text as database, a.usename::text as "user",
         coalesce(a.application_name, '') as application,
         case when a.client_port = -1 then 'local' else pg_catalog.host(a.client_addr) end as client,
         coalesce(a.backend_type, '') as "backendType", ${IS_BACKGROUND} as background, a.leader_pid as "leaderPid",
         ${SIGNALS} as signals, a.state,
         seconds(a.state_change) as "stateSeconds", seconds(a.xact_start) as "transactionSeconds",
         case when a.state <> 'idle' then seconds(a.query_start) end as "querySeconds",
         case when a.state = 'idle' then null
              when a.wait_event_type is null and a.state = 'active' then 'CPU'
              else a.wait_event_type end as "waitType",
         case when a.state <> 'idle' or a.state is null then a.wait_event end as "waitEvent",
         nullif(a.query_id, 0)::text as "queryId",
         case when a.query not in ('', '<insufficient privilege>') then a.query end as query,
         pg_catalog.age(a.backend_xmin)::int4 as "xminAge",
         coalesce(l.held, 0) as locks,
         case when l.waits then pg_catalog.pg_blocking_pids(a.pid) else '{}' end as "blockedBy",
         case when l.waits then seconds(l.since) end as "waitingSeconds",
         coalesce(a.application_name ^@ 'pgvigil' and a.usename = any ($1), false) as own
    from pg_catalog.pg_stat_activity a
    left join locks l on l.pid = a.pid
   where a.pid <> pg_catalog.pg_backend_pid() and a.backend_start is not null
   order by a.xact_start nulls last, a.backend_start`.replace(
  /seconds\(([a-z._]+)\)/g,
  // greatest() of 0 and NULL is 0: no transaction would be one that has just begun.
  'case when $1 is not null then greatest(0, extract(epoch from pg_catalog.clock_timestamp() - $1))::float8 end',
);

/** A page that refreshes every few seconds is better told soon that it cannot be told. */
const WITHIN_MS = 8000;

/** All but the one that asks, longest transaction first. @throws TargetUnavailable; DatabaseFailure */
export const readSessions = (target: LiveTarget): Promise<SessionRow[]> =>
  target.query<SessionRow & { [column: string]: unknown }>(SQL, [loginsOf(target)], undefined, { withinMs: WITHIN_MS });

/** Anybody may call a session what they like, but not log in as us. */
const loginsOf = ({ config: { postgres, maintenance } }: LiveTarget): string[] =>
  [postgres, maintenance].flatMap((dsn) => dsn?.user ?? []);

/** Whether the monitoring role sees what other users do. */
export async function seesAllSessions(target: LiveTarget): Promise<boolean> {
  const [{ sees }] = await target.query<{ sees: boolean }>(
    "select pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees",
  );
  return sees;
}
