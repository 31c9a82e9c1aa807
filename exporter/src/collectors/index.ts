import type { Collector } from '../metrics/types.ts';
import { archive_status } from './archive_status.ts';
import { buffercache_summary } from './buffercache_summary.ts';
import { connection_limits } from './connection_limits.ts';
import { database } from './database.ts';
import { database_wraparound } from './database_wraparound.ts';
import { duplicates } from './duplicates.ts';
import { functions } from './functions.ts';
import { incomplete_tracks } from './incomplete_tracks.ts';
import { index_bloat } from './index_bloat.ts';
import { index_findings } from './index_findings.ts';
import { ingestion } from './ingestion.ts';
import { invalid_indexes } from './invalid_indexes.ts';
import { locks } from './locks.ts';
import { long_running_transactions } from './long_running_transactions.ts';
import { matviews } from './matviews.ts';
import { partitions } from './partitions.ts';
import { pending_restart } from './pending_restart.ts';
import { pgbouncer_clients } from './pgbouncer_clients.ts';
import { pgbouncer_config } from './pgbouncer_config.ts';
import { pgbouncer_databases } from './pgbouncer_databases.ts';
import { pgbouncer_lists } from './pgbouncer_lists.ts';
import { pgbouncer_mem } from './pgbouncer_mem.ts';
import { pgbouncer_peer_pools } from './pgbouncer_peer_pools.ts';
import { pgbouncer_pools } from './pgbouncer_pools.ts';
import { pgbouncer_servers } from './pgbouncer_servers.ts';
import { pgbouncer_stats } from './pgbouncer_stats.ts';
import { pgbouncer_state } from './pgbouncer_state.ts';
import { pgbouncer_users } from './pgbouncer_users.ts';
import { pgbouncer_version } from './pgbouncer_version.ts';
import { postmaster } from './postmaster.ts';
import { prepared_xacts } from './prepared_xacts.ts';
import { process_idle } from './process_idle.ts';
import { recovery_prefetch } from './recovery_prefetch.ts';
import { replication } from './replication.ts';
import { replication_lag } from './replication_lag.ts';
import { replication_slots } from './replication_slots.ts';
import { replication_slot_stats } from './replication_slot_stats.ts';
import { roles } from './roles.ts';
import { sequences } from './sequences.ts';
import { server } from './server.ts';
import { sessions } from './sessions.ts';
import { settings } from './settings.ts';
import { ssl } from './ssl.ts';
import { stat_activity } from './stat_activity.ts';
import { stat_activity_autovacuum } from './stat_activity_autovacuum.ts';
import { stat_archiver } from './stat_archiver.ts';
import { stat_bgwriter } from './stat_bgwriter.ts';
import { stat_checkpointer } from './stat_checkpointer.ts';
import { stat_database } from './stat_database.ts';
import { stat_database_conflicts } from './stat_database_conflicts.ts';
import { stat_io } from './stat_io.ts';
import { stat_progress_analyze } from './stat_progress_analyze.ts';
import { stat_progress_basebackup } from './stat_progress_basebackup.ts';
import { stat_progress_cluster } from './stat_progress_cluster.ts';
import { stat_progress_copy } from './stat_progress_copy.ts';
import { stat_progress_create_index } from './stat_progress_create_index.ts';
import { stat_progress_vacuum } from './stat_progress_vacuum.ts';
import { stat_replication } from './stat_replication.ts';
import { stat_slru } from './stat_slru.ts';
import { stat_statements } from './stat_statements.ts';
import { stat_statements_query_id } from './stat_statements_query_id.ts';
import { stat_user_indexes } from './stat_user_indexes.ts';
import { stat_user_tables } from './stat_user_tables.ts';
import { stat_wal } from './stat_wal.ts';
import { stat_wal_receiver } from './stat_wal_receiver.ts';
import { statio_user_indexes } from './statio_user_indexes.ts';
import { statio_user_tables } from './statio_user_tables.ts';
import { stats_reset } from './stats_reset.ts';
import { subscriptions } from './subscriptions.ts';
import { subscription_stats } from './subscription_stats.ts';
import { sync_standbys } from './sync_standbys.ts';
import { system } from './system.ts';
import { table_bloat } from './table_bloat.ts';
import { user_index_sizes } from './user_index_sizes.ts';
import { user_table_sizes } from './user_table_sizes.ts';
import { vacuum_need } from './vacuum_need.ts';
import { wal } from './wal.ts';
import { xid_age } from './xid_age.ts';
import { xmin_horizon } from './xmin_horizon.ts';

/** Every collector, in the order in which its metrics are exposed. A test compares the list with the folder. */
export const collectors: readonly Collector[] = [
  server,
  system,
  postmaster,
  database,
  database_wraparound,
  xid_age,
  xmin_horizon,
  connection_limits,
  roles,
  locks,
  sessions,
  stat_activity,
  stat_activity_autovacuum,
  long_running_transactions,
  process_idle,
  prepared_xacts,
  ssl,
  stat_database,
  stat_database_conflicts,
  stat_bgwriter,
  stat_checkpointer,
  stat_archiver,
  archive_status,
  wal,
  stat_wal,
  stat_io,
  stat_slru,
  buffercache_summary,
  replication,
  replication_lag,
  replication_slots,
  replication_slot_stats,
  stat_replication,
  stat_wal_receiver,
  sync_standbys,
  recovery_prefetch,
  subscriptions,
  subscription_stats,
  stat_progress_vacuum,
  stat_progress_analyze,
  stat_progress_basebackup,
  stat_progress_cluster,
  stat_progress_copy,
  stat_progress_create_index,
  stat_statements,
  stat_statements_query_id,
  functions,
  stats_reset,
  pending_restart,
  settings,
  stat_user_tables,
  statio_user_tables,
  user_table_sizes,
  stat_user_indexes,
  statio_user_indexes,
  user_index_sizes,
  sequences,
  invalid_indexes,
  index_findings,
  table_bloat,
  index_bloat,
  vacuum_need,
  partitions,
  matviews,
  duplicates,
  incomplete_tracks,
  ingestion,
  pgbouncer_version,
  pgbouncer_state,
  pgbouncer_stats,
  pgbouncer_pools,
  pgbouncer_databases,
  pgbouncer_users,
  pgbouncer_clients,
  pgbouncer_servers,
  pgbouncer_lists,
  pgbouncer_config,
  pgbouncer_mem,
  pgbouncer_peer_pools,
];
