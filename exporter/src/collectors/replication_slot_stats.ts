import { type Collector, counter, gauge } from '../metrics/types.ts';

export const replication_slot_stats: Collector = {
  name: 'replication_slot_stats',
  source: 'postgres',
  scope: 'server',
  needs: ['pg_stat_replication_slots'],
  sql: `select * from pg_catalog.pg_stat_replication_slots`,
  labels: ['slot_name'],
  columns: {
    spill_txns: counter(
      'pg_stat_replication_slots_spill_txns_total',
      'Transactions decoding spilled to disk (pg_stat_replication_slots.spill_txns).',
    ),
    spill_count: counter(
      'pg_stat_replication_slots_spill_count_total',
      'Times decoding spilled to disk (pg_stat_replication_slots.spill_count).',
    ),
    spill_bytes: counter(
      'pg_stat_replication_slots_spill_bytes_total',
      'Decoded data spilled to disk (pg_stat_replication_slots.spill_bytes).',
    ),
    stream_txns: counter(
      'pg_stat_replication_slots_stream_txns_total',
      'Transactions streamed while in progress (pg_stat_replication_slots.stream_txns).',
    ),
    stream_count: counter(
      'pg_stat_replication_slots_stream_count_total',
      'Times a transaction in progress was streamed (pg_stat_replication_slots.stream_count).',
    ),
    stream_bytes: counter(
      'pg_stat_replication_slots_stream_bytes_total',
      'Data streamed for transactions in progress (pg_stat_replication_slots.stream_bytes).',
    ),
    total_txns: counter(
      'pg_stat_replication_slots_txns_total',
      'Transactions sent for decoding (pg_stat_replication_slots.total_txns).',
    ),
    total_bytes: counter(
      'pg_stat_replication_slots_bytes_total',
      'Data decoded for the slot (pg_stat_replication_slots.total_bytes).',
    ),
    stats_reset: gauge(
      'pg_stat_replication_slots_stats_reset_timestamp_seconds',
      'When these counters were last reset (pg_stat_replication_slots.stats_reset).',
      { fold: 'max' },
    ),
  },
};
