/** Whom a session waits for, in words that say nothing of anybody's query. */
import type pg from 'pg';

/** What may be said about a session to everybody. `a` is its row of pg_stat_activity. */
export const SESSION_TEXT = `
  format('pid %s (%s, user %s, %s%s)', a.pid, coalesce(nullif(a.application_name, ''), a.backend_type, 'no application name'),
         coalesce(a.usename, 'none'), coalesce(a.state, 'state not visible'),
         case when a.xact_start is not null then
           format(' for %s, transaction open for %s', date_trunc('second', clock_timestamp() - a.state_change),
                  date_trunc('second', clock_timestamp() - a.xact_start)) else '' end)`;

/** pg_blocking_pids gives 0 for a prepared transaction. */
const BLOCKERS_SQL = `
  select distinct case when b.pid = 0 then 'a prepared transaction (see pg_prepared_xacts)'
                       when a.pid is null then format('pid %s (gone)', b.pid)
                       else ${SESSION_TEXT} end as text
    from unnest(pg_blocking_pids($1)) as b (pid)
    left join pg_stat_activity a using (pid)`;

/** One sentence for each session that `pid` waits for. The client's search_path must find pg_catalog's functions. */
export async function readBlockers(client: pg.Client, pid: number): Promise<string[]> {
  const { rows } = await client.query<{ text: string }>(BLOCKERS_SQL, [pid]);
  return rows.map(({ text }) => text);
}

/** The backend's process id as the connection knows it: behind a pooler it is not pg_backend_pid(). */
export const processId = (client: pg.Client): number => (client as unknown as { processID: number }).processID;
