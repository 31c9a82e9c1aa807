import { type Collector, counter, gauge } from '../metrics/types.ts';

/** Bytes exist on every version: PostgreSQL 18 counts them, before it every operation has the same size. */
export const stat_io: Collector = {
  name: 'stat_io',
  source: 'postgres',
  scope: 'server',
  needs: ['pg_stat_io'],
  sql: [
    {
      needs: ['pg_stat_io.read_bytes'],
      sql: `
    select i.*, case when row_number() over () = 1 then i.stats_reset end as reset
      from pg_catalog.pg_stat_io i`,
    },
    {
      needs: ['pg_stat_io.op_bytes'],
      sql: `
    select i.*, i.reads * i.op_bytes as read_bytes, i.writes * i.op_bytes as write_bytes,
           i.extends * i.op_bytes as extend_bytes,
           case when row_number() over () = 1 then i.stats_reset end as reset
      from pg_catalog.pg_stat_io i`,
    },
  ],
  labels: ['backend_type', 'object', 'context'],
  columns: {
    reads: counter('pg_stat_io_reads_total', 'Read operations (pg_stat_io.reads).'),
    read_bytes: counter(
      'pg_stat_io_read_bytes_total',
      'Bytes read (pg_stat_io.read_bytes, reads × op_bytes before 18).',
    ),
    read_time: counter(
      'pg_stat_io_read_seconds_total',
      'Time spent reading, 0 without track_io_timing (pg_stat_io.read_time, ms at source).',
      { scale: 1e-3 },
    ),
    writes: counter('pg_stat_io_writes_total', 'Write operations (pg_stat_io.writes).'),
    write_bytes: counter(
      'pg_stat_io_write_bytes_total',
      'Bytes written (pg_stat_io.write_bytes, writes × op_bytes before 18).',
    ),
    write_time: counter(
      'pg_stat_io_write_seconds_total',
      'Time spent writing, 0 without track_io_timing (pg_stat_io.write_time, ms at source).',
      { scale: 1e-3 },
    ),
    writebacks: counter(
      'pg_stat_io_writebacks_total',
      'Blocks the kernel was asked to write out (pg_stat_io.writebacks).',
    ),
    writeback_time: counter(
      'pg_stat_io_writeback_seconds_total',
      'Time spent asking for writeback (pg_stat_io.writeback_time, ms at source).',
      { scale: 1e-3 },
    ),
    extends: counter('pg_stat_io_extends_total', 'Operations that made a relation longer (pg_stat_io.extends).'),
    extend_bytes: counter(
      'pg_stat_io_extend_bytes_total',
      'Bytes relations grew by (pg_stat_io.extend_bytes, extends × op_bytes before 18).',
    ),
    extend_time: counter(
      'pg_stat_io_extend_seconds_total',
      'Time spent making relations longer (pg_stat_io.extend_time, ms at source).',
      { scale: 1e-3 },
    ),
    hits: counter('pg_stat_io_hits_total', 'Blocks found in a shared or local buffer (pg_stat_io.hits).'),
    evictions: counter(
      'pg_stat_io_evictions_total',
      'Blocks thrown out of a buffer to make room for another (pg_stat_io.evictions).',
    ),
    reuses: counter('pg_stat_io_reuses_total', 'Buffers used again within a ring (pg_stat_io.reuses).'),
    fsyncs: counter('pg_stat_io_fsyncs_total', 'fsync calls (pg_stat_io.fsyncs).'),
    fsync_time: counter(
      'pg_stat_io_fsync_seconds_total',
      'Time spent in fsync, 0 without track_io_timing (pg_stat_io.fsync_time, ms at source).',
      { scale: 1e-3 },
    ),
    reset: gauge(
      'pg_stat_io_stats_reset_timestamp_seconds',
      'When these counters were last reset (pg_stat_io.stats_reset).',
      { labels: [], fold: 'max' },
    ),
  },
};
