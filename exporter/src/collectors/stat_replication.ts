import { type Collector, gauge } from '../metrics/types.ts';

export const stat_replication: Collector = {
  name: 'stat_replication',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select r.pid, r.application_name, r.client_addr, r.state, s.slot_name, r.sync_state, r.sync_priority, r.reply_time,
           r.backend_start,
           pg_catalog.pg_wal_lsn_diff(w.lsn, '0/0') as current_wal_lsn,
           pg_catalog.pg_wal_lsn_diff(w.lsn, r.sent_lsn) as sent_diff,
           pg_catalog.pg_wal_lsn_diff(w.lsn, r.write_lsn) as write_diff,
           pg_catalog.pg_wal_lsn_diff(w.lsn, r.flush_lsn) as flush_diff,
           pg_catalog.pg_wal_lsn_diff(w.lsn, r.replay_lsn) as replay_diff,
           extract(epoch from r.write_lag) as write_lag,
           extract(epoch from r.flush_lag) as flush_lag,
           extract(epoch from r.replay_lag) as replay_lag,
           pg_catalog.age(r.backend_xmin) as backend_xmin_age,
           case when r.sync_state is not null then 1 end as has_sync_state
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
    replay_diff: [
      gauge(
        'pg_stat_replication_pg_wal_lsn_diff',
        'Bytes of WAL that the standby has not replayed (pg_stat_replication.replay_lsn).',
        { fold: 'max' },
      ),
      gauge(
        'pg_stat_replication_replay_lag_bytes',
        'WAL that the standby has not replayed (pg_stat_replication.replay_lsn).',
        { fold: 'max' },
      ),
    ],
    sent_diff: gauge('pg_stat_replication_sent_lag_bytes', 'WAL not yet sent (pg_stat_replication.sent_lsn).', {
      fold: 'max',
    }),
    write_diff: gauge(
      'pg_stat_replication_write_lag_bytes',
      'WAL that the standby has not written (pg_stat_replication.write_lsn).',
      { fold: 'max' },
    ),
    flush_diff: gauge(
      'pg_stat_replication_flush_lag_bytes',
      'WAL that the standby has not flushed (pg_stat_replication.flush_lsn).',
      { fold: 'max' },
    ),
    write_lag: gauge(
      'pg_stat_replication_write_lag_seconds',
      'How long recent WAL took to be written by the standby, absent when idle (pg_stat_replication.write_lag).',
      { fold: 'max' },
    ),
    flush_lag: gauge(
      'pg_stat_replication_flush_lag_seconds',
      'How long recent WAL took to be flushed by the standby, absent when idle (pg_stat_replication.flush_lag).',
      { fold: 'max' },
    ),
    replay_lag: gauge(
      'pg_stat_replication_replay_lag_seconds',
      'How long recent WAL took to be replayed by the standby, absent when idle (pg_stat_replication.replay_lag).',
      { fold: 'max' },
    ),
    reply_time: gauge(
      'pg_stat_replication_reply_timestamp_seconds',
      'When the standby sent its last answer, by its clock (pg_stat_replication.reply_time).',
      { fold: 'min' },
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
    has_sync_state: gauge(
      'pg_stat_replication_sync_state',
      '1 for the standby’s state (pg_stat_replication.sync_state).',
      {
        labels: ['application_name', 'client_addr', 'state', 'slot_name', 'pid', 'sync_state'],
      },
    ),
  },
};
