/** Names of metrics that other people's boards for PostgreSQL and PgBouncer ask for: whoever has one keeps it. */

/** The board of postgres_exporter's own mixin, which is also number 455. */
const MIXIN = [
  ...[
    'blks_hit',
    'blks_read',
    'conflicts',
    'deadlocks',
    'numbackends',
    'tup_deleted',
    'tup_fetched',
    'tup_inserted',
  ].map((name) => `pg_stat_database_${name}`),
  ...['tup_returned', 'tup_updated', 'xact_commit', 'xact_rollback'].map((name) => `pg_stat_database_${name}`),
  ...['alloc', 'backend', 'backend_fsync', 'checkpoint', 'clean'].map(
    (name) => `pg_stat_bgwriter_buffers_${name}_total`,
  ),
];

/** Number 9628, beside those. */
const NUMBER_9628 = [
  ...['pg_locks_count', 'pg_postmaster_start_time_seconds', 'pg_stat_activity_count', 'pg_stat_database_temp_bytes'],
  ...['pg_static', 'pg_stat_bgwriter_checkpoint_sync_time_total', 'pg_stat_bgwriter_checkpoint_write_time_total'],
  ...['effective_cache_size_bytes', 'maintenance_work_mem_bytes', 'max_connections', 'max_parallel_workers'].map(
    (name) => `pg_settings_${name}`,
  ),
  ...['max_wal_size_bytes', 'max_worker_processes', 'random_page_cost', 'seq_page_cost', 'shared_buffers_bytes'].map(
    (name) => `pg_settings_${name}`,
  ),
  'pg_settings_work_mem_bytes',
  ...['cpu_seconds_total', 'open_fds', 'resident_memory_bytes', 'virtual_memory_bytes'].map(
    (name) => `process_${name}`,
  ),
];

/** The boards of the mixin for PgBouncer. */
const PGBOUNCER = [
  ...['config_max_client_connections', 'config_max_user_connections', 'databases_max_connections'],
  ...['client_active_connections', 'client_maxwait_seconds', 'client_waiting_connections'].map(
    (name) => `pools_${name}`,
  ),
  ...['active', 'idle', 'login', 'testing', 'used'].map((name) => `pools_server_${name}_connections`),
  ...[
    'queries_duration_seconds',
    'queries_pooled',
    'received_bytes',
    'sent_bytes',
    'server_in_transaction_seconds',
  ].map((name) => `stats_${name}_total`),
  'stats_sql_transactions_pooled_total',
].map((name) => `pgbouncer_${name}`);

export const PEERS: readonly string[] = [...MIXIN, ...NUMBER_9628, ...PGBOUNCER];
