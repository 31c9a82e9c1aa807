/** What the health check stands on, in one look. */
import type { LiveTarget } from './live_target.ts';

export interface HealthFacts {
  readonly version: number;
  readonly seesAll: boolean;
  readonly used: number;
  readonly max: number;
  readonly reserved: number;
  /** Seconds since the oldest open transaction began; null without one. */
  readonly oldestTransaction: number | null;
  readonly oldestTransactionPid: number | null;
  readonly idleInTransaction: number;
  readonly waitingForLocks: number;
  /** Age of the oldest transaction id of any database, and at which age autovacuum freezes whatever else. */
  readonly freezeAge: number;
  readonly freezeMaxAge: number;
  readonly freezeDatabase: string;
  /** pg_stat_statements in the database of the connection string. */
  readonly statements: boolean;
  readonly prepared: number;
  readonly inactiveSlots: number;
}

const SQL = `
  with a as materialized (
    select a.* from pg_catalog.pg_stat_activity a where a.pid <> pg_catalog.pg_backend_pid()
  ), oldest as (
    select a.pid, a.xact_start from a where a.xact_start is not null and a.backend_type = 'client backend'
     order by a.xact_start limit 1
  ), f as (
    select d.datname, pg_catalog.age(d.datfrozenxid) as age from pg_catalog.pg_database d order by 2 desc limit 1
  )
  select pg_catalog.current_setting('server_version_num')::int4 / 10000 as version,
         pg_catalog.pg_has_role('pg_read_all_stats', 'usage') as "seesAll",
         (select count(*) from a where a.backend_type = 'client backend')::int4 + 1 as used,
         pg_catalog.current_setting('max_connections')::int4 as max,
         pg_catalog.current_setting('superuser_reserved_connections')::int4
           + coalesce(pg_catalog.current_setting('reserved_connections', true)::int4, 0) as reserved,
         (select extract(epoch from pg_catalog.clock_timestamp() - o.xact_start) from oldest o)::float8 as "oldestTransaction",
         (select o.pid from oldest o) as "oldestTransactionPid",
         (select count(*) from a where a.state like 'idle in transaction%')::int4 as "idleInTransaction",
         (select count(distinct l.pid) from pg_catalog.pg_locks l where not l.granted)::int4 as "waitingForLocks",
         f.age as "freezeAge", pg_catalog.current_setting('autovacuum_freeze_max_age')::int4 as "freezeMaxAge",
         f.datname::text as "freezeDatabase",
         exists (select from pg_catalog.pg_extension e where e.extname = 'pg_stat_statements') as statements,
         (select count(*) from pg_catalog.pg_prepared_xacts p
           where p.prepared < pg_catalog.clock_timestamp() - interval '5 min')::int4 as prepared,
         (select count(*) from pg_catalog.pg_replication_slots s where not s.active)::int4 as "inactiveSlots"
    from f`;

/** @throws TargetUnavailable; DatabaseFailure */
export async function readHealth(target: LiveTarget): Promise<HealthFacts> {
  const [facts] = await target.query<HealthFacts & { [column: string]: unknown }>(SQL);
  return facts;
}
