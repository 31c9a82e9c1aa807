import { type Collector, gauge } from '../metrics/types.ts';

/** The latest reset per view; the views that count by object say it for each of them in their own families. */
const everywhere = `
    select 'pg_stat_archiver' as view, stats_reset from pg_catalog.pg_stat_archiver
     union all
    select 'pg_stat_bgwriter', stats_reset from pg_catalog.pg_stat_bgwriter
     union all
    select 'pg_stat_database', max(stats_reset) from pg_catalog.pg_stat_database
     union all
    select 'pg_stat_replication_slots', max(stats_reset) from pg_catalog.pg_stat_replication_slots
     union all
    select 'pg_stat_slru', max(stats_reset) from pg_catalog.pg_stat_slru
     union all
    select 'pg_stat_wal', stats_reset from pg_catalog.pg_stat_wal`;

const since15 = `${everywhere}
     union all
    select 'pg_stat_recovery_prefetch', stats_reset from pg_catalog.pg_stat_recovery_prefetch
     union all
    select 'pg_stat_subscription_stats', max(stats_reset) from pg_catalog.pg_stat_subscription_stats`;

const since16 = `${since15}
     union all
    select 'pg_stat_io', max(stats_reset) from pg_catalog.pg_stat_io`;

const since17 = `${since16}
     union all
    select 'pg_stat_checkpointer', stats_reset from pg_catalog.pg_stat_checkpointer`;

export const stats_reset: Collector = {
  name: 'stats_reset',
  source: 'postgres',
  scope: 'server',
  sql: [
    { needs: ['pg_stat_checkpointer', 'pg_stat_io'], sql: since17 },
    { needs: ['pg_stat_io', 'pg_stat_recovery_prefetch'], sql: since16 },
    { needs: ['pg_stat_recovery_prefetch', 'pg_stat_subscription_stats'], sql: since15 },
    { sql: everywhere },
  ],
  labels: ['view'],
  columns: {
    stats_reset: gauge(
      'pg_stats_reset_timestamp_seconds',
      'When the counters of a statistics view were last reset (stats_reset of the view).',
      { fold: 'max' },
    ),
  },
};
