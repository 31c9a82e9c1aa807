import { type Collector, gauge } from '../metrics/types.ts';

/** Counts every open transaction, however short, except autovacuum's and those of our own sessions. */
export const long_running_transactions: Collector = {
  name: 'long_running_transactions',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select count(*) as transactions,
           coalesce(max(extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)), 0) as oldest_age,
           min(a.xact_start) as oldest_start
      from pg_catalog.pg_stat_activity a
     where a.xact_start is not null
       and a.state is distinct from 'idle'
       and a.query not like 'autovacuum:%'
       and a.application_name is distinct from current_setting('application_name')`,
  labels: [],
  columns: {
    transactions: gauge('pg_long_running_transactions', 'Open transactions, of any age (pg_stat_activity).'),
    oldest_age: [
      gauge(
        'pg_long_running_transactions_oldest_timestamp_seconds',
        'Age, not timestamp, of the oldest open transaction, 0 without one (pg_stat_activity.xact_start).',
      ),
      gauge(
        'pg_long_running_transactions_oldest_age_seconds',
        'Age of the oldest open transaction, 0 without one (pg_stat_activity.xact_start).',
      ),
    ],
    oldest_start: gauge(
      'pg_long_running_transactions_oldest_start_timestamp_seconds',
      'When the oldest open transaction began (pg_stat_activity.xact_start).',
    ),
  },
};
