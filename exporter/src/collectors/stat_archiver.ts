import { type Collector, counter, gauge } from '../metrics/types.ts';

export const stat_archiver: Collector = {
  name: 'stat_archiver',
  source: 'postgres',
  scope: 'server',
  sql: `
    select a.*,
           extract(epoch from pg_catalog.now() - a.last_archived_time) as last_archive_age
      from pg_catalog.pg_stat_archiver a`,
  labels: [],
  columns: {
    archived_count: counter('pg_stat_archiver_archived_count', 'WAL files archived (pg_stat_archiver.archived_count).'),
    failed_count: counter(
      'pg_stat_archiver_failed_count',
      'Failed attempts to archive (pg_stat_archiver.failed_count).',
    ),
    last_archive_age: gauge(
      'pg_stat_archiver_last_archive_age',
      'Seconds since a WAL file was archived (pg_stat_archiver.last_archived_time).',
    ),
    last_archived_time: gauge(
      'pg_stat_archiver_last_archived_timestamp_seconds',
      'When a WAL file was last archived (pg_stat_archiver.last_archived_time).',
    ),
    last_failed_time: gauge(
      'pg_stat_archiver_last_failed_timestamp_seconds',
      'When archiving last failed (pg_stat_archiver.last_failed_time).',
    ),
    stats_reset: gauge(
      'pg_stat_archiver_stats_reset_timestamp_seconds',
      'When these counters were reset (pg_stat_archiver.stats_reset).',
    ),
  },
};
