/**
 * $1 pid, $2 its start, $3 whether sessions of jobs may be meant. Pid and start are looked at in the statement that sends the signal: a pid that was given to
 * another session meanwhile is not hit. `present`: somebody has the pid; `same`: it is the session that was meant;
 * `job`: the id of the job that it works for. Anybody may call a session so, but not log in as whoever runs jobs.
 */
export const signalSql = (call: string): string => `
  with a as materialized (
    select a.pid, a.backend_start = $2::timestamptz as same,
           case when a.usename = session_user then substring(a.application_name from '^pgvigil job (.*)$') end as job
      from pg_catalog.pg_stat_activity a where a.pid = $1::int
  )
  select true as present, a.same, a.job,
         case when a.same and (a.job is null or $3::boolean) then pg_catalog.${call} end as done from a`;
