import { type Collector, gauge } from '../metrics/types.ts';

export const stat_progress_analyze: Collector = {
  name: 'stat_progress_analyze',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select p.*, n.nspname as schemaname, coalesce(c.relname, p.relid::text) as relname, 1 as in_phase
      from pg_catalog.pg_stat_progress_analyze p
      left join pg_catalog.pg_class c on c.oid = p.relid and p.datname = pg_catalog.current_database()
      left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where p.phase is not null`,
  labels: ['datname', 'schemaname', 'relname', 'phase'],
  columns: {
    in_phase: gauge('pg_stat_progress_analyze_phase', '1 for the present phase (pg_stat_progress_analyze.phase).'),
    sample_blks_total: gauge(
      'pg_stat_progress_analyze_sample_blks',
      'Blocks to be sampled (pg_stat_progress_analyze.sample_blks_total).',
      { labels: ['datname', 'schemaname', 'relname'] },
    ),
    sample_blks_scanned: gauge(
      'pg_stat_progress_analyze_sample_blks_scanned',
      'Blocks sampled so far (pg_stat_progress_analyze.sample_blks_scanned).',
      { labels: ['datname', 'schemaname', 'relname'] },
    ),
    ext_stats_total: gauge(
      'pg_stat_progress_analyze_ext_stats',
      'Extended statistics to compute (pg_stat_progress_analyze.ext_stats_total).',
      { labels: ['datname', 'schemaname', 'relname'] },
    ),
    ext_stats_computed: gauge(
      'pg_stat_progress_analyze_ext_stats_computed',
      'Extended statistics computed so far (pg_stat_progress_analyze.ext_stats_computed).',
      { labels: ['datname', 'schemaname', 'relname'] },
    ),
    child_tables_total: gauge(
      'pg_stat_progress_analyze_child_tables',
      'Child tables to scan (pg_stat_progress_analyze.child_tables_total).',
      { labels: ['datname', 'schemaname', 'relname'] },
    ),
    child_tables_done: gauge(
      'pg_stat_progress_analyze_child_tables_done',
      'Child tables scanned so far (pg_stat_progress_analyze.child_tables_done).',
      { labels: ['datname', 'schemaname', 'relname'] },
    ),
    delay_time: gauge(
      'pg_stat_progress_analyze_delay_seconds',
      'Time slept for the cost-based delay, with track_cost_delay_timing (pg_stat_progress_analyze.delay_time, 18+, ms at source).',
      { labels: ['datname', 'schemaname', 'relname'], scale: 1e-3 },
    ),
  },
};
