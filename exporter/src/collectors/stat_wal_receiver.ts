import { type Collector, counter, gauge } from '../metrics/types.ts';

/** Without pg_read_all_stats the view shows nothing of use, and without a receiver it is empty. Positions modulo 2^52, as in postgres_exporter. */
export const stat_wal_receiver: Collector = {
  name: 'stat_wal_receiver',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select coalesce(pg_catalog.substring(r.conninfo, 'host=''?([^ '']*)'), r.sender_host) as upstream_host,
           r.slot_name,
           r.status,
           pg_catalog.pg_wal_lsn_diff(r.receive_start_lsn, '0/0') % 4503599627370496 as receive_start_lsn,
           pg_catalog.pg_wal_lsn_diff(r.written_lsn, '0/0') % 4503599627370496 as written_lsn,
           pg_catalog.pg_wal_lsn_diff(r.flushed_lsn, '0/0') % 4503599627370496 as flushed_lsn,
           pg_catalog.pg_wal_lsn_diff(r.latest_end_lsn, '0/0') % 4503599627370496 as latest_end_lsn,
           greatest(0, pg_catalog.pg_wal_lsn_diff(r.latest_end_lsn,
                                                  greatest(r.flushed_lsn, pg_catalog.pg_last_wal_replay_lsn()))) as receive_lag,
           greatest(0, pg_catalog.pg_wal_lsn_diff(r.latest_end_lsn, pg_catalog.pg_last_wal_replay_lsn())) as replay_lag,
           r.receive_start_tli,
           r.received_tli,
           r.last_msg_send_time,
           r.last_msg_receipt_time,
           r.latest_end_time,
           pg_catalog.substring(r.slot_name, 'repmgr_slot_([0-9]+)') as upstream_node
      from pg_catalog.pg_stat_wal_receiver r
     where r.status is not null`,
  labels: ['upstream_host', 'slot_name', 'status'],
  columns: {
    receive_start_lsn: counter(
      'pg_stat_wal_receiver_receive_start_lsn',
      'Position at which receiving began, in bytes (pg_stat_wal_receiver.receive_start_lsn).',
    ),
    written_lsn: gauge(
      'pg_stat_wal_receiver_written_lsn',
      'Position written but perhaps not flushed, in bytes (pg_stat_wal_receiver.written_lsn).',
    ),
    flushed_lsn: counter(
      'pg_stat_wal_receiver_flushed_lsn',
      'Position flushed, in bytes (pg_stat_wal_receiver.flushed_lsn).',
    ),
    latest_end_lsn: counter(
      'pg_stat_wal_receiver_latest_end_lsn',
      'End of the primary’s WAL as last heard, in bytes (pg_stat_wal_receiver.latest_end_lsn).',
    ),
    receive_lag: gauge(
      'pg_stat_wal_receiver_receive_lag_bytes',
      'WAL that the primary had when last heard and is not flushed here (pg_stat_wal_receiver.flushed_lsn).',
    ),
    replay_lag: gauge(
      'pg_stat_wal_receiver_replay_lag_bytes',
      'WAL that the primary had when last heard and is not replayed here (pg_last_wal_replay_lsn).',
    ),
    receive_start_tli: gauge(
      'pg_stat_wal_receiver_receive_start_tli',
      'Timeline at which receiving began (pg_stat_wal_receiver.receive_start_tli).',
    ),
    received_tli: gauge(
      'pg_stat_wal_receiver_received_tli',
      'Timeline of the last WAL received (pg_stat_wal_receiver.received_tli).',
    ),
    last_msg_send_time: [
      counter(
        'pg_stat_wal_receiver_last_msg_send_time',
        'A timestamp: when the last message was sent, by the sender’s clock (pg_stat_wal_receiver.last_msg_send_time).',
      ),
      gauge(
        'pg_stat_wal_receiver_last_msg_send_timestamp_seconds',
        'When the last message was sent, by the sender’s clock (pg_stat_wal_receiver.last_msg_send_time).',
      ),
    ],
    last_msg_receipt_time: [
      counter(
        'pg_stat_wal_receiver_last_msg_receipt_time',
        'A timestamp: when the last message arrived (pg_stat_wal_receiver.last_msg_receipt_time).',
      ),
      gauge(
        'pg_stat_wal_receiver_last_msg_receipt_timestamp_seconds',
        'When the last message arrived (pg_stat_wal_receiver.last_msg_receipt_time).',
      ),
    ],
    latest_end_time: [
      counter(
        'pg_stat_wal_receiver_latest_end_time',
        'A timestamp: when the end of the primary’s WAL was last heard (pg_stat_wal_receiver.latest_end_time).',
      ),
      gauge(
        'pg_stat_wal_receiver_latest_end_timestamp_seconds',
        'When the end of the primary’s WAL was last heard (pg_stat_wal_receiver.latest_end_time).',
      ),
    ],
    upstream_node: gauge(
      'pg_stat_wal_receiver_upstream_node',
      'repmgr’s node number, from the slot’s name (pg_stat_wal_receiver.slot_name).',
    ),
  },
};
