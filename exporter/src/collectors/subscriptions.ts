import { type Collector, gauge } from '../metrics/types.ts';

/** One series per subscription, whatever the number of its workers. */
export const subscriptions: Collector = {
  name: 'subscriptions',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    select d.datname, s.subname, s.subenabled, count(w.pid) as workers,
           min(w.last_msg_send_time) filter (where w.relid is null) as last_msg_send_time,
           min(w.last_msg_receipt_time) filter (where w.relid is null) as last_msg_receipt_time,
           min(w.latest_end_time) filter (where w.relid is null) as latest_end_time,
           min(w.received_lsn - '0/0'::pg_catalog.pg_lsn) filter (where w.relid is null) as received_lsn,
           min(w.latest_end_lsn - '0/0'::pg_catalog.pg_lsn) filter (where w.relid is null) as latest_end_lsn
      from pg_catalog.pg_subscription s
      join pg_catalog.pg_database d on d.oid = s.subdbid
      left join pg_catalog.pg_stat_subscription w on w.subid = s.oid and w.pid is not null
     group by d.datname, s.subname, s.subenabled`,
  labels: ['datname', 'subname'],
  columns: {
    subenabled: gauge('pg_subscription_enabled', '1 for an enabled subscription (pg_subscription.subenabled).'),
    workers: gauge(
      'pg_stat_subscription_workers',
      'Apply and synchronisation workers running (pg_stat_subscription.pid).',
    ),
    last_msg_send_time: gauge(
      'pg_stat_subscription_last_msg_send_timestamp_seconds',
      "Publisher's clock when it sent the last message (pg_stat_subscription.last_msg_send_time).",
    ),
    last_msg_receipt_time: gauge(
      'pg_stat_subscription_last_msg_receipt_timestamp_seconds',
      'When the last message came in (pg_stat_subscription.last_msg_receipt_time).',
    ),
    latest_end_time: gauge(
      'pg_stat_subscription_latest_end_timestamp_seconds',
      'When the publisher was last told how far we are (pg_stat_subscription.latest_end_time).',
    ),
    received_lsn: gauge(
      'pg_stat_subscription_received_lsn_bytes',
      'WAL position received (pg_stat_subscription.received_lsn).',
    ),
    latest_end_lsn: gauge(
      'pg_stat_subscription_latest_end_lsn_bytes',
      'WAL position last told to the publisher (pg_stat_subscription.latest_end_lsn).',
    ),
  },
};
