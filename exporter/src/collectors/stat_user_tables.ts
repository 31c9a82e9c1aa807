import { type Collector, counter, gauge } from '../metrics/types.ts';

/** No size here: that one function waits behind locks. See user_table_sizes. */
export const stat_user_tables: Collector = {
  name: 'stat_user_tables',
  source: 'postgres',
  scope: 'database',
  budget: { max: 1000, rankBy: 'rows_touched' },
  sql: `
    select *,
           seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del as rows_touched
      from pg_catalog.pg_stat_user_tables`,
  labels: ['schemaname', 'relname'],
  columns: {
    seq_scan: counter('pg_stat_user_tables_seq_scan', 'Sequential scans begun (pg_stat_user_tables.seq_scan).'),
    seq_tup_read: counter(
      'pg_stat_user_tables_seq_tup_read',
      'Live rows read by sequential scans (pg_stat_user_tables.seq_tup_read).',
    ),
    idx_scan: counter('pg_stat_user_tables_idx_scan', 'Index scans begun (pg_stat_user_tables.idx_scan).'),
    idx_tup_fetch: counter(
      'pg_stat_user_tables_idx_tup_fetch',
      'Live rows fetched by index scans (pg_stat_user_tables.idx_tup_fetch).',
    ),
    n_tup_ins: counter('pg_stat_user_tables_n_tup_ins', 'Rows inserted (pg_stat_user_tables.n_tup_ins).'),
    n_tup_upd: counter('pg_stat_user_tables_n_tup_upd', 'Rows updated (pg_stat_user_tables.n_tup_upd).'),
    n_tup_del: counter('pg_stat_user_tables_n_tup_del', 'Rows deleted (pg_stat_user_tables.n_tup_del).'),
    n_tup_hot_upd: counter(
      'pg_stat_user_tables_n_tup_hot_upd',
      'Rows updated without touching an index (pg_stat_user_tables.n_tup_hot_upd).',
    ),
    n_tup_newpage_upd: counter(
      'pg_stat_user_tables_n_tup_newpage_upd_total',
      'Rows whose update went to another page, PostgreSQL 16 and newer (pg_stat_user_tables.n_tup_newpage_upd).',
    ),
    n_live_tup: gauge('pg_stat_user_tables_n_live_tup', 'Live rows, estimated (pg_stat_user_tables.n_live_tup).'),
    n_dead_tup: gauge('pg_stat_user_tables_n_dead_tup', 'Dead rows, estimated (pg_stat_user_tables.n_dead_tup).'),
    n_mod_since_analyze: gauge(
      'pg_stat_user_tables_n_mod_since_analyze',
      'Rows changed since the last analyze, estimated (pg_stat_user_tables.n_mod_since_analyze).',
    ),
    n_ins_since_vacuum: gauge(
      'pg_stat_user_tables_n_ins_since_vacuum',
      'Rows inserted since the last vacuum, estimated (pg_stat_user_tables.n_ins_since_vacuum).',
    ),
    last_vacuum: gauge(
      'pg_stat_user_tables_last_vacuum',
      'When last vacuumed by hand, absent if never (pg_stat_user_tables.last_vacuum).',
      { fold: 'none' },
    ),
    last_autovacuum: gauge(
      'pg_stat_user_tables_last_autovacuum',
      'When last vacuumed by autovacuum, absent if never (pg_stat_user_tables.last_autovacuum).',
      { fold: 'none' },
    ),
    last_analyze: gauge(
      'pg_stat_user_tables_last_analyze',
      'When last analyzed by hand, absent if never (pg_stat_user_tables.last_analyze).',
      { fold: 'none' },
    ),
    last_autoanalyze: gauge(
      'pg_stat_user_tables_last_autoanalyze',
      'When last analyzed by autovacuum, absent if never (pg_stat_user_tables.last_autoanalyze).',
      { fold: 'none' },
    ),
    last_seq_scan: gauge(
      'pg_stat_user_tables_last_seq_scan_timestamp_seconds',
      'When last scanned sequentially, PostgreSQL 16 and newer (pg_stat_user_tables.last_seq_scan).',
      { fold: 'max' },
    ),
    last_idx_scan: gauge(
      'pg_stat_user_tables_last_idx_scan_timestamp_seconds',
      'When an index was last scanned, PostgreSQL 16 and newer (pg_stat_user_tables.last_idx_scan).',
      { fold: 'max' },
    ),
    vacuum_count: counter('pg_stat_user_tables_vacuum_count', 'Vacuums by hand (pg_stat_user_tables.vacuum_count).'),
    autovacuum_count: counter(
      'pg_stat_user_tables_autovacuum_count',
      'Vacuums by autovacuum (pg_stat_user_tables.autovacuum_count).',
    ),
    analyze_count: counter(
      'pg_stat_user_tables_analyze_count',
      'Analyzes by hand (pg_stat_user_tables.analyze_count).',
    ),
    autoanalyze_count: counter(
      'pg_stat_user_tables_autoanalyze_count',
      'Analyzes by autovacuum (pg_stat_user_tables.autoanalyze_count).',
    ),
    total_vacuum_time: counter(
      'pg_stat_user_tables_vacuum_time_seconds_total',
      'Time spent vacuuming by hand, PostgreSQL 18 and newer (pg_stat_user_tables.total_vacuum_time, ms at source).',
      { scale: 1e-3 },
    ),
    total_autovacuum_time: counter(
      'pg_stat_user_tables_autovacuum_time_seconds_total',
      'Time spent vacuuming by autovacuum, PostgreSQL 18 and newer (pg_stat_user_tables.total_autovacuum_time, ms at source).',
      { scale: 1e-3 },
    ),
    total_analyze_time: counter(
      'pg_stat_user_tables_analyze_time_seconds_total',
      'Time spent analyzing by hand, PostgreSQL 18 and newer (pg_stat_user_tables.total_analyze_time, ms at source).',
      { scale: 1e-3 },
    ),
    total_autoanalyze_time: counter(
      'pg_stat_user_tables_autoanalyze_time_seconds_total',
      'Time spent analyzing by autovacuum, PostgreSQL 18 and newer (pg_stat_user_tables.total_autoanalyze_time, ms at source).',
      { scale: 1e-3 },
    ),
  },
};
