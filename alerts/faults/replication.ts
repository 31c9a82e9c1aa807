import { setTimeout } from 'node:timers/promises';
import { abandonSlot, configure, dropSlot, keepOn, writeWal } from '../lib/lab/deeds.ts';
import type { Lab } from '../lib/lab/lab.ts';
import type { Fault } from './types.ts';

const STANDBY = { instance: 'db2:9187' };

/** WAL for as long as the fault lasts. */
const keepWriting = (lab: Lab, megabytes: number): void => keepOn(lab, 500, () => writeWal(lab.primary, megabytes));

/** A reader on the standby whose table the primary empties: replay does not wait for it. */
async function conflict(lab: Lab): Promise<void> {
  const reader = await lab.session(lab.standby.url('musicdb'));
  await reader.query('begin');
  await reader.query('select count(*) from musicdb.plays');
  await lab.primary.query('truncate musicdb.plays', 'musicdb');
  await setTimeout(300);
}

const SLOT = { slot_name: 'left_behind', slot_type: 'physical' };
const SUBSCRIPTION = { datname: 'copy', subname: 'copy' };

export const replication: readonly Fault[] = [
  {
    name: 'replay-paused',
    topology: 'pair',
    make: ({ standby }) => standby.query('select pg_wal_replay_pause()'),
    repair: ({ standby }) => standby.query('select pg_wal_replay_resume()'),
    fires: [
      { alert: 'PostgresReplayPaused', severity: 'warning', labels: STANDBY },
      { alert: 'PostgresReplicationLagHigh', severity: 'warning', labels: STANDBY, after: 300 },
      { alert: 'PostgresReplicationLagHigh', severity: 'critical', labels: STANDBY, after: 900 },
    ],
  },
  {
    name: 'standby-far-behind',
    topology: 'pair',
    make: async (lab) => {
      await lab.standby.query('select pg_wal_replay_pause()');
      keepWriting(lab, 20);
    },
    repair: ({ standby }) => standby.query('select pg_wal_replay_resume()'),
    trending: ['pg_stat_replication_replay_lag_bytes'],
    scrapes: [4, 8, 10],
    fires: [
      {
        alert: 'PostgresReplicationLagBytes',
        severity: 'warning',
        labels: { application_name: 'standby_5433', client_addr: '127.0.0.1', slot_name: 'db2' },
        after: 3600,
      },
    ],
    alsoFires: [
      'PostgresReplicationLagHigh/warning',
      'PostgresReplicationLagHigh/critical',
      'PostgresReplayPaused/warning',
    ],
  },
  {
    name: 'receiver-stopped',
    topology: 'pair',
    make: ({ standby }) => configure(standby, { primary_conninfo: '' }),
    // What the standby was started with.
    repair: ({ standby }) => configure(standby, { primary_conninfo: null }),
    fires: [
      { alert: 'PostgresWalReceiverDown', severity: 'critical', labels: STANDBY, after: 60, clears: 120 },
      { alert: 'PostgresStandbyLost', severity: 'warning', after: 60, clears: 120 },
      {
        alert: 'PostgresReplicationSlotInactive',
        severity: 'warning',
        labels: { slot_name: 'db2', slot_type: 'physical' },
        after: 60,
        clears: 120,
      },
    ],
  },
  {
    name: 'sync-standby-missing',
    topology: 'pair',
    make: ({ primary }) => configure(primary, { synchronous_standby_names: 'ANY 1 (elsewhere)' }),
    repair: ({ primary }) => configure(primary, { synchronous_standby_names: null }),
    fires: [{ alert: 'PostgresSyncStandbysMissing', severity: 'critical' }],
  },
  {
    name: 'slot-abandoned',
    topology: 'plain18',
    make: async (lab) => {
      await abandonSlot(lab.primary);
      keepWriting(lab, 20);
    },
    repair: ({ primary }) => dropSlot(primary),
    trending: ['pg_replication_slots_retained_wal_bytes'],
    scrapes: [4, 8, 8],
    fires: [
      { alert: 'PostgresReplicationSlotInactive', severity: 'warning', labels: SLOT, after: 60 },
      { alert: 'PostgresReplicationSlotRetainsWal', severity: 'warning', labels: SLOT, after: 20_000 },
    ],
  },
  {
    name: 'slot-at-risk',
    topology: 'plain18',
    make: async (lab) => {
      await configure(lab.primary, { max_slot_wal_keep_size: '16MB' });
      await abandonSlot(lab.primary);
      await writeWal(lab.primary, 80);
    },
    repair: async ({ primary }) => {
      await dropSlot(primary);
      await configure(primary, { max_slot_wal_keep_size: null });
    },
    fires: [
      { alert: 'PostgresReplicationSlotAtRisk', severity: 'critical', labels: { ...SLOT, wal_status: 'unreserved' } },
    ],
  },
  {
    name: 'slot-lost',
    topology: 'plain18',
    make: async (lab) => {
      await configure(lab.primary, { max_slot_wal_keep_size: '16MB' });
      await abandonSlot(lab.primary);
      await writeWal(lab.primary, 80);
      await lab.primary.query('checkpoint');
    },
    repair: async ({ primary }) => {
      await dropSlot(primary);
      await configure(primary, { max_slot_wal_keep_size: null });
    },
    // Nobody needs to hear twice that it is idle.
    silent: ['PostgresReplicationSlotInactive/warning'],
    fires: [{ alert: 'PostgresReplicationSlotLost', severity: 'critical', labels: { ...SLOT, wal_status: 'lost' } }],
  },
  {
    name: 'standby-conflicts',
    topology: 'pair',
    make: async (lab) => {
      await configure(lab.standby, { max_standby_streaming_delay: '0' });
      for (let n = 0; n < 8; n++) await conflict(lab);
    },
    repair: ({ standby }) => configure(standby, { max_standby_streaming_delay: null }),
    fires: [{ alert: 'PostgresStandbyConflicts', severity: 'warning', labels: { ...STANDBY, datname: 'musicdb' } }],
  },
  {
    name: 'subscription-stopped',
    topology: 'pair',
    make: ({ primary }) =>
      primary.query("alter subscription copy connection 'host=127.0.0.1 port=1 dbname=musicdb'", 'copy'),
    repair: ({ primary }) =>
      primary.query(
        `alter subscription copy connection 'host=127.0.0.1 port=${primary.port} dbname=musicdb user=postgres'`,
        'copy',
      ),
    scrapes: [6, 10, 12],
    fires: [
      { alert: 'PostgresSubscriptionStopped', severity: 'critical', labels: SUBSCRIPTION, after: 300, clears: 240 },
    ],
    // Its slot is idle meanwhile, and the primary cannot tell a subscriber from a standby.
    mayFire: [
      'PostgresStandbyLost/warning',
      'PostgresReplicationSlotInactive/warning',
      'PostgresSubscriptionErrors/warning',
    ],
  },
  {
    name: 'subscription-disabled',
    topology: 'pair',
    make: ({ primary }) => primary.query('alter subscription copy disable', 'copy'),
    repair: ({ primary }) => primary.query('alter subscription copy enable', 'copy'),
    fires: [{ alert: 'PostgresSubscriptionStopped', severity: 'warning', labels: SUBSCRIPTION, after: 60, clears: 60 }],
    // Its slot is idle meanwhile, and the primary cannot tell a subscriber from a standby.
    mayFire: ['PostgresStandbyLost/warning', 'PostgresReplicationSlotInactive/warning'],
  },
  {
    name: 'subscription-fails',
    topology: 'pair',
    make: async ({ primary }) => {
      await primary.query('insert into musicdb.plays values (1)', 'copy');
      await primary.query('insert into musicdb.plays values (1)', 'musicdb');
    },
    repair: async ({ primary }) => {
      await primary.query('truncate musicdb.plays', 'copy');
      await setTimeout(6000);
      await primary.query('truncate musicdb.plays', 'musicdb');
    },
    scrapes: [6, 16, 12],
    fires: [{ alert: 'PostgresSubscriptionErrors', severity: 'warning', labels: SUBSCRIPTION }],
    mayFire: [
      'PostgresStandbyLost/warning',
      'PostgresReplicationSlotInactive/warning',
      'PostgresSubscriptionStopped/critical',
    ],
  },
];
