/** Looks at the sessions and adds up, until the next point, what they were doing. */
import type pg from 'pg';
import type { NewWait } from './writer.ts';

export interface Sample extends NewWait {
  readonly sessions: number;
}

/** What active sessions and those in a transaction do; idle ones do nothing. Of `client` itself nothing. */
export async function sampleSessions(client: pg.Client): Promise<Sample[]> {
  return (await client.query<Sample>(SAMPLE_SQL)).rows;
}

/** Only sessions that wait for a lock are asked who blocks them: the question takes locks of its own. */
const SAMPLE_SQL = `
  select a.query_id::text as "queryId", a.datname::text as database, a.usename::text as user,
         a.application_name as application, a.state,
         case when a.state <> 'active' then '' else coalesce(a.wait_event_type, 'CPU') end as "waitType",
         case when a.state <> 'active' then '' else coalesce(a.wait_event, '') end as "waitEvent",
         case when a.wait_event_type = 'Lock' then
           (select b.query_id::text from unnest(pg_blocking_pids(a.pid)) p join pg_stat_activity b on b.pid = p limit 1)
         end as "blockedBy",
         count(*)::integer as sessions
    from pg_stat_activity a
   where a.backend_type = 'client backend' and a.state <> 'idle' and a.pid <> pg_backend_pid()
   group by 1, 2, 3, 4, 5, 6, 7, 8`;

/** More different ones until the next point: then applications are no longer told apart. */
const MOST_KEYS = 1000;

export const keyOf = (wait: NewWait): string =>
  JSON.stringify([
    wait.queryId,
    wait.database,
    wait.user,
    wait.application,
    wait.state,
    wait.waitType,
    wait.waitEvent,
    wait.blockedBy,
  ]);

/** Seconds of session time since the last point, by what was done. */
export class SampleSums {
  #sums = new Map<string, { wait: NewWait; seconds: number }>();

  add(samples: readonly Sample[], seconds: number): void {
    for (const { sessions, ...found } of samples) {
      const wait = this.#sums.size < MOST_KEYS ? found : { ...found, application: null };
      const key = keyOf(wait);
      const sum = this.#sums.get(key);
      if (sum === undefined) this.#sums.set(key, { wait, seconds: sessions * seconds });
      else sum.seconds += sessions * seconds;
    }
  }

  /** Gives what was added up and begins anew. */
  take(): ReadonlyMap<string, { readonly wait: NewWait; readonly seconds: number }> {
    const sums = this.#sums;
    this.#sums = new Map();
    return sums;
  }
}
