import { type Collector, gauge } from '../metrics/types.ts';

/**
 * Who keeps dead rows from being removed; 0 where that kind of holder holds nothing.
 * A running VACUUM does not hold others back, so it isn't counted.
 */
export const xmin_horizon: Collector = {
  name: 'xmin_horizon',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    with a as materialized (
      select a.backend_type = 'walsender' as walsender,
             greatest(pg_catalog.age(a.backend_xmin), pg_catalog.age(a.backend_xid)) as age
        from pg_catalog.pg_stat_activity a
       where a.pid <> pg_catalog.pg_backend_pid() and (a.backend_xmin is not null or a.backend_xid is not null)
         and a.pid not in (select p.pid from pg_catalog.pg_stat_progress_vacuum p)
    ), s as (
      select max(pg_catalog.age(s.xmin)) as xmin, max(pg_catalog.age(s.catalog_xmin)) as catalog_xmin
        from pg_catalog.pg_replication_slots s
    )
    select 'session' as holder, coalesce(max(age) filter (where not walsender), 0) as age
      from a having pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
     union all
    select 'standby_feedback', coalesce(max(age) filter (where walsender), 0)
      from a having pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
     union all
    select 'replication_slot', coalesce(xmin, 0) from s
     union all
    select 'replication_slot_catalog', coalesce(catalog_xmin, 0) from s
     union all
    select 'prepared_transaction', coalesce(max(pg_catalog.age(transaction)), 0) from pg_catalog.pg_prepared_xacts`,
  labels: ['holder'],
  columns: {
    age: gauge(
      'pg_xmin_horizon_age_xids',
      'Transactions since the oldest one still needed, by kind of holder (pg_stat_activity.backend_xmin, pg_replication_slots.xmin, catalog_xmin, pg_prepared_xacts).',
      { fold: 'max' },
    ),
  },
};
