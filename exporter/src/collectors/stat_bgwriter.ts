import { type Collector, counter, gauge } from '../metrics/types.ts';

/**
 * From PostgreSQL 17 on the view has three counters. Boards of old ask for the rest under these names: it is read where it
 * went. What sessions write is then counted by pg_stat_io, which also sees what autovacuum and parallel workers write.
 */
const moved = (pages: string): string => `
    select b.*, c.num_timed as checkpoints_timed, c.num_requested as checkpoints_req,
           c.write_time as checkpoint_write_time, c.sync_time as checkpoint_sync_time,
           c.buffers_written as buffers_checkpoint, i.buffers_backend, i.buffers_backend_fsync
      from pg_catalog.pg_stat_bgwriter b
     cross join pg_catalog.pg_stat_checkpointer c
     cross join (select sum(${pages}) as buffers_backend, sum(fsyncs) as buffers_backend_fsync
                   from pg_catalog.pg_stat_io
                  where object = 'relation' and backend_type not in ('background writer', 'checkpointer')) i`;

export const stat_bgwriter: Collector = {
  name: 'stat_bgwriter',
  source: 'postgres',
  scope: 'server',
  sql: [
    {
      needs: ['pg_stat_checkpointer', 'pg_stat_io.write_bytes'],
      sql: moved(`(write_bytes + extend_bytes) / pg_catalog.current_setting('block_size')::int`),
    },
    { needs: ['pg_stat_checkpointer', 'pg_stat_io.op_bytes'], sql: moved('writes + extends') },
    {
      sql: `
    select *
      from pg_catalog.pg_stat_bgwriter`,
    },
  ],
  labels: [],
  columns: {
    checkpoints_timed: counter(
      'pg_stat_bgwriter_checkpoints_timed_total',
      'Checkpoints due to checkpoint_timeout (pg_stat_bgwriter.checkpoints_timed, pg_stat_checkpointer.num_timed from 17).',
    ),
    checkpoints_req: counter(
      'pg_stat_bgwriter_checkpoints_req_total',
      'Checkpoints on request (pg_stat_bgwriter.checkpoints_req, pg_stat_checkpointer.num_requested from 17).',
    ),
    checkpoint_write_time: counter(
      'pg_stat_bgwriter_checkpoint_write_time_total',
      'Milliseconds in which checkpoints wrote files (pg_stat_bgwriter.checkpoint_write_time, pg_stat_checkpointer.write_time from 17).',
    ),
    checkpoint_sync_time: counter(
      'pg_stat_bgwriter_checkpoint_sync_time_total',
      'Milliseconds in which checkpoints synced files (pg_stat_bgwriter.checkpoint_sync_time, pg_stat_checkpointer.sync_time from 17).',
    ),
    buffers_checkpoint: counter(
      'pg_stat_bgwriter_buffers_checkpoint_total',
      'Buffers written by checkpoints (pg_stat_bgwriter.buffers_checkpoint, pg_stat_checkpointer.buffers_written from 17).',
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
      'Buffers that sessions wrote themselves (pg_stat_bgwriter.buffers_backend, pg_stat_io writes and extends from 17).',
    ),
    buffers_backend_fsync: counter(
      'pg_stat_bgwriter_buffers_backend_fsync_total',
      'Files that sessions had to sync themselves (pg_stat_bgwriter.buffers_backend_fsync, pg_stat_io.fsyncs from 17).',
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
