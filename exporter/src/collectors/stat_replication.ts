import { type Collector, gauge } from '../metrics/types.ts';

/** One series per connection, as in postgres_exporter; replication_lag has the lags per standby. */
export const stat_replication: Collector = {
  name: 'stat_replication',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select r.application_name, r.client_addr::text as client_addr, r.state, s.slot_name, r.pid, r.sync_priority, r.backend_start,
           pg_catalog.pg_wal_lsn_diff(w.lsn, '0/0') as current_wal_lsn,
           pg_catalog.pg_wal_lsn_diff(w.lsn, r.replay_lsn) as replay_diff,
           pg_catalog.age(r.backend_xmin) as backend_xmin_age
      from pg_catalog.pg_stat_replication r
      left join pg_catalog.pg_replication_slots s on s.active_pid = r.pid
     cross join (select case when pg_catalog.pg_is_in_recovery()
                             then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
                             else pg_catalog.pg_current_wal_lsn()
                        end as lsn) w`,
  labels: ['application_name', 'client_addr', 'state', 'slot_name', 'pid'],
  columns: {
    current_wal_lsn: gauge(
      'pg_stat_replication_pg_current_wal_lsn_bytes',
      'Current position of the WAL in bytes (pg_current_wal_lsn, on a standby pg_last_wal_receive_lsn).',
      { fold: 'max' },
    ),
    replay_diff: gauge(
      'pg_stat_replication_pg_wal_lsn_diff',
      'Bytes of WAL that the standby has not replayed (pg_stat_replication.replay_lsn).',
      { fold: 'max' },
    ),
    backend_start: gauge(
      'pg_stat_replication_backend_start_timestamp_seconds',
      'When the standby connected (pg_stat_replication.backend_start).',
      { fold: 'none' },
    ),
    backend_xmin_age: gauge(
      'pg_stat_replication_backend_xmin_age',
      'Transactions that the standby’s feedback keeps visible (pg_stat_replication.backend_xmin).',
      { fold: 'max' },
    ),
    sync_priority: gauge(
      'pg_stat_replication_sync_priority',
      'Rank among the synchronous standbys, 0 if not one (pg_stat_replication.sync_priority).',
      { fold: 'none' },
    ),
  },
};
