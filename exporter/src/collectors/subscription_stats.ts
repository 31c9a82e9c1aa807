import { type Collector, counter, gauge } from '../metrics/types.ts';

const conflict = (what: string, column: string) =>
  counter(
    `pg_stat_subscription_stats_${column}_total`,
    `Conflicts on apply: ${what} (pg_stat_subscription_stats.${column}, 18+).`,
  );

export const subscription_stats: Collector = {
  name: 'subscription_stats',
  source: 'postgres',
  scope: 'server',
  needs: ['pg_stat_subscription_stats'],
  sql: `
    select d.datname, s.*
      from pg_catalog.pg_stat_subscription_stats s
      join pg_catalog.pg_subscription b on b.oid = s.subid
      join pg_catalog.pg_database d on d.oid = b.subdbid`,
  labels: ['datname', 'subname'],
  columns: {
    apply_error_count: counter(
      'pg_stat_subscription_stats_apply_error_count_total',
      'Errors while applying changes (pg_stat_subscription_stats.apply_error_count).',
    ),
    sync_error_count: counter(
      'pg_stat_subscription_stats_sync_error_count_total',
      'Errors while copying tables at the start (pg_stat_subscription_stats.sync_error_count).',
    ),
    confl_insert_exists: conflict('inserted row exists', 'confl_insert_exists'),
    confl_update_origin_differs: conflict('updated row came from another origin', 'confl_update_origin_differs'),
    confl_update_exists: conflict('updated row collides with another', 'confl_update_exists'),
    confl_update_missing: conflict('row to update is missing', 'confl_update_missing'),
    confl_delete_origin_differs: conflict('deleted row came from another origin', 'confl_delete_origin_differs'),
    confl_delete_missing: conflict('row to delete is missing', 'confl_delete_missing'),
    confl_multiple_unique_conflicts: conflict('several unique keys violated', 'confl_multiple_unique_conflicts'),
    stats_reset: gauge(
      'pg_stat_subscription_stats_stats_reset_timestamp_seconds',
      'When these counters were last reset (pg_stat_subscription_stats.stats_reset).',
      { fold: 'max' },
    ),
  },
};
