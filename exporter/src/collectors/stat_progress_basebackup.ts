import { type Collector, gauge } from '../metrics/types.ts';

/** Several backups may run at once: sizes are added up, each phase in use has its series. */
export const stat_progress_basebackup: Collector = {
  name: 'stat_progress_basebackup',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select case when grouping(p.phase) = 0 then p.phase end as phase,
           case when grouping(p.phase) = 0 then 1 end as in_phase,
           case when grouping(p.phase) = 1 then count(p.phase) end as backups,
           case when grouping(p.phase) = 1 then sum(p.backup_total) end as backup_total,
           case when grouping(p.phase) = 1 then sum(p.backup_streamed) end as backup_streamed,
           case when grouping(p.phase) = 1 then sum(p.tablespaces_total) end as tablespaces_total,
           case when grouping(p.phase) = 1 then sum(p.tablespaces_streamed) end as tablespaces_streamed
      from pg_catalog.pg_stat_progress_basebackup p
     where p.phase is not null
     group by grouping sets ((p.phase), ())
     order by grouping(p.phase) desc`,
  labels: ['phase'],
  columns: {
    in_phase: gauge(
      'pg_stat_progress_basebackup_phase',
      '1 for every phase a base backup is in (pg_stat_progress_basebackup.phase).',
    ),
    backups: gauge('pg_stat_progress_basebackup_backups', 'Base backups running (pg_stat_progress_basebackup).', {
      labels: [],
    }),
    backup_total: gauge(
      'pg_stat_progress_basebackup_backup_bytes',
      'Estimated size to stream (pg_stat_progress_basebackup.backup_total).',
      { labels: [] },
    ),
    backup_streamed: gauge(
      'pg_stat_progress_basebackup_backup_streamed_bytes',
      'Streamed so far (pg_stat_progress_basebackup.backup_streamed).',
      { labels: [] },
    ),
    tablespaces_total: gauge(
      'pg_stat_progress_basebackup_tablespaces',
      'Tablespaces to stream (pg_stat_progress_basebackup.tablespaces_total).',
      { labels: [] },
    ),
    tablespaces_streamed: gauge(
      'pg_stat_progress_basebackup_tablespaces_streamed',
      'Tablespaces streamed so far (pg_stat_progress_basebackup.tablespaces_streamed).',
      { labels: [] },
    ),
  },
};
