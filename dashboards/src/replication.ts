import { increase, m, onPrimary, SERVER_NAME, sum } from './lib/promql.ts';
import type { Board, Mapping } from './lib/types.ts';
import { watched } from './lib/watched.ts';
import { slots } from './rows/slots.ts';

const STANDBY = '{{application_name}} of {{instance}} {{target}}';
const SUBSCRIPTION = '{{subname}} {{datname}} {{instance}}';

const ROLES: readonly Mapping[] = [
  { value: 0, text: 'Primary', color: 'blue' },
  { value: 1, text: 'Standby', color: 'purple' },
];

const streaming = sum(m('pg_stat_replication_state', 'state="streaming"'));
const conflicts = (kind: string): string => sum(increase(`pg_stat_database_conflicts_confl_${kind}`));

export const replication: Board = {
  uid: 'pgvigil-replication',
  title: 'Replication',
  description:
    'How far each standby is behind, what slots hold back, whether commits have the copies they are promised.',
  rows: [
    {
      title: 'Health now',
      panels: [
        {
          id: 11,
          type: 'stat',
          title: 'Behind by time',
          description: 'Age of the last commit that the slowest standby has replayed, 0 when it has everything.',
          unit: 's',
          trend: true,
          queries: [{ expr: `max(${watched('PostgresReplicationLagHigh')})` }],
          like: ['PostgresReplicationLagHigh'],
        },
        {
          id: 12,
          type: 'stat',
          title: 'Behind by WAL',
          description: 'What the slowest standby has not replayed of what its primary has written.',
          unit: 'bytes',
          trend: true,
          empty: 'No standby',
          queries: [{ expr: `max(${watched('PostgresReplicationLagBytes')})` }],
          like: ['PostgresReplicationLagBytes'],
        },
        {
          id: 13,
          type: 'stat',
          title: 'Standbys streaming',
          description: 'Connected to a server of these and receiving.',
          unit: 'short',
          trend: true,
          queries: [{ expr: `sum(${m('pg_stat_replication_state', 'state="streaming"')}) or vector(0)` }],
        },
        {
          id: 14,
          type: 'stat',
          title: 'Copies missing',
          description: 'Standbys that a commit must wait for and that are not there: commits hang until they are.',
          unit: 'short',
          queries: [{ expr: `sum(${watched('PostgresSyncStandbysMissing')} > 0) or vector(0)` }],
          like: ['PostgresSyncStandbysMissing'],
        },
        {
          id: 15,
          type: 'stat',
          title: 'WAL kept by slots',
          description:
            'By the slot that keeps most. It fills the disk until its consumer comes back or the slot is dropped.',
          unit: 'bytes',
          trend: true,
          empty: 'No slot',
          queries: [{ expr: `max(${watched('PostgresReplicationSlotRetainsWal')})` }],
          like: ['PostgresReplicationSlotRetainsWal'],
        },
        {
          id: 16,
          type: 'stat',
          title: 'Slots not in use',
          description: 'On primaries. A slot that nobody needs any more must be dropped.',
          unit: 'short',
          queries: [{ expr: `count(${onPrimary(`${m('pg_replication_slots_slot_is_active')} == 0`)}) or vector(0)` }],
        },
      ],
    },
    {
      title: 'Roles and standbys',
      panels: [
        {
          id: 21,
          type: 'state-timeline',
          title: 'Roles',
          description: 'Who was primary when. A change is a failover, wanted or not.',
          unit: 'none',
          mappings: ROLES,
          queries: [{ expr: m('pg_replication_is_replica'), legend: SERVER_NAME }],
        },
        {
          id: 22,
          type: 'table',
          title: 'Standbys',
          description: 'As their primary sees them: potential ones become synchronous when another fails.',
          h: 6,
          empty: 'No standby is connected',
          labels: {
            instance: 'Primary',
            application_name: 'Standby',
            client_addr: 'Address',
            state: 'State',
            sync_state: 'Synchronous',
          },
          columns: [
            {
              title: '',
              unit: 'none',
              hidden: true,
              expr: sum(m('pg_stat_replication_state'), 'application_name', 'client_addr', 'state', 'sync_state'),
            },
            {
              title: 'Behind',
              unit: 'bytes',
              expr: sum(m('pg_stat_replication_replay_lag_bytes'), 'application_name', 'client_addr'),
            },
          ],
        },
        {
          id: 23,
          type: 'timeseries',
          title: 'Standbys streaming',
          description: 'By primary. One less than before: it is down, cannot reach its primary, or lost its slot.',
          unit: 'short',
          softMax: 1,
          queries: [
            {
              expr: onPrimary(`(${streaming} or ${sum(`0 * ${m('pg_replication_is_replica')}`)})`),
              legend: SERVER_NAME,
            },
          ],
          linked: ['PostgresStandbyLost'],
        },
        {
          id: 24,
          type: 'timeseries',
          title: 'Synchronous standbys',
          description:
            'Wanted by synchronous_standby_names and present. Fewer present: commits wait. Setting fewer as wanted lets them go on, with less safety.',
          unit: 'short',
          softMax: 1,
          queries: [
            { expr: m('pg_sync_standbys_wanted'), legend: 'wanted {{instance}} {{target}}' },
            { expr: m('pg_sync_standbys_present'), legend: 'present {{instance}} {{target}}' },
          ],
          linked: ['PostgresSyncStandbysMissing'],
        },
        {
          id: 25,
          type: 'timeseries',
          title: 'Receiving',
          description:
            'Bytes per second that each standby receives. None while its primary writes: the connection is cut.',
          unit: 'binBps',
          empty: 'No standby is watched',
          queries: [
            {
              expr: `rate(${m('pg_stat_wal_receiver_flushed_lsn')}[$__rate_interval])`,
              legend: '{{instance}} {{target}} {{status}}',
            },
          ],
          linked: ['PostgresWalReceiverDown'],
        },
      ],
    },
    {
      title: 'Lag',
      panels: [
        {
          id: 31,
          type: 'timeseries',
          title: 'Behind by time',
          description:
            'As the standby says: age of the last replayed commit, 0 when everything received is replayed. What readers there miss.',
          unit: 's',
          softMax: 1,
          queries: [{ expr: watched('PostgresReplicationLagHigh'), legend: SERVER_NAME }],
          alerts: ['PostgresReplicationLagHigh'],
        },
        {
          id: 32,
          type: 'timeseries',
          title: 'Behind by WAL',
          description:
            'As the primary says: bytes that a standby has not replayed. It rises with large writes; it must fall afterwards.',
          unit: 'bytes',
          softMax: 1048576,
          empty: 'No standby is connected',
          queries: [{ expr: watched('PostgresReplicationLagBytes'), legend: STANDBY }],
          alerts: ['PostgresReplicationLagBytes'],
        },
        {
          id: 33,
          type: 'timeseries',
          title: 'Where it is behind',
          description:
            'Bytes not sent (the network or the primary), not flushed (the standby’s disk), not replayed (its replay, or a query in the way).',
          unit: 'bytes',
          softMax: 1048576,
          empty: 'No standby is connected',
          queries: [
            { expr: m('pg_stat_replication_sent_lag_bytes'), legend: `not sent ${STANDBY}` },
            { expr: m('pg_stat_replication_flush_lag_bytes'), legend: `not flushed ${STANDBY}` },
            { expr: m('pg_stat_replication_replay_lag_bytes'), legend: `not replayed ${STANDBY}` },
          ],
        },
        {
          id: 34,
          type: 'timeseries',
          title: 'Delay of commits',
          description:
            'Until a standby had written, flushed and replayed recent WAL. With synchronous_commit this is what a commit waits. Absent while nothing is written.',
          unit: 's',
          empty: 'Nothing was written, or no standby is connected',
          queries: [
            { expr: m('pg_stat_replication_write_lag_seconds'), legend: `written ${STANDBY}` },
            { expr: m('pg_stat_replication_flush_lag_seconds'), legend: `flushed ${STANDBY}` },
            { expr: m('pg_stat_replication_replay_lag_seconds'), legend: `replayed ${STANDBY}` },
          ],
        },
        {
          id: 35,
          type: 'timeseries',
          title: 'Received and not replayed',
          description:
            'Bytes, as the standby says. It grows while replay is paused or waits for a query: see conflicts.',
          unit: 'bytes',
          softMax: 1048576,
          empty: 'No standby is watched',
          queries: [{ expr: m('pg_replication_replay_backlog_bytes'), legend: SERVER_NAME }],
        },
        {
          id: 36,
          type: 'timeseries',
          title: 'Replay paused',
          description: '1 while pg_wal_replay_pause() holds it; pg_wal_replay_resume() lets it go on.',
          unit: 'short',
          softMax: 1,
          empty: 'No standby is watched',
          queries: [{ expr: watched('PostgresReplayPaused'), legend: SERVER_NAME }],
          alerts: ['PostgresReplayPaused'],
        },
      ],
    },
    slots,
    {
      title: 'Conflicts and subscriptions',
      panels: [
        {
          id: 51,
          type: 'timeseries',
          title: 'Cancelled on standbys',
          description:
            'Queries that stood in the way of replay, by database. hot_standby_feedback or a larger max_standby_streaming_delay spares them, each at a price.',
          unit: 'short',
          bars: true,
          softMax: 1,
          w: 12,
          queries: [{ expr: watched('PostgresStandbyConflicts'), legend: '{{datname}} {{instance}} {{target}}' }],
          alerts: ['PostgresStandbyConflicts'],
        },
        {
          id: 52,
          type: 'timeseries',
          title: 'Cancelled, by reason',
          description:
            'snapshot: vacuum removed rows that the query might see. lock: something was altered on the primary. bufferpin: vacuum wanted a page.',
          unit: 'short',
          bars: true,
          softMax: 1,
          w: 12,
          queries: ['snapshot', 'lock', 'bufferpin', 'deadlock', 'tablespace'].map((kind) => ({
            expr: conflicts(kind),
            legend: `${kind} {{instance}} {{target}}`,
          })),
        },
        {
          id: 53,
          type: 'timeseries',
          title: 'Workers of subscriptions',
          description: 'None for an enabled subscription: it has stopped, the subscriber’s log says why.',
          unit: 'short',
          softMax: 1,
          empty: 'No subscription',
          queries: [{ expr: m('pg_stat_subscription_workers'), legend: SUBSCRIPTION }],
          linked: ['PostgresSubscriptionStopped'],
        },
        {
          id: 54,
          type: 'timeseries',
          title: 'Errors of subscriptions',
          description:
            'While applying changes or copying tables, within each interval. It tries the same again and again until somebody resolves it.',
          unit: 'short',
          bars: true,
          softMax: 1,
          empty: 'No subscription',
          queries: [{ expr: watched('PostgresSubscriptionErrors'), legend: SUBSCRIPTION }],
          alerts: ['PostgresSubscriptionErrors'],
        },
        {
          id: 55,
          type: 'timeseries',
          title: 'Last message to subscriptions',
          description: 'How long ago. The publisher sends one at least every wal_sender_timeout/2.',
          unit: 's',
          empty: 'No subscription',
          queries: [
            { expr: `time() - ${m('pg_stat_subscription_last_msg_receipt_timestamp_seconds')}`, legend: SUBSCRIPTION },
          ],
        },
      ],
    },
  ],
};
