import { m, ON_SERVER, rate, SERVER_NAME, steadyTop, sum } from './lib/promql.ts';
import type { Board, Mapping } from './lib/types.ts';
import { watched } from './lib/watched.ts';
import { pools, work } from './rows/pgbouncer.ts';

const POOLER: readonly Mapping[] = [
  { value: 0, text: 'Active', color: 'green' },
  { value: 1, text: 'Paused', color: 'orange' },
  { value: 2, text: 'Suspended', color: 'orange' },
  { value: 3, text: 'Down', color: 'red' },
];

const ENTRY: readonly Mapping[] = [
  { value: 0, text: 'Open', color: 'green' },
  { value: 1, text: 'Paused', color: 'orange' },
  { value: 2, text: 'Disabled', color: 'red' },
];

const is = (state: string): string => sum(m('pgbouncer_state', `state="${state}"`));

export const connections: Board = {
  uid: 'pgvigil-connections',
  title: 'Connections and pools',
  description:
    'Who is connected, who waits to be, and how near each limit is: PostgreSQL and PgBouncer on one time axis.',
  rows: [
    {
      title: 'Health now',
      panels: [
        {
          id: 11,
          type: 'stat',
          title: 'Connections used',
          description: 'Of the server that has the fewest left. At 100 % only superusers get in.',
          unit: 'percentunit',
          trend: true,
          queries: [{ expr: `max(${watched('PostgresConnectionsHigh')})` }],
          like: ['PostgresConnectionsHigh'],
        },
        {
          id: 12,
          type: 'stat',
          title: 'Fullest pool',
          description:
            'Servers of a pool that work, as part of those it may have. Full and with clients waiting: it is too small, or its transactions are too long.',
          unit: 'percentunit',
          trend: true,
          queries: [{ expr: `max(${watched('PgBouncerPoolSaturated')})` }],
          like: ['PgBouncerPoolSaturated'],
        },
        {
          id: 13,
          type: 'stat',
          title: 'Clients waiting',
          description: 'Clients of PgBouncer that have no server yet. A few for a moment are what a pool is for.',
          unit: 'short',
          trend: true,
          queries: [{ expr: `sum(${m('pgbouncer_pools_client_waiting_connections')})` }],
        },
        {
          id: 14,
          type: 'stat',
          title: 'Longest wait',
          description: 'How long the first client in the queue has waited. Users feel it in full.',
          unit: 's',
          trend: true,
          queries: [{ expr: `max(${watched('PgBouncerClientsWaiting')})` }],
          like: ['PgBouncerClientsWaiting'],
        },
        {
          id: 15,
          type: 'stat',
          title: 'Idle in a transaction',
          description:
            'The longest time that a client has been idle within a transaction: it holds a server, locks, and dead rows.',
          unit: 's',
          trend: true,
          queries: [{ expr: `max(${watched('PostgresIdleInTransaction')})` }],
          like: ['PostgresIdleInTransaction'],
        },
        {
          id: 16,
          type: 'stat',
          title: 'Oldest transaction',
          description: 'Vacuum removes nothing that died after it began. The page Activity shows whose it is.',
          unit: 's',
          trend: true,
          queries: [{ expr: `max(${watched('PostgresTransactionLong')})` }],
          like: ['PostgresTransactionLong'],
        },
      ],
    },
    {
      title: 'From client to server',
      panels: [
        {
          id: 21,
          type: 'timeseries',
          title: 'Clients, pools and sessions',
          description:
            'Both sides of the pool on one axis. Clients go up and sessions do not: the pool does its work. Sessions go up with the clients: somebody connects past it. Clients wait while sessions are few: the pool is too small.',
          unit: 'short',
          w: 24,
          h: 10,
          queries: [
            { expr: `sum(${m('pgbouncer_pools_client_active_connections')})`, legend: 'clients of PgBouncer' },
            { expr: `sum(${m('pgbouncer_pools_client_waiting_connections')})`, legend: 'clients that wait' },
            { expr: `sum(${m('pgbouncer_pools_server_active_connections')})`, legend: 'servers at work in pools' },
            { expr: m('pg_connections_used'), legend: 'sessions in PostgreSQL {{instance}} {{target}}' },
          ],
        },
        {
          id: 22,
          type: 'state-timeline',
          title: 'State of PgBouncer',
          description:
            'Paused and suspended poolers hold their clients and let nothing through: somebody gave PAUSE and has to give RESUME.',
          unit: 'none',
          w: 12,
          h: 5,
          mappings: POOLER,
          queries: [
            { expr: `${is('paused')} + 2 * ${is('suspended')} or 3 * (1 - ${m('pgbouncer_up')})`, legend: SERVER_NAME },
          ],
          linked: ['PgBouncerDown'],
        },
        {
          id: 23,
          type: 'state-timeline',
          title: 'Databases in PgBouncer',
          description: 'Databases that were paused or disabled by name; their clients wait, or are turned away.',
          unit: 'none',
          w: 12,
          h: 5,
          mappings: ENTRY,
          queries: [
            {
              expr: `${watched('PgBouncerPaused')} + 2 * ${watched('PgBouncerDatabaseDisabled')}`,
              legend: '{{name}} {{instance}} {{target}}',
            },
          ],
          linked: ['PgBouncerPaused', 'PgBouncerDatabaseDisabled'],
        },
      ],
    },
    pools,
    work,
    {
      title: 'PostgreSQL: sessions',
      panels: [
        {
          id: 51,
          type: 'timeseries',
          title: 'Sessions by state',
          description:
            'All clients of the servers chosen, and what all of them together may open. Idle in transaction should be next to nothing.',
          unit: 'short',
          stacked: true,
          limits: ['limit'],
          queries: [
            { expr: `sum by (state) (${m('pg_sessions')})`, legend: '{{state}}' },
            { expr: `sum(${m('pg_connections_max')} - ${ON_SERVER} ${m('pg_connections_reserved')})`, legend: 'limit' },
          ],
        },
        {
          id: 52,
          type: 'timeseries',
          title: 'Connections used',
          description:
            'As part of max_connections less what is reserved. Raise the limit last: first see who is connected and idle.',
          unit: 'percentunit',
          softMax: 1,
          queries: [{ expr: watched('PostgresConnectionsHigh'), legend: SERVER_NAME }],
          alerts: ['PostgresConnectionsHigh'],
        },
        {
          id: 53,
          type: 'timeseries',
          title: 'Limits of databases and roles used',
          description: 'Where ALTER DATABASE or ALTER ROLE … CONNECTION LIMIT has set one.',
          unit: 'percentunit',
          empty: 'No database and no role has a limit',
          softMax: 1,
          queries: [
            {
              expr: watched('PostgresDatabaseConnectionsHigh'),
              legend: 'database {{datname}} {{instance}} {{target}}',
            },
            { expr: watched('PostgresRoleConnectionsHigh'), legend: 'role {{rolname}} {{instance}} {{target}}' },
          ],
          alerts: ['PostgresDatabaseConnectionsHigh', 'PostgresRoleConnectionsHigh'],
        },
        {
          id: 54,
          type: 'timeseries',
          title: 'By database',
          description: 'Client sessions of each database.',
          unit: 'short',
          queries: [
            { expr: steadyTop(10, m('pg_connections_database_used')), legend: '{{datname}} {{instance}} {{target}}' },
          ],
        },
        {
          id: 55,
          type: 'timeseries',
          title: 'By role',
          description: 'Client sessions of each role. One that grows without end has a leak in its application.',
          unit: 'short',
          queries: [
            { expr: steadyTop(10, m('pg_connections_role_used')), legend: '{{rolname}} {{instance}} {{target}}' },
          ],
        },
        {
          id: 56,
          type: 'timeseries',
          title: 'Sessions begun and lost',
          description:
            'Many begun per second: applications connect for each statement, a pool would spare it. Lost: clients that vanished, fatal errors, terminated ones.',
          unit: 'cps',
          queries: [
            { expr: sum(rate('pg_stat_database_sessions_total')), legend: 'begun {{instance}} {{target}}' },
            {
              expr: sum(rate('pg_stat_database_sessions_abandoned_total')),
              legend: 'vanished {{instance}} {{target}}',
            },
            { expr: sum(rate('pg_stat_database_sessions_fatal_total')), legend: 'fatal error {{instance}} {{target}}' },
            { expr: sum(rate('pg_stat_database_sessions_killed_total')), legend: 'terminated {{instance}} {{target}}' },
          ],
        },
      ],
    },
    {
      title: 'PostgreSQL: transactions that stay open, and logins',
      panels: [
        {
          id: 61,
          type: 'timeseries',
          title: 'Longest idle in a transaction',
          description:
            'The application began a transaction and does something else. The page Activity shows it and can end it.',
          unit: 's',
          softMax: 10,
          queries: [{ expr: watched('PostgresIdleInTransaction'), legend: SERVER_NAME }],
          alerts: ['PostgresIdleInTransaction'],
        },
        {
          id: 62,
          type: 'timeseries',
          title: 'Oldest transaction',
          description: 'Of all clients. While it is open, vacuum keeps what died since.',
          unit: 's',
          softMax: 10,
          queries: [{ expr: watched('PostgresTransactionLong'), legend: SERVER_NAME }],
          alerts: ['PostgresTransactionLong'],
        },
        {
          id: 63,
          type: 'timeseries',
          title: 'Oldest prepared transaction',
          description:
            'Of two-phase commit: it holds locks and dead rows even through a restart, until COMMIT PREPARED or ROLLBACK PREPARED.',
          unit: 's',
          softMax: 10,
          queries: [{ expr: watched('PostgresPreparedTransactionOld'), legend: '{{datname}} {{instance}} {{target}}' }],
          alerts: ['PostgresPreparedTransactionOld'],
        },
        {
          id: 64,
          type: 'timeseries',
          title: 'TLS',
          description: 'Sessions over TCP with TLS and without.',
          unit: 'short',
          stacked: true,
          queries: [
            { expr: `sum by (ssl, version) (${m('pg_stat_ssl_sessions')})`, legend: 'TLS {{ssl}} {{version}}' },
          ],
        },
        {
          id: 65,
          type: 'table',
          title: 'Passwords that expire',
          description: 'Roles whose password has an end, the nearest first. After it they cannot log in.',
          w: 16,
          empty: 'No password has an end',
          labels: { instance: 'Instance', target: 'Target', rolname: 'Role' },
          columns: [
            { title: 'Left', unit: 's', alerting: true, expr: sum(watched('PostgresPasswordExpires'), 'rolname') },
          ],
          alerts: ['PostgresPasswordExpires'],
        },
      ],
    },
  ],
};
