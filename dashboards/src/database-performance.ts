import { count, m, onPrimary, rate, SERVER_NAME, steadyTop, sum } from './lib/promql.ts';
import type { Board, Mapping } from './lib/types.ts';
import { watched } from './lib/watched.ts';

const UP: readonly Mapping[] = [
  { value: 0, text: 'Down', color: 'red' },
  { value: 1, text: 'Up', color: 'green' },
];

const ROLES: readonly Mapping[] = [
  { value: 0, text: 'Primary', color: 'blue' },
  { value: 1, text: 'Standby', color: 'purple' },
];

const reads = sum(rate('pg_stat_database_blks_read'), 'datname');
const hits = sum(rate('pg_stat_database_blks_hit'), 'datname');
const executing = sum(rate('pg_stat_statements_seconds_total'));
const calls = sum(rate('pg_stat_statements_calls_total'));

export const database_performance: Board = {
  uid: 'database-performance',
  title: 'Database performance',
  description: 'Every server and pool at a glance: is it up, is it fast, does it keep its pace, will it have room.',
  rows: [
    {
      title: 'Health now',
      panels: [
        {
          id: 11,
          type: 'stat',
          title: 'PostgreSQL',
          description: 'Whether the exporter reaches each server. Down: look at the runbook, then at the server’s log.',
          unit: 'none',
          mappings: UP,
          queries: [{ expr: m('pg_up'), legend: SERVER_NAME }],
          alerts: ['PostgresDown'],
        },
        {
          id: 12,
          type: 'stat',
          title: 'PgBouncer',
          description:
            'Whether the exporter reaches each pooler. Applications that go through a pooler that is down reach nothing.',
          unit: 'none',
          mappings: UP,
          queries: [{ expr: m('pgbouncer_up'), legend: SERVER_NAME }],
          like: ['PgBouncerDown'],
        },
        {
          id: 13,
          type: 'stat',
          title: 'Connections used',
          description:
            'Client connections, as part of those that anybody may open. At 100 % only superusers get in: see the board of connections for who holds them.',
          unit: 'percentunit',
          trend: true,
          queries: [{ expr: `max(${watched('PostgresConnectionsHigh')})` }],
          like: ['PostgresConnectionsHigh'],
        },
        {
          id: 14,
          type: 'stat',
          title: 'Mean query time',
          description:
            'Time of all statements, divided by their number; the slowest server. The board of queries says which statements it is.',
          unit: 's',
          trend: true,
          queries: [{ expr: `max(${executing} / ${calls})` }],
          like: ['PostgresQueryLatencyHigh'],
        },
        {
          id: 15,
          type: 'stat',
          title: 'Tracks per hour',
          description:
            'Rows that the ingestion has read, at the pace of this moment; of all databases. The target is 20,000 while a run is on.',
          unit: 'short',
          trend: true,
          queries: [{ expr: `sum(${onPrimary(`3600 * ${sum(rate('musicdb_ingested_rows_total'))}`)})` }],
        },
        {
          id: 16,
          type: 'stat',
          title: 'Firing alerts',
          description: 'Alerts that fire for these servers. The table below names them.',
          unit: 'none',
          queries: [{ expr: `count(${m('ALERTS', 'alertstate="firing"', 'severity!="none"')}) or vector(0)` }],
        },
      ],
    },
    {
      title: 'Servers and alerts',
      panels: [
        {
          id: 21,
          type: 'table',
          title: 'Servers',
          h: 7,
          description: 'One line for each server. Open one to look at it alone; compare those of one cluster here.',
          w: 14,
          labels: {
            cluster: 'Cluster',
            instance: 'Instance',
            target: 'Target',
            role: 'Role',
            short_version: 'Version',
          },
          columns: [
            { title: '', unit: 'none', hidden: true, expr: count(m('pg_server_info'), 'role', 'short_version') },
            { title: 'Running for', unit: 's', expr: `time() - ${sum(m('pg_postmaster_start_time_seconds'))}` },
            { title: 'Connections', unit: 'percentunit', expr: sum(watched('PostgresConnectionsHigh')) },
            { title: 'Transactions/s', unit: 'short', expr: sum(rate('pg_stat_database_xact_commit')) },
            { title: 'Mean query', unit: 's', expr: `${executing} / ${calls}` },
            { title: 'Size', unit: 'bytes', expr: sum(m('pg_database_size_bytes')) },
          ],
          links: {
            instance:
              '/d/database-performance?var-instance=${__value.raw}&${datasource:queryparam}&${__url_time_range}',
          },
        },
        {
          id: 22,
          type: 'table',
          title: 'Firing alerts',
          h: 7,
          description:
            'What fires now and since when. The name leads to the runbook. Alerts about a whole cluster (no primary, several primaries) are in Alertmanager only.',
          w: 10,
          empty: 'No alert fires',
          labels: { alertname: 'Alert', severity: 'Severity', instance: 'Instance', datname: 'Database' },
          columns: [
            {
              title: 'Since',
              unit: 'dateTimeFromNow',
              expr: `1000 * ${m('ALERTS_FOR_STATE', 'severity!="none"')} and ignoring (alertstate) ${m('ALERTS', 'alertstate="firing"')}`,
            },
          ],
          widths: { alertname: 200 },
          links: { alertname: '/a/pgvigil-database-app/runbooks/${__value.raw}' },
        },
      ],
    },
    {
      title: 'Throughput and speed',
      panels: [
        {
          id: 31,
          type: 'timeseries',
          title: 'Transactions',
          description:
            'Committed and rolled back, per second. A step down with as many clients as before: they wait for something.',
          unit: 'ops',
          queries: [
            { expr: sum(rate('pg_stat_database_xact_commit')), legend: 'committed {{instance}} {{target}}' },
            { expr: sum(rate('pg_stat_database_xact_rollback')), legend: 'rolled back {{instance}} {{target}}' },
          ],
        },
        {
          id: 32,
          type: 'timeseries',
          title: 'Mean query time',
          description:
            'Of all statements of a server. When it rises with the load, something is saturated; without the load, a plan or the data changed.',
          unit: 's',
          queries: [{ expr: `${executing} / ${calls}`, legend: SERVER_NAME }],
          like: ['PostgresQueryLatencyHigh'],
        },
        {
          id: 33,
          type: 'timeseries',
          title: 'Ingestion',
          description: 'Rows of tracks read per hour, by database, and the target while a run is on.',
          unit: 'short',
          queries: [
            { expr: onPrimary(watched('IngestionBelowTarget')), legend: '{{datname}} {{instance}} {{target}}' },
          ],
          like: ['IngestionBelowTarget'],
        },
        {
          id: 34,
          type: 'timeseries',
          title: 'What sessions do',
          description:
            'Active sessions by what they wait for; CPU is work. More than there are processors: the server is the bottleneck. Lock: see the board of locks.',
          unit: 'short',
          stacked: true,
          queries: [{ expr: `sum by (wait_event_type) (${m('pg_sessions_active')})`, legend: '{{wait_event_type}}' }],
        },
        {
          id: 35,
          type: 'timeseries',
          title: 'Found in shared buffers',
          description:
            'Part of the blocks that needed no read from files. A fall means that the working set no longer fits, or a large scan.',
          unit: 'percentunit',
          min: null,
          max: 1,
          queries: [{ expr: `${hits} / (${hits} + ${reads} > 0)`, legend: '{{datname}} {{instance}} {{target}}' }],
        },
        {
          id: 36,
          type: 'timeseries',
          title: 'Connections and pool',
          description:
            'Sessions in PostgreSQL beside the clients of PgBouncer. Waiting clients while servers are free is a pool that is too small.',
          unit: 'short',
          queries: [
            { expr: m('pg_connections_used'), legend: 'sessions {{instance}} {{target}}' },
            {
              expr: sum(m('pgbouncer_pools_client_active_connections')),
              legend: 'pooled clients {{instance}} {{target}}',
            },
            {
              expr: sum(m('pgbouncer_pools_client_waiting_connections')),
              legend: 'waiting clients {{instance}} {{target}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Room',
      panels: [
        {
          id: 41,
          type: 'timeseries',
          title: 'Size of databases',
          description: 'Disk space, tables and indexes together.',
          unit: 'bytes',
          queries: [
            {
              expr: steadyTop(10, onPrimary(m('pg_database_size_bytes'))),
              legend: '{{datname}} {{instance}} {{target}}',
            },
          ],
          alerts: ['PostgresDatabaseSizeHigh'],
        },
        {
          id: 42,
          type: 'timeseries',
          title: 'Growth per day',
          description:
            'What a database would gain in a day at the pace of the last six hours. The alert is about a fifth of its size, from 10 GiB on.',
          unit: 'bytes',
          min: null,
          queries: [
            {
              expr: steadyTop(10, onPrimary(`86400 * deriv(${m('pg_database_size_bytes')}[6h])`)),
              legend: '{{datname}} {{instance}} {{target}}',
            },
          ],
          linked: ['PostgresDatabaseGrowthHigh'],
        },
        {
          id: 43,
          type: 'timeseries',
          title: 'Free space in a day',
          description:
            'Of the file systems that hold data, where node_exporter runs beside PostgreSQL: what will be left in 24 hours at the pace of the last six. Below 0: full.',
          unit: 'bytes',
          min: null,
          queries: [{ expr: watched('PostgresDiskFullSoon'), legend: '{{mountpoint}} {{instance}}' }],
          empty: 'Needs node_exporter on the database’s host',
          alerts: ['PostgresDiskFullSoon'],
        },
      ],
    },
    {
      title: 'Incidents',
      panels: [
        {
          id: 51,
          type: 'state-timeline',
          title: 'Roles',
          w: 12,
          h: 7,
          description:
            'Who was primary when. A cluster without a primary cannot write; one with two loses what one of them takes.',
          unit: 'none',
          mappings: ROLES,
          queries: [{ expr: m('pg_replication_is_replica'), legend: SERVER_NAME }],
          linked: ['PostgresNoPrimary', 'PostgresSplitBrain', 'PostgresRoleChanged'],
        },
        {
          id: 52,
          type: 'timeseries',
          title: 'Running for',
          description:
            'Time since the server started. A fall to 0 is a restart: by somebody, or after a crash; the log says which.',
          unit: 's',
          w: 12,
          h: 7,
          queries: [{ expr: `time() - ${m('pg_postmaster_start_time_seconds')}`, legend: SERVER_NAME }],
          linked: ['PostgresRestarted'],
        },
        {
          id: 53,
          type: 'timeseries',
          title: 'Damaged pages',
          description:
            'Pages with a wrong checksum. Any at all: stop trusting the storage, take the server out, restore what is lost.',
          unit: 'short',
          w: 12,
          h: 7,
          bars: true,
          softMax: 1,
          queries: [{ expr: watched('PostgresChecksumFailure'), legend: '{{datname}} {{instance}} {{target}}' }],
          empty: 'No figures: checksums are off',
          alerts: ['PostgresChecksumFailure'],
        },
        {
          id: 54,
          type: 'timeseries',
          title: 'Settings that wait for a restart',
          description:
            'Changed in the configuration and not in effect yet. The page Maintenance cannot cure it: plan a restart.',
          unit: 'short',
          w: 12,
          h: 7,
          softMax: 1,
          queries: [{ expr: m('pg_pending_restart_settings'), legend: SERVER_NAME }],
          alerts: ['PostgresRestartPending'],
        },
      ],
    },
  ],
};
