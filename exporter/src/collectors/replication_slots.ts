import { type Collector, gauge } from '../metrics/types.ts';

const byDatabase = { labels: ['slot_name', 'database'] };

export const replication_slots: Collector = {
  name: 'replication_slots',
  source: 'postgres',
  scope: 'server',
  sql: `
    select s.*,
           pg_catalog.pg_wal_lsn_diff(w.lsn, '0/0') as current_wal_lsn,
           pg_catalog.pg_wal_lsn_diff(w.lsn, s.restart_lsn) as restart_lag,
           pg_catalog.pg_wal_lsn_diff(w.lsn, s.confirmed_flush_lsn) as confirmed_flush_lag,
           case when s.active then pg_catalog.pg_wal_lsn_diff(s.confirmed_flush_lsn, '0/0') end as active_confirmed_flush_lsn,
           case when s.wal_status is not null then 1 end as has_wal_status,
           pg_catalog.age(s.xmin) as xmin_age,
           pg_catalog.age(s.catalog_xmin) as catalog_xmin_age
      from pg_catalog.pg_replication_slots s
     cross join (select case when pg_catalog.pg_is_in_recovery()
                             then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
                             else pg_catalog.pg_current_wal_lsn()
                        end as lsn) w`,
  labels: ['slot_name', 'slot_type'],
  columns: {
    active: [
      gauge(
        'pg_replication_slots_active',
        'Whether a process streams from the slot (pg_replication_slots.active).',
        byDatabase,
      ),
      gauge(
        'pg_replication_slots_slot_is_active',
        'Whether a process streams from the slot (pg_replication_slots.active).',
      ),
    ],
    restart_lag: [
      gauge(
        'pg_replication_slots_pg_wal_lsn_diff',
        'Bytes of WAL after the slot’s restart position (pg_replication_slots.restart_lsn).',
        byDatabase,
      ),
      gauge('pg_replication_slots_retained_wal_bytes', 'WAL that the slot keeps (pg_replication_slots.restart_lsn).'),
    ],
    current_wal_lsn: gauge(
      'pg_replication_slots_slot_current_wal_lsn',
      'Current position of the WAL in bytes (pg_current_wal_lsn, on a standby pg_last_wal_receive_lsn).',
      { fold: 'max' },
    ),
    active_confirmed_flush_lsn: gauge(
      'pg_replication_slots_slot_confirmed_flush_lsn',
      'Position confirmed by the consumer of an active logical slot, in bytes (pg_replication_slots.confirmed_flush_lsn).',
      { fold: 'none' },
    ),
    confirmed_flush_lag: gauge(
      'pg_replication_slots_confirmed_flush_lag_bytes',
      'WAL after the position confirmed by the consumer of a logical slot (pg_replication_slots.confirmed_flush_lsn).',
    ),
    safe_wal_size: gauge(
      'pg_replication_slots_safe_wal_size_bytes',
      'WAL that can be written before the slot may be lost (pg_replication_slots.safe_wal_size).',
      { fold: 'min' },
    ),
    has_wal_status: gauge(
      'pg_replication_slots_wal_status',
      '1 for the state of the WAL that the slot needs (pg_replication_slots.wal_status).',
      { labels: ['slot_name', 'slot_type', 'wal_status'] },
    ),
    xmin_age: gauge(
      'pg_replication_slots_xmin_age',
      'Transactions since the oldest one that the slot keeps visible (pg_replication_slots.xmin).',
      { fold: 'max' },
    ),
    catalog_xmin_age: gauge(
      'pg_replication_slots_catalog_xmin_age',
      'Transactions since the oldest one that the slot keeps in the catalogue (pg_replication_slots.catalog_xmin).',
      { fold: 'max' },
    ),
    inactive_since: gauge(
      'pg_replication_slots_inactive_since_timestamp_seconds',
      'Since when nothing has streamed from the slot (pg_replication_slots.inactive_since).',
      { fold: 'none' },
    ),
    conflicting: gauge(
      'pg_replication_slots_conflicting',
      'Whether the logical slot was invalidated by recovery (pg_replication_slots.conflicting).',
    ),
    failover: gauge(
      'pg_replication_slots_failover',
      'Whether the slot is kept on standbys for failover (pg_replication_slots.failover).',
    ),
    synced: gauge(
      'pg_replication_slots_synced',
      'Whether the slot was synchronised from the primary (pg_replication_slots.synced).',
    ),
  },
};
