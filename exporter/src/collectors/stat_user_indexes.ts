import { type Collector, counter, gauge } from '../metrics/types.ts';

/** The largest indexes keep their own series: an unused index matters by what it weighs. */
export const stat_user_indexes: Collector = {
  name: 'stat_user_indexes',
  source: 'postgres',
  scope: 'database',
  sql: `
    select s.*, c.relpages
      from pg_catalog.pg_stat_user_indexes s
      join pg_catalog.pg_class c on c.oid = s.indexrelid
     where c.relpersistence <> 't'`,
  labels: ['schemaname', 'relname', 'indexrelname'],
  budget: { max: 1000, rankBy: 'relpages' },
  columns: {
    idx_scan: counter('pg_stat_user_indexes_idx_scan_total', 'Index scans (pg_stat_user_indexes.idx_scan).'),
    last_idx_scan: gauge(
      'pg_stat_user_indexes_last_idx_scan_timestamp_seconds',
      'When the index was last scanned (pg_stat_user_indexes.last_idx_scan, 16+).',
      { fold: 'max' },
    ),
    idx_tup_read: counter(
      'pg_stat_user_indexes_idx_tup_read_total',
      'Index entries returned by scans (pg_stat_user_indexes.idx_tup_read).',
    ),
    idx_tup_fetch: counter(
      'pg_stat_user_indexes_idx_tup_fetch_total',
      'Live rows fetched by simple scans (pg_stat_user_indexes.idx_tup_fetch).',
    ),
  },
};
