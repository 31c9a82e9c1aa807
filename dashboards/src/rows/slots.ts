/** Replication slots: what they keep back, and in which danger they are. */
import { m, rate, sum } from '../lib/promql.ts';
import type { Mapping, Row } from '../lib/types.ts';
import { watched } from '../lib/watched.ts';

const SLOT = '{{slot_name}} {{instance}} {{target}}';
const OF_SLOT = { instance: 'Instance', target: 'Target', slot_name: 'Slot', slot_type: 'Type' };
/** In the order of how bad they are. */
const WAL_STATES: readonly Mapping[] = [
  { value: 0, text: 'Reserved', color: 'green' },
  { value: 1, text: 'Extended', color: 'green' },
  { value: 2, text: 'Unreserved', color: 'orange' },
  { value: 3, text: 'Lost', color: 'red' },
];
const YES_NO: readonly Mapping[] = [
  { value: 0, text: 'No', color: 'orange' },
  { value: 1, text: 'Yes', color: 'green' },
];
const inState = (state: string): string =>
  sum(m('pg_replication_slots_wal_status', `wal_status="${state}"`), 'slot_name', 'slot_type');
const walState = `0 * ${inState('reserved')} or 1 * ${inState('extended')} or 2 * ${inState('unreserved')} or 3 * ${inState('lost')}`;
const perSlot = (metric: string): string => sum(m(metric), 'slot_name', 'slot_type');
export const slots: Row = {
  title: 'Slots',
  panels: [
    {
      id: 41,
      type: 'table',
      title: 'Slots',
      description:
        'Extended: keeps more than max_wal_size. Unreserved: the next checkpoint may take what it needs. Lost: its consumer must be made anew.',
      w: 14,
      empty: 'No slot',
      labels: OF_SLOT,
      columns: [
        { title: 'WAL', unit: 'none', mappings: WAL_STATES, expr: walState },
        { title: 'In use', unit: 'none', mappings: YES_NO, expr: perSlot('pg_replication_slots_slot_is_active') },
        { title: 'Keeps', unit: 'bytes', expr: perSlot('pg_replication_slots_retained_wal_bytes') },
        { title: 'Safe for', unit: 'bytes', expr: perSlot('pg_replication_slots_safe_wal_size_bytes') },
        {
          title: 'Rows held',
          unit: 'short',
          expr: `${perSlot('pg_replication_slots_xmin_age')} or ${perSlot('pg_replication_slots_catalog_xmin_age')}`,
        },
      ],
      linked: ['PostgresReplicationSlotInactive', 'PostgresReplicationSlotAtRisk', 'PostgresReplicationSlotLost'],
    },
    {
      id: 42,
      type: 'state-timeline',
      title: 'State of the slots’ WAL',
      description: 'When each slot came into danger.',
      unit: 'none',
      w: 10,
      h: 9,
      empty: 'No slot',
      mappings: WAL_STATES,
      queries: [{ expr: walState, legend: SLOT }],
    },
    {
      id: 43,
      type: 'timeseries',
      title: 'WAL kept by slots',
      description: 'max_slot_wal_keep_size sets an end to it: then the slot is lost rather than the disk full.',
      unit: 'bytes',
      softMax: 1048576,
      empty: 'No slot',
      queries: [{ expr: watched('PostgresReplicationSlotRetainsWal'), legend: SLOT }],
      alerts: ['PostgresReplicationSlotRetainsWal'],
    },
    {
      id: 44,
      type: 'timeseries',
      title: 'Not confirmed by consumers',
      description: 'Of logical slots: WAL after the position that the consumer has confirmed.',
      unit: 'bytes',
      softMax: 1048576,
      empty: 'No logical slot',
      queries: [{ expr: m('pg_replication_slots_confirmed_flush_lag_bytes'), legend: SLOT }],
    },
    {
      id: 45,
      type: 'timeseries',
      title: 'Decoded and spilled',
      description: 'Bytes per second that logical slots decoded, and that did not fit into logical_decoding_work_mem.',
      unit: 'binBps',
      empty: 'No logical slot',
      queries: [
        { expr: rate('pg_stat_replication_slots_bytes_total'), legend: `decoded ${SLOT}` },
        { expr: rate('pg_stat_replication_slots_spill_bytes_total'), legend: `spilled ${SLOT}` },
      ],
    },
  ],
};
