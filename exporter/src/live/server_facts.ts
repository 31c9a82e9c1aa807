/** What kind of server a target is, and which databases it has. */
import type { LiveTarget } from './live_target.ts';

export interface ServerFacts {
  /** Major. */
  readonly version: number;
  readonly standby: boolean;
  /** Those that the monitoring role may connect to, by name. */
  readonly databases: string[];
}

const SQL = `
  select pg_catalog.current_setting('server_version_num')::int4 / 10000 as version,
         pg_catalog.pg_is_in_recovery() as standby,
         array(select d.datname::text from pg_catalog.pg_database d
                where d.datallowconn and not d.datistemplate
                  and pg_catalog.has_database_privilege(d.oid, 'connect')
                order by d.datname) as databases`;
/** A page of targets shall not wait for the one whose network is gone. */
const WITHIN_MS = 4000;

/** @throws TargetUnavailable; DatabaseFailure */
export async function readServerFacts(target: LiveTarget): Promise<ServerFacts> {
  const [facts] = await target.query<ServerFacts & { [column: string]: unknown }>(SQL, [], undefined, {
    withinMs: WITHIN_MS,
  });
  return facts;
}
