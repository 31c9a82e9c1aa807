import { stat_archiver } from '../../collectors/stat_archiver.ts';
import { type Collector, counter, gauge, histogram, untyped } from '../types.ts';
import type { Profile } from './types.ts';

const unknown = (column: string) =>
  untyped(`pg_stat_database_${column}`, `As PostgreSQL has it (pg_stat_database.${column}).`);

const known = (column: string, help: string) =>
  counter(`pg_stat_database_${column}`, `${help} (pg_stat_database.${column}).`);

/** Sessions by state only. */
const stat_activity: Collector = {
  name: 'stat_activity',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select d.datname, m.state,
           count(a.pid) as count,
           coalesce(max(extract(epoch from pg_catalog.now() - a.xact_start)), 0) as max_tx_duration
      from pg_catalog.pg_database d
     cross join (values ('active'), ('idle'), ('idle in transaction'), ('idle in transaction (aborted)'),
                        ('fastpath function call'), ('disabled')) m (state)
      left join pg_catalog.pg_stat_activity a on a.datid = d.oid and a.state = m.state
                                             and a.pid <> pg_catalog.pg_backend_pid()
     group by d.datname, m.state`,
  labels: ['datname', 'state'],
  columns: {
    count: gauge('pg_stat_activity_count', 'Sessions (pg_stat_activity).'),
    max_tx_duration: gauge(
      'pg_stat_activity_max_tx_duration',
      'Seconds since the oldest open transaction began, 0 without one (pg_stat_activity.xact_start).',
      { fold: 'max' },
    ),
  },
};

/** With the row of the shared objects, and NaN where PostgreSQL has NULL. */
const stat_database: Collector = {
  name: 'stat_database',
  source: 'postgres',
  scope: 'server',
  sql: `
    select *,
           coalesce(extract(epoch from stats_reset), 'NaN') as reset,
           coalesce(checksum_failures::float8, 'NaN') as failures,
           coalesce(extract(epoch from checksum_last_failure), 'NaN') as last_failure
      from pg_catalog.pg_stat_database`,
  labels: ['datid', 'datname'],
  columns: {
    numbackends: gauge('pg_stat_database_numbackends', 'Sessions now (pg_stat_database.numbackends).'),
    xact_commit: known('xact_commit', 'Transactions committed'),
    xact_rollback: known('xact_rollback', 'Transactions rolled back'),
    blks_read: known('blks_read', 'Blocks read from files'),
    blks_hit: known('blks_hit', 'Blocks found in shared buffers'),
    tup_returned: known('tup_returned', 'Live rows read by scans'),
    tup_fetched: known('tup_fetched', 'Live rows fetched by index scans'),
    tup_inserted: known('tup_inserted', 'Rows inserted'),
    tup_updated: known('tup_updated', 'Rows updated'),
    tup_deleted: known('tup_deleted', 'Rows deleted'),
    conflicts: known('conflicts', 'Queries cancelled by recovery, on a standby only'),
    temp_files: known('temp_files', 'Temporary files created'),
    temp_bytes: known('temp_bytes', 'Bytes written to temporary files'),
    deadlocks: known('deadlocks', 'Deadlocks'),
    blk_read_time: known('blk_read_time', 'Milliseconds spent reading blocks'),
    blk_write_time: known('blk_write_time', 'Milliseconds spent writing blocks'),
    reset: known('stats_reset', 'A timestamp, not a count: when these counters were reset'),
    failures: unknown('checksum_failures'),
    last_failure: unknown('checksum_last_failure'),
    session_time: unknown('session_time'),
    active_time: unknown('active_time'),
    idle_in_transaction_time: unknown('idle_in_transaction_time'),
    sessions: unknown('sessions'),
    sessions_abandoned: unknown('sessions_abandoned'),
    sessions_fatal: unknown('sessions_fatal'),
    sessions_killed: unknown('sessions_killed'),
    parallel_workers_to_launch: unknown('parallel_workers_to_launch'),
    parallel_workers_launched: unknown('parallel_workers_launched'),
  },
};

/** `slot_name` held the walsender's process id; it still does here, so that series keep their identity and stay distinct. */
const stat_replication: Collector = {
  name: 'stat_replication',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select r.application_name, r.client_addr, r.state, r.pid as slot_name, r.reply_time,
           pg_catalog.pg_wal_lsn_diff(w.lsn, '0/0') as current_wal_lsn,
           pg_catalog.pg_wal_lsn_diff(w.lsn, r.replay_lsn) as replay_diff
      from pg_catalog.pg_stat_replication r
     cross join (select case when pg_catalog.pg_is_in_recovery()
                             then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
                             else pg_catalog.pg_current_wal_lsn()
                        end as lsn) w`,
  labels: ['application_name', 'client_addr', 'slot_name', 'state'],
  columns: {
    current_wal_lsn: gauge(
      'pg_stat_replication_pg_current_wal_lsn_bytes',
      'Current position of the WAL in bytes (pg_current_wal_lsn, on a standby pg_last_wal_receive_lsn).',
    ),
    replay_diff: gauge(
      'pg_stat_replication_pg_wal_lsn_diff',
      'Bytes of WAL that the standby has not replayed (pg_stat_replication.replay_lsn).',
    ),
    reply_time: untyped(
      'pg_stat_replication_reply_time',
      'When the standby sent its last answer, by its clock (pg_stat_replication.reply_time).',
    ),
  },
};

