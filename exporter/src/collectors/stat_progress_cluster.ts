import { type Collector, gauge } from '../metrics/types.ts';

const labels = ['datname', 'schemaname', 'relname', 'command'];

/** The command holds its table exclusively, so a table has one row at most. */
export const stat_progress_cluster: Collector = {
  name: 'stat_progress_cluster',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select p.*, n.nspname as schemaname, coalesce(c.relname, p.relid::text) as relname, 1 as in_phase
      from pg_catalog.pg_stat_progress_cluster p
      left join pg_catalog.pg_class c on c.oid = p.relid and p.datname = pg_catalog.current_database()
      left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where p.phase is not null`,
  labels: [...labels, 'phase'],
  columns: {
    in_phase: gauge('pg_stat_progress_cluster_phase', '1 for the present phase (pg_stat_progress_cluster.phase).'),
    heap_tuples_scanned: gauge(
      'pg_stat_progress_cluster_heap_tuples_scanned',
      'Rows scanned so far (pg_stat_progress_cluster.heap_tuples_scanned).',
      { labels },
    ),
    heap_tuples_written: gauge(
      'pg_stat_progress_cluster_heap_tuples_written',
      'Rows written so far (pg_stat_progress_cluster.heap_tuples_written).',
      { labels },
    ),
    heap_blks_total: gauge(
      'pg_stat_progress_cluster_heap_blks',
      'Blocks of the table (pg_stat_progress_cluster.heap_blks_total).',
      { labels },
    ),
    heap_blks_scanned: gauge(
      'pg_stat_progress_cluster_heap_blks_scanned',
      'Blocks scanned so far (pg_stat_progress_cluster.heap_blks_scanned).',
      { labels },
    ),
    index_rebuild_count: gauge(
      'pg_stat_progress_cluster_index_rebuilds',
      'Indexes rebuilt so far (pg_stat_progress_cluster.index_rebuild_count).',
      { labels },
    ),
  },
};
