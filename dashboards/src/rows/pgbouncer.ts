/** PgBouncer: its pools, its work, its limits. */
import { m, rate, SERVER_NAME, steadyTop, sum } from '../lib/promql.ts';
import type { Row } from '../lib/types.ts';
import { watched } from '../lib/watched.ts';

const POOL = '{{database}} {{user}} {{instance}} {{target}}';
const stats = (what: string): string => sum(rate(`pgbouncer_stats_totals_${what}_total`), 'database');
export const pools: Row = {
  title: 'PgBouncer: pools',
  panels: [
    {
      id: 31,
      type: 'timeseries',
      title: 'Busy servers of a pool',
      description:
        'As part of those the pool may have. Make transactions shorter first, the pool larger second, within what PostgreSQL can bear.',
      unit: 'percentunit',
      max: 1,
      queries: [{ expr: watched('PgBouncerPoolSaturated'), legend: POOL }],
      alerts: ['PgBouncerPoolSaturated'],
    },
    {
      id: 32,
      type: 'timeseries',
      title: 'Clients that wait',
      description: 'By pool. Waiting while the pool has no server at all: PostgreSQL does not let PgBouncer in.',
      unit: 'short',
      softMax: 1,
      queries: [{ expr: m('pgbouncer_pools_client_waiting_connections'), legend: POOL }],
      linked: ['PgBouncerNoServer'],
    },
    {
      id: 33,
      type: 'timeseries',
      title: 'Longest wait for a server',
      description: 'Of the client that waits longest, by pool. It ends at query_wait_timeout with an error.',
      unit: 's',
      softMax: 1,
      queries: [{ expr: watched('PgBouncerClientsWaiting'), legend: POOL }],
      alerts: ['PgBouncerClientsWaiting'],
    },
    {
      id: 34,
      type: 'table',
      title: 'Pools',
      description: 'Each pool as it is now.',
      w: 24,
      h: 7,
      labels: { instance: 'Instance', target: 'Target', database: 'Database', user: 'User' },
      columns: [
        {
          title: 'Clients',
          unit: 'short',
          expr: sum(m('pgbouncer_pools_client_active_connections'), 'database', 'user'),
        },
        {
          title: 'Waiting',
          unit: 'short',
          expr: sum(m('pgbouncer_pools_client_waiting_connections'), 'database', 'user'),
        },
        {
          title: 'Longest wait',
          unit: 's',
          expr: sum(m('pgbouncer_pools_client_maxwait_seconds'), 'database', 'user'),
        },
        {
          title: 'Servers busy',
          unit: 'short',
          expr: sum(m('pgbouncer_pools_server_active_connections'), 'database', 'user'),
        },
        {
          title: 'Servers idle',
          unit: 'short',
          expr: sum(m('pgbouncer_pools_server_idle_connections'), 'database', 'user'),
        },
        {
          title: 'Logging in',
          unit: 'short',
          expr: sum(m('pgbouncer_pools_server_login_connections'), 'database', 'user'),
        },
        { title: 'Busy', unit: 'percentunit', expr: sum(watched('PgBouncerPoolSaturated'), 'database', 'user') },
      ],
      sort: 'Clients',
    },
  ],
};

export const work: Row = {
  title: 'PgBouncer: work and limits',
  panels: [
    {
      id: 41,
      type: 'timeseries',
      title: 'Transactions and statements',
      description: 'Through each database of the pooler, per second.',
      unit: 'ops',
      queries: [
        { expr: stats('sql_transactions_pooled'), legend: 'transactions {{database}} {{instance}} {{target}}' },
        { expr: stats('queries_pooled'), legend: 'statements {{database}} {{instance}} {{target}}' },
      ],
    },
    {
      id: 42,
      type: 'timeseries',
      title: 'Time per transaction',
      description:
        'Mean time that a transaction held a server, and that it waited for one before. Waiting longer than working: the pool is the bottleneck.',
      unit: 's',
      queries: [
        {
          expr: `${stats('server_in_transaction_seconds')} / (${stats('sql_transactions_pooled')} > 0)`,
          legend: 'with a server {{database}} {{instance}} {{target}}',
        },
        {
          expr: `${stats('client_wait_seconds')} / (${stats('sql_transactions_pooled')} > 0)`,
          legend: 'waiting {{database}} {{instance}} {{target}}',
        },
      ],
    },
    {
      id: 43,
      type: 'timeseries',
      title: 'Traffic',
      description: 'Bytes from clients and to them. Much more to them than usual: somebody reads everything.',
      unit: 'binBps',
      queries: [
        {
          expr: sum(rate('pgbouncer_stats_totals_received_bytes_total')),
          legend: 'from clients {{instance}} {{target}}',
        },
        {
          expr: sum(rate('pgbouncer_stats_totals_sent_bytes_total')),
          legend: 'to clients {{instance}} {{target}}',
        },
      ],
    },
    {
      id: 44,
      type: 'timeseries',
      title: 'Client slots used',
      description: 'Of max_client_conn. At 100 % PgBouncer turns clients away: find who opens so many.',
      unit: 'percentunit',
      softMax: 1,
      queries: [{ expr: watched('PgBouncerClientsHigh'), legend: SERVER_NAME }],
      alerts: ['PgBouncerClientsHigh'],
    },
    {
      id: 45,
      type: 'timeseries',
      title: 'Server limits used',
      description: 'Of max_db_connections and max_user_connections, where they are set; 0 is no limit and not shown.',
      unit: 'percentunit',
      empty: 'No limit is set',
      softMax: 1,
      queries: [
        { expr: watched('PgBouncerDatabaseConnectionsHigh'), legend: 'database {{name}} {{instance}} {{target}}' },
        { expr: watched('PgBouncerUserConnectionsHigh'), legend: 'user {{user}} {{instance}} {{target}}' },
      ],
      alerts: ['PgBouncerDatabaseConnectionsHigh', 'PgBouncerUserConnectionsHigh'],
    },
    {
      id: 46,
      type: 'timeseries',
      title: 'Clients by application',
      description: 'The ten with most clients: application_name as it was given.',
      unit: 'short',
      queries: [
        {
          expr: steadyTop(10, `sum by (application_name) (${m('pgbouncer_client_connections')})`),
          legend: '{{application_name}}',
        },
      ],
    },
  ],
};
