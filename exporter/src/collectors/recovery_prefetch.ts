import { type Collector, counter, gauge } from '../metrics/types.ts';

/** Only in recovery: on a primary the numbers say nothing. */
export const recovery_prefetch: Collector = {
  name: 'recovery_prefetch',
  source: 'postgres',
  scope: 'server',
  needs: ['pg_stat_recovery_prefetch'],
  sql: `select * from pg_catalog.pg_stat_recovery_prefetch where pg_catalog.pg_is_in_recovery()`,
  labels: [],
  columns: {
    prefetch: counter(
      'pg_stat_recovery_prefetch_prefetch_total',
      'Blocks prefetched because they were not in the buffers (pg_stat_recovery_prefetch.prefetch).',
    ),
    hit: counter(
      'pg_stat_recovery_prefetch_hit_total',
      'Blocks not prefetched: already in the buffers (pg_stat_recovery_prefetch.hit).',
    ),
    skip_init: counter(
      'pg_stat_recovery_prefetch_skip_init_total',
      'Blocks not prefetched: to be zeroed anyway (pg_stat_recovery_prefetch.skip_init).',
    ),
    skip_new: counter(
      'pg_stat_recovery_prefetch_skip_new_total',
      'Blocks not prefetched: did not exist yet (pg_stat_recovery_prefetch.skip_new).',
    ),
    skip_fpw: counter(
      'pg_stat_recovery_prefetch_skip_fpw_total',
      'Blocks not prefetched: a full-page image was in the WAL (pg_stat_recovery_prefetch.skip_fpw).',
    ),
    skip_rep: counter(
      'pg_stat_recovery_prefetch_skip_rep_total',
      'Blocks not prefetched: just prefetched (pg_stat_recovery_prefetch.skip_rep).',
    ),
    wal_distance: gauge(
      'pg_stat_recovery_prefetch_wal_distance_bytes',
      'How far ahead in the WAL the prefetcher looks (pg_stat_recovery_prefetch.wal_distance).',
    ),
    block_distance: gauge(
      'pg_stat_recovery_prefetch_block_distance',
      'How many blocks ahead the prefetcher looks (pg_stat_recovery_prefetch.block_distance).',
    ),
    io_depth: gauge(
      'pg_stat_recovery_prefetch_io_depth',
      'Prefetches begun and not known to be done (pg_stat_recovery_prefetch.io_depth).',
    ),
    stats_reset: gauge(
      'pg_stat_recovery_prefetch_stats_reset_timestamp_seconds',
      'When these counters were last reset (pg_stat_recovery_prefetch.stats_reset).',
    ),
  },
};
