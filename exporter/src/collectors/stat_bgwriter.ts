import { type Collector, counter, gauge } from '../metrics/types.ts';

/** From PostgreSQL 17 on the view has three counters; stat_checkpointer has the checkpoints, on every version. */
export const stat_bgwriter: Collector = {
  name: 'stat_bgwriter',
  source: 'postgres',
  scope: 'server',
  sql: `
    select *
      from pg_catalog.pg_stat_bgwriter`,
  labels: [],
  columns: {
    checkpoints_timed: counter(
      'pg_stat_bgwriter_checkpoints_timed_total',
      'Checkpoints due to checkpoint_timeout, PostgreSQL 16 and older (pg_stat_bgwriter.checkpoints_timed).',
    ),
    checkpoints_req: counter(
      'pg_stat_bgwriter_checkpoints_req_total',
      'Checkpoints on request, PostgreSQL 16 and older (pg_stat_bgwriter.checkpoints_req).',
    ),
    checkpoint_write_time: counter(
      'pg_stat_bgwriter_checkpoint_write_time_total',
      'Milliseconds in which checkpoints wrote files, PostgreSQL 16 and older (pg_stat_bgwriter.checkpoint_write_time).',
    ),
    checkpoint_sync_time: counter(
      'pg_stat_bgwriter_checkpoint_sync_time_total',
      'Milliseconds in which checkpoints synced files, PostgreSQL 16 and older (pg_stat_bgwriter.checkpoint_sync_time).',
    ),
    buffers_checkpoint: counter(
      'pg_stat_bgwriter_buffers_checkpoint_total',
      'Buffers written by checkpoints, PostgreSQL 16 and older (pg_stat_bgwriter.buffers_checkpoint).',
    ),
    buffers_clean: counter(
      'pg_stat_bgwriter_buffers_clean_total',
      'Buffers written by the background writer (pg_stat_bgwriter.buffers_clean).',
    ),
    maxwritten_clean: counter(
      'pg_stat_bgwriter_maxwritten_clean_total',
      'Rounds that ended at bgwriter_lru_maxpages (pg_stat_bgwriter.maxwritten_clean).',
    ),
    buffers_backend: counter(
      'pg_stat_bgwriter_buffers_backend_total',
      'Buffers that sessions wrote themselves, PostgreSQL 16 and older (pg_stat_bgwriter.buffers_backend).',
    ),
    buffers_backend_fsync: counter(
      'pg_stat_bgwriter_buffers_backend_fsync_total',
      'Files that sessions had to sync themselves, PostgreSQL 16 and older (pg_stat_bgwriter.buffers_backend_fsync).',
    ),
    buffers_alloc: counter(
      'pg_stat_bgwriter_buffers_alloc_total',
      'Buffers allocated (pg_stat_bgwriter.buffers_alloc).',
    ),
    stats_reset: [
      counter(
        'pg_stat_bgwriter_stats_reset_total',
        'A timestamp, not a count: when these counters were reset (pg_stat_bgwriter.stats_reset).',
      ),
      gauge(
        'pg_stat_bgwriter_stats_reset_timestamp_seconds',
        'When these counters were reset (pg_stat_bgwriter.stats_reset).',
      ),
    ],
  },
};
