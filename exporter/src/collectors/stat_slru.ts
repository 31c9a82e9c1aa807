import { type Collector, counter, gauge } from '../metrics/types.ts';

/** The names are the server's; PostgreSQL 17 renamed them all (`Xact` became `transaction`). */
export const stat_slru: Collector = {
  name: 'stat_slru',
  source: 'postgres',
  scope: 'server',
  sql: `select * from pg_catalog.pg_stat_slru`,
  labels: ['name'],
  columns: {
    blks_zeroed: counter('pg_stat_slru_blks_zeroed_total', 'Blocks zeroed (pg_stat_slru.blks_zeroed).'),
    blks_hit: counter('pg_stat_slru_blks_hit_total', 'Blocks found in the cache (pg_stat_slru.blks_hit).'),
    blks_read: counter('pg_stat_slru_blks_read_total', 'Blocks read from disk (pg_stat_slru.blks_read).'),
    blks_written: counter('pg_stat_slru_blks_written_total', 'Blocks written to disk (pg_stat_slru.blks_written).'),
    blks_exists: counter('pg_stat_slru_blks_exists_total', 'Checks whether a block exists (pg_stat_slru.blks_exists).'),
    flushes: counter('pg_stat_slru_flushes_total', 'Flushes of dirty data (pg_stat_slru.flushes).'),
    truncates: counter('pg_stat_slru_truncates_total', 'Truncations (pg_stat_slru.truncates).'),
    stats_reset: gauge(
      'pg_stat_slru_stats_reset_timestamp_seconds',
      'When these counters were last reset (pg_stat_slru.stats_reset).',
      { fold: 'max' },
    ),
  },
};
