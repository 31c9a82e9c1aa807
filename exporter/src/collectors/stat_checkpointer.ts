import { type Collector, counter, gauge } from '../metrics/types.ts';

/** Until PostgreSQL 16 the same numbers stand in pg_stat_bgwriter: one set of names on every version. */
export const stat_checkpointer: Collector = {
  name: 'stat_checkpointer',
  source: 'postgres',
  scope: 'server',
  sql: [
    {
      needs: ['pg_stat_checkpointer'],
      sql: `
    select *
      from pg_catalog.pg_stat_checkpointer`,
    },
    {
      sql: `
    select checkpoints_timed as num_timed,
           checkpoints_req as num_requested,
           checkpoint_write_time as write_time,
           checkpoint_sync_time as sync_time,
           buffers_checkpoint as buffers_written,
           stats_reset
      from pg_catalog.pg_stat_bgwriter`,
    },
  ],
  labels: [],
  columns: {
    num_timed: counter(
      'pg_stat_checkpointer_num_timed_total',
      'Checkpoints due to checkpoint_timeout (pg_stat_checkpointer.num_timed).',
    ),
    num_requested: counter(
      'pg_stat_checkpointer_num_requested_total',
      'Checkpoints on request, by WAL size or by hand (pg_stat_checkpointer.num_requested).',
    ),
    num_done: counter(
      'pg_stat_checkpointer_num_done_total',
      'Checkpoints completed, PostgreSQL 18 and newer (pg_stat_checkpointer.num_done).',
    ),
    restartpoints_timed: counter(
      'pg_stat_checkpointer_restartpoints_timed_total',
      'Restartpoints due to checkpoint_timeout, PostgreSQL 17 and newer (pg_stat_checkpointer.restartpoints_timed).',
    ),
    restartpoints_req: counter(
      'pg_stat_checkpointer_restartpoints_req_total',
      'Restartpoints on request, PostgreSQL 17 and newer (pg_stat_checkpointer.restartpoints_req).',
    ),
    restartpoints_done: counter(
      'pg_stat_checkpointer_restartpoints_done_total',
      'Restartpoints completed, PostgreSQL 17 and newer (pg_stat_checkpointer.restartpoints_done).',
    ),
    write_time: [
      counter(
        'pg_stat_checkpointer_write_time_total',
        'Milliseconds in which files were written (pg_stat_checkpointer.write_time).',
      ),
      counter(
        'pg_stat_checkpointer_write_time_seconds_total',
        'Time in which files were written (pg_stat_checkpointer.write_time, ms at source).',
        { scale: 1e-3 },
      ),
    ],
    sync_time: [
      counter(
        'pg_stat_checkpointer_sync_time_total',
        'Milliseconds in which files were synced (pg_stat_checkpointer.sync_time).',
      ),
      counter(
        'pg_stat_checkpointer_sync_time_seconds_total',
        'Time in which files were synced (pg_stat_checkpointer.sync_time, ms at source).',
        { scale: 1e-3 },
      ),
    ],
    buffers_written: counter(
      'pg_stat_checkpointer_buffers_written_total',
      'Buffers written by checkpoints and restartpoints (pg_stat_checkpointer.buffers_written).',
    ),
    slru_written: counter(
      'pg_stat_checkpointer_slru_written_total',
      'SLRU buffers written by checkpoints and restartpoints, PostgreSQL 18 and newer (pg_stat_checkpointer.slru_written).',
    ),
    stats_reset: [
      counter(
        'pg_stat_checkpointer_stats_reset_total',
        'A timestamp, not a count: when these counters were reset (pg_stat_checkpointer.stats_reset).',
      ),
      gauge(
        'pg_stat_checkpointer_stats_reset_timestamp_seconds',
        'When these counters were reset (pg_stat_checkpointer.stats_reset).',
      ),
    ],
  },
};
