/**
 * $1 pid, $2 its start. Pid and start are looked at in the statement that sends the signal: a pid that was given to
 * another session meanwhile is not hit. `present`: somebody has the pid; `same`: it is the session that was meant.
 */
export const signalSql = (call: string): string => `
  with a as materialized (
    select a.pid, a.backend_start = $2::timestamptz as same from pg_catalog.pg_stat_activity a where a.pid = $1::int
  )
  select true as present, a.same, case when a.same then pg_catalog.${call} end as done from a`;
