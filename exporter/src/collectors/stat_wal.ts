import { type Collector, counter, gauge } from '../metrics/types.ts';

/**
 * PostgreSQL 18 moved writes and syncs to pg_stat_io. The same calls are counted there, so the sums are exact;
 * the receiver's writes are left out because earlier versions never counted them (its syncs they did).
 */
export const stat_wal: Collector = {
  name: 'stat_wal',
  source: 'postgres',
  scope: 'server',
  needs: ['pg_stat_wal'],
  sql: [
    { needs: ['pg_stat_wal.wal_write'], sql: `select * from pg_catalog.pg_stat_wal` },
    {
      needs: ['pg_stat_io.read_bytes'],
      sql: `
    select w.*, i.*
      from pg_catalog.pg_stat_wal w
     cross join (select sum(writes) filter (where backend_type <> 'walreceiver') as wal_write,
                        sum(write_time) filter (where backend_type <> 'walreceiver') as wal_write_time,
                        sum(fsyncs) as wal_sync, sum(fsync_time) as wal_sync_time
                   from pg_catalog.pg_stat_io
                  where object = 'wal' and context = 'normal') i`,
    },
    { sql: `select * from pg_catalog.pg_stat_wal` },
  ],
  labels: [],
  columns: {
    wal_records: counter('pg_stat_wal_records_total', 'WAL records generated (pg_stat_wal.wal_records).'),
    wal_fpi: counter('pg_stat_wal_fpi_total', 'Full-page images in the WAL (pg_stat_wal.wal_fpi).'),
    wal_bytes: counter('pg_stat_wal_bytes_total', 'WAL generated (pg_stat_wal.wal_bytes).'),
    wal_buffers_full: counter(
      'pg_stat_wal_buffers_full_total',
      'Writes forced because wal_buffers was full (pg_stat_wal.wal_buffers_full).',
    ),
    wal_write: counter(
      'pg_stat_wal_write_total',
      'Writes of WAL buffers to disk (pg_stat_wal.wal_write, pg_stat_io from 18).',
    ),
    wal_sync: counter('pg_stat_wal_sync_total', 'Syncs of WAL files (pg_stat_wal.wal_sync, pg_stat_io from 18).'),
    wal_write_time: counter(
      'pg_stat_wal_write_seconds_total',
      'Time spent writing WAL, 0 without track_wal_io_timing (pg_stat_wal.wal_write_time, pg_stat_io from 18, ms at source).',
      { scale: 1e-3 },
    ),
    wal_sync_time: counter(
      'pg_stat_wal_sync_seconds_total',
      'Time spent syncing WAL, 0 without track_wal_io_timing (pg_stat_wal.wal_sync_time, pg_stat_io from 18, ms at source).',
      { scale: 1e-3 },
    ),
    stats_reset: gauge(
      'pg_stat_wal_stats_reset_timestamp_seconds',
      'When these counters were last reset (pg_stat_wal.stats_reset).',
    ),
  },
};
