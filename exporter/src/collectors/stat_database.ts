import { type Collector, counter, gauge } from '../metrics/types.ts';

/** The row of the shared objects (no name) is left out, as in postgres_exporter. */
export const stat_database: Collector = {
  name: 'stat_database',
  source: 'postgres',
  scope: 'server',
  sql: `
    select *
      from pg_catalog.pg_stat_database
     where datname is not null`,
  labels: ['datid', 'datname'],
  columns: {
    numbackends: gauge('pg_stat_database_numbackends', 'Sessions now (pg_stat_database.numbackends).'),
    xact_commit: counter('pg_stat_database_xact_commit', 'Transactions committed (pg_stat_database.xact_commit).'),
    xact_rollback: counter(
      'pg_stat_database_xact_rollback',
      'Transactions rolled back (pg_stat_database.xact_rollback).',
    ),
    blks_read: counter('pg_stat_database_blks_read', 'Blocks read from files (pg_stat_database.blks_read).'),
    blks_hit: counter('pg_stat_database_blks_hit', 'Blocks found in shared buffers (pg_stat_database.blks_hit).'),
    tup_returned: counter(
      'pg_stat_database_tup_returned',
      'Live rows read by sequential scans and index entries by index scans (pg_stat_database.tup_returned).',
    ),
    tup_fetched: counter(
      'pg_stat_database_tup_fetched',
      'Live rows fetched by index scans (pg_stat_database.tup_fetched).',
    ),
    tup_inserted: counter('pg_stat_database_tup_inserted', 'Rows inserted (pg_stat_database.tup_inserted).'),
    tup_updated: counter('pg_stat_database_tup_updated', 'Rows updated (pg_stat_database.tup_updated).'),
    tup_deleted: counter('pg_stat_database_tup_deleted', 'Rows deleted (pg_stat_database.tup_deleted).'),
    conflicts: counter(
      'pg_stat_database_conflicts',
      'Queries cancelled by recovery, on a standby only (pg_stat_database.conflicts).',
    ),
    temp_files: counter('pg_stat_database_temp_files', 'Temporary files created (pg_stat_database.temp_files).'),
    temp_bytes: counter(
      'pg_stat_database_temp_bytes',
      'Bytes written to temporary files (pg_stat_database.temp_bytes).',
    ),
    deadlocks: counter('pg_stat_database_deadlocks', 'Deadlocks (pg_stat_database.deadlocks).'),
    checksum_failures: counter(
      'pg_stat_database_checksum_failures_total',
      'Pages with a wrong checksum, absent without checksums (pg_stat_database.checksum_failures).',
    ),
    checksum_last_failure: gauge(
      'pg_stat_database_checksum_last_failure_timestamp_seconds',
      'When a wrong checksum was last seen (pg_stat_database.checksum_last_failure).',
      { fold: 'max' },
    ),
    blk_read_time: [
      counter('pg_stat_database_blk_read_time', 'Milliseconds spent reading blocks (pg_stat_database.blk_read_time).'),
      counter(
        'pg_stat_database_blk_read_time_seconds_total',
        'Time spent reading blocks, 0 without track_io_timing (pg_stat_database.blk_read_time, ms at source).',
        { scale: 1e-3 },
      ),
    ],
    blk_write_time: [
      counter(
        'pg_stat_database_blk_write_time',
        'Milliseconds spent writing blocks (pg_stat_database.blk_write_time).',
      ),
      counter(
        'pg_stat_database_blk_write_time_seconds_total',
        'Time spent writing blocks, 0 without track_io_timing (pg_stat_database.blk_write_time, ms at source).',
        { scale: 1e-3 },
      ),
    ],
    session_time: counter(
      'pg_stat_database_session_time_seconds_total',
      'Time of all sessions, idle or not (pg_stat_database.session_time, ms at source).',
      { scale: 1e-3 },
    ),
    active_time: counter(
      'pg_stat_database_active_time_seconds_total',
      'Time of sessions executing a statement (pg_stat_database.active_time, ms at source).',
      { scale: 1e-3 },
    ),
    idle_in_transaction_time: counter(
      'pg_stat_database_idle_in_transaction_time_seconds_total',
      'Time of sessions idle in a transaction (pg_stat_database.idle_in_transaction_time, ms at source).',
      { scale: 1e-3 },
    ),
    sessions: counter('pg_stat_database_sessions_total', 'Sessions begun (pg_stat_database.sessions).'),
    sessions_abandoned: counter(
      'pg_stat_database_sessions_abandoned_total',
      'Sessions whose client vanished (pg_stat_database.sessions_abandoned).',
    ),
    sessions_fatal: counter(
      'pg_stat_database_sessions_fatal_total',
      'Sessions ended by a fatal error (pg_stat_database.sessions_fatal).',
    ),
    sessions_killed: counter(
      'pg_stat_database_sessions_killed_total',
      'Sessions terminated by an operator (pg_stat_database.sessions_killed).',
    ),
    parallel_workers_to_launch: counter(
      'pg_stat_database_parallel_workers_to_launch_total',
      'Parallel workers planned, PostgreSQL 18 and newer (pg_stat_database.parallel_workers_to_launch).',
    ),
    parallel_workers_launched: counter(
      'pg_stat_database_parallel_workers_launched_total',
      'Parallel workers started, PostgreSQL 18 and newer (pg_stat_database.parallel_workers_launched).',
    ),
    stats_reset: [
      counter(
        'pg_stat_database_stats_reset',
        'A timestamp, not a count: when these counters were reset (pg_stat_database.stats_reset).',
        { fold: 'none' },
      ),
      gauge(
        'pg_stat_database_stats_reset_timestamp_seconds',
        'When these counters were reset, absent if never (pg_stat_database.stats_reset).',
        { fold: 'none' },
      ),
    ],
  },
};
