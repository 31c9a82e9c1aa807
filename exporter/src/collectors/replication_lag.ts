import { type Collector, gauge } from '../metrics/types.ts';

const labels = ['application_name', 'client_addr', 'slot_name'];

/**
 * Standbys that share name, address and slot are one series with the larger lag. The server's lag times are NULL
 * after a quiet while; where the standby has everything that was written, 0 is the truth then.
 */
export const replication_lag: Collector = {
  name: 'replication_lag',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    with here as materialized (
      select r.recovery,
             case when r.recovery
                  then coalesce(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
                  else pg_catalog.pg_current_wal_lsn() end as lsn
        from (select pg_catalog.pg_is_in_recovery() as recovery) r
    ), standby as (
      select r.application_name, pg_catalog.host(r.client_addr) as client_addr, s.slot_name, r.state, r.sync_state,
             extract(epoch from coalesce(r.write_lag, case when r.write_lsn >= h.lsn then '0'::interval end)) as write_lag,
             extract(epoch from coalesce(r.flush_lag, case when r.flush_lsn >= h.lsn then '0'::interval end)) as flush_lag,
             extract(epoch from coalesce(r.replay_lag, case when r.replay_lsn >= h.lsn then '0'::interval end)) as replay_lag,
             h.lsn - r.sent_lsn as sent, h.lsn - r.write_lsn as written, h.lsn - r.flush_lsn as flushed,
             h.lsn - r.replay_lsn as replayed, r.reply_time
        from pg_catalog.pg_stat_replication r
       cross join here h
        left join pg_catalog.pg_replication_slots s on s.active_pid = r.pid
       where r.state is not null
    )
    select null as application_name, null as client_addr, null as slot_name, null as state, null as sync_state,
           null::int as one, null::numeric as write_lag, null::numeric as flush_lag, null::numeric as replay_lag,
           null::numeric as sent, null::numeric as written, null::numeric as flushed, null::numeric as replayed,
           null::timestamptz as reply_time,
           case when recovery then pg_catalog.pg_is_wal_replay_paused() end as replay_paused,
           case when recovery and pg_catalog.pg_last_xact_replay_timestamp() is not null
                then greatest(0, extract(epoch from
                       pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())) end as replay_age,
           case when recovery and pg_catalog.pg_last_wal_receive_lsn() is not null
                then greatest(0, pg_catalog.pg_last_wal_receive_lsn() - pg_catalog.pg_last_wal_replay_lsn())
           end as replay_backlog
      from here
     union all
    select application_name, client_addr, slot_name, null, null, null, max(write_lag), max(flush_lag), max(replay_lag),
           case when max(sent) is not null then greatest(0, max(sent)) end,
           case when max(written) is not null then greatest(0, max(written)) end,
           case when max(flushed) is not null then greatest(0, max(flushed)) end,
           case when max(replayed) is not null then greatest(0, max(replayed)) end,
           min(reply_time), null, null, null
      from standby
     group by 1, 2, 3
     union all
    select application_name, client_addr, slot_name, state, sync_state, 1,
           null, null, null, null, null, null, null, null, null, null, null
      from standby
     group by 1, 2, 3, 4, 5`,
  labels: [...labels, 'state', 'sync_state'],
  columns: {
    one: gauge(
      'pg_stat_replication_state',
      '1 for the present state of a standby and whether commits wait for it (pg_stat_replication.state, sync_state).',
    ),
    write_lag: gauge(
      'pg_stat_replication_write_lag_seconds',
      'Delay until the standby had written recent WAL (pg_stat_replication.write_lag).',
      { labels },
    ),
    flush_lag: gauge(
      'pg_stat_replication_flush_lag_seconds',
      'Delay until the standby had made recent WAL durable (pg_stat_replication.flush_lag).',
      { labels },
    ),
    replay_lag: gauge(
      'pg_stat_replication_replay_lag_seconds',
      'Delay until the standby had replayed recent WAL (pg_stat_replication.replay_lag).',
      { labels },
    ),
    sent: gauge('pg_stat_replication_sent_lag_bytes', 'WAL not sent yet (pg_stat_replication.sent_lsn).', { labels }),
    written: gauge(
      'pg_stat_replication_write_lag_bytes',
      'WAL the standby has not written yet (pg_stat_replication.write_lsn).',
      { labels },
    ),
    flushed: gauge(
      'pg_stat_replication_flush_lag_bytes',
      'WAL the standby has not made durable yet (pg_stat_replication.flush_lsn).',
      { labels },
    ),
    replayed: gauge(
      'pg_stat_replication_replay_lag_bytes',
      'WAL the standby has not replayed yet (pg_stat_replication.replay_lsn).',
      { labels },
    ),
    reply_time: gauge(
      'pg_stat_replication_reply_timestamp_seconds',
      "Standby's clock when it last answered (pg_stat_replication.reply_time).",
      { labels, fold: 'min' },
    ),
    replay_paused: gauge(
      'pg_replication_replay_paused',
      '1 while replay is paused on this standby (pg_is_wal_replay_paused).',
      { labels: [] },
    ),
    replay_age: gauge(
      'pg_replication_last_xact_replay_age_seconds',
      'Age of the last commit replayed on this standby; grows on an idle primary too (pg_last_xact_replay_timestamp).',
      { labels: [] },
    ),
    replay_backlog: gauge(
      'pg_replication_replay_backlog_bytes',
      'WAL received but not replayed on this standby (pg_last_wal_receive_lsn, pg_last_wal_replay_lsn).',
      { labels: [] },
    ),
  },
};