/** Idle sessions by application only; here the buckets add up. */
const process_idle: Collector = {
  name: 'process_idle',
  source: 'postgres',
  scope: 'server',
  enabled: false,
  wants: ['role pg_read_all_stats'],
  sql: `
    select s.application_name,
           array[1, 2, 5, 15, 30, 60, 90, 120, 300] as seconds,
           array[count(*) filter (where s.idle <= 1),
                 count(*) filter (where s.idle <= 2),
                 count(*) filter (where s.idle <= 5),
                 count(*) filter (where s.idle <= 15),
                 count(*) filter (where s.idle <= 30),
                 count(*) filter (where s.idle <= 60),
                 count(*) filter (where s.idle <= 90),
                 count(*) filter (where s.idle <= 120),
                 count(*) filter (where s.idle <= 300)] as seconds_bucket,
           sum(s.idle) as seconds_sum,
           count(*) as seconds_count
      from (select a.application_name,
                   greatest(0, extract(epoch from pg_catalog.clock_timestamp() - a.state_change)) as idle
              from pg_catalog.pg_stat_activity a
             where a.state = 'idle'
               and a.pid <> pg_catalog.pg_backend_pid()) s
     group by s.application_name`,
  labels: ['application_name'],
  columns: {
    seconds: histogram(
      'pg_process_idle_seconds',
      'How long idle sessions have been idle (pg_stat_activity.state_change).',
    ),
  },
};

/** NaN until something is archived. */
const archiver: Collector = {
  ...stat_archiver,
  sql: `
    select a.archived_count,
           a.failed_count,
           coalesce(extract(epoch from pg_catalog.now() - a.last_archived_time), 'NaN') as last_archive_age
      from pg_catalog.pg_stat_archiver a`,
};

/** 0.11.1, by default and with the example queries that Debian ships: those are off until named, as they were. */
export const v0_11: Profile = {
  name: '0.11',
  serverLabel: true,
  replace: { process_idle, stat_activity, stat_archiver: archiver, stat_database, stat_replication },
  rename: {
    pg_replication_lag_seconds: 'pg_replication_lag',
    pg_statio_user_tables_heap_blocks_read: 'pg_statio_user_tables_heap_blks_read',
    pg_statio_user_tables_heap_blocks_hit: 'pg_statio_user_tables_heap_blks_hit',
    pg_statio_user_tables_idx_blocks_read: 'pg_statio_user_tables_idx_blks_read',
    pg_statio_user_tables_idx_blocks_hit: 'pg_statio_user_tables_idx_blks_hit',
    pg_statio_user_tables_toast_blocks_read: 'pg_statio_user_tables_toast_blks_read',
    pg_statio_user_tables_toast_blocks_hit: 'pg_statio_user_tables_toast_blks_hit',
    pg_statio_user_tables_tidx_blocks_read: 'pg_statio_user_tables_tidx_blks_read',
    pg_statio_user_tables_tidx_blocks_hit: 'pg_statio_user_tables_tidx_blks_hit',
  },
  types: {},
  omit: [
    'pg_database_connection_limit',
    'pg_replication_is_replica',
    'pg_replication_last_replay_seconds',
    'pg_replication_last_replay_timestamp_seconds',
    'pg_replication_slots_catalog_xmin_age',
    'pg_replication_slots_conflicting',
    'pg_replication_slots_confirmed_flush_lag_bytes',
    'pg_replication_slots_failover',
    'pg_replication_slots_inactive_since_timestamp_seconds',
    'pg_replication_slots_retained_wal_bytes',
    'pg_replication_slots_safe_wal_size_bytes',
    'pg_replication_slots_slot_confirmed_flush_lsn',
    'pg_replication_slots_slot_current_wal_lsn',
    'pg_replication_slots_slot_is_active',
    'pg_replication_slots_synced',
    'pg_replication_slots_wal_status',
    'pg_replication_slots_xmin_age',
    'pg_stat_archiver_last_archived_timestamp_seconds',
    'pg_stat_archiver_last_failed_timestamp_seconds',
    'pg_stat_archiver_stats_reset_timestamp_seconds',
    'pg_stat_bgwriter_stats_reset_timestamp_seconds',
    'pg_stat_user_tables_n_ins_since_vacuum',
    'pg_stat_user_tables_n_tup_newpage_upd_total',
    'pg_stat_user_tables_last_seq_scan_timestamp_seconds',
    'pg_stat_user_tables_last_idx_scan_timestamp_seconds',
    'pg_stat_user_tables_vacuum_time_seconds_total',
    'pg_stat_user_tables_autovacuum_time_seconds_total',
    'pg_stat_user_tables_analyze_time_seconds_total',
    'pg_stat_user_tables_autoanalyze_time_seconds_total',
  ],
};
