/** A server's connections, sessions and databases in figures. */
import type { DatabaseMetrics } from '../contract/index.ts';
import type { LiveTarget } from './live_target.ts';

type Counted = Omit<DatabaseMetrics['databases'][number], 'sizeBytes' | 'statsReset'> & {
  readonly statsReset: Date | null;
};

/** reserved_connections came with 16. */
const CONNECTIONS = `
  select pg_catalog.current_setting('max_connections')::int4 as max,
         pg_catalog.current_setting('superuser_reserved_connections')::int4
           + coalesce(pg_catalog.current_setting('reserved_connections', true)::int4, 0) as reserved`;

const SESSIONS = `
  select coalesce(a.state, 'unknown') as state, count(*)::int4 as count
    from pg_catalog.pg_stat_activity a
   where a.backend_type = 'client backend'
   group by 1 order by 2 desc, 1`;

const DATABASES = `
  select s.datname::text as name, s.xact_commit::float8 as commits, s.xact_rollback::float8 as rollbacks,
         s.blks_hit / nullif(s.blks_hit + s.blks_read, 0)::float8 as "cacheHitRatio",
         s.deadlocks::float8 as deadlocks, s.temp_bytes::float8 as "tempBytes", s.stats_reset as "statsReset"
    from pg_catalog.pg_stat_database s
    join pg_catalog.pg_database d on d.oid = s.datid
   where not d.datistemplate
   order by 1`;

/** It adds up files: no lock, but time, the more the more tables there are. */
const SIZES = `
  select d.datname::text as name, pg_catalog.pg_database_size(d.oid)::float8 as bytes
    from pg_catalog.pg_database d
   where not d.datistemplate
     and (pg_catalog.has_database_privilege(d.oid, 'connect') or pg_catalog.pg_has_role('pg_read_all_stats', 'usage'))`;

export interface LiveMetrics {
  readonly connections: DatabaseMetrics['connections'];
  readonly sessions: DatabaseMetrics['sessions'];
  readonly databases: readonly Counted[];
}

/** @throws TargetUnavailable; DatabaseFailure */
export const readMetrics = (target: LiveTarget): Promise<LiveMetrics> =>
  target.use(async (client) => {
    const { rows: limits } = await client.query<Omit<LiveMetrics['connections'], 'used'>>(CONNECTIONS);
    const { rows: sessions } = await client.query<LiveMetrics['sessions'][number]>(SESSIONS);
    const { rows: databases } = await client.query<Counted>(DATABASES);
    // Of the same look: a connection that opens meanwhile is in both or in neither.
    const used = sessions.reduce((sum, { count }) => sum + count, 0);
    return { connections: { ...limits[0], used }, sessions, databases };
  });

/** Bytes by database; those that the role may not ask for are missing. @throws TargetUnavailable; DatabaseFailure */
export async function readSizes(target: LiveTarget): Promise<ReadonlyMap<string, number>> {
  const rows = await target.query<{ name: string; bytes: number }>(SIZES);
  return new Map(rows.map(({ name, bytes }) => [name, bytes]));
}
