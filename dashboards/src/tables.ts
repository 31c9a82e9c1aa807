import { TABLE } from './lib/objects.ts';
import { m, onPrimary, sum, top } from './lib/promql.ts';
import type { Board } from './lib/types.ts';
import { watched } from './lib/watched.ts';
import { access, size } from './rows/access.ts';
import { dead_rows, transaction_ids } from './rows/vacuum.ts';

export const tables: Board = {
  uid: 'pgvigil-tables',
  title: 'Tables, indexes and vacuum',
  description:
    'What wears out: dead rows, transaction ids, bloat, sequences, partitions; and which index earns its keep.',
  variables: [
    {
      name: 'upkeep_database',
      label: 'Maintain in',
      query:
        'label_values(pg_table_vacuum_need_ratio{job=~"$job", cluster=~"$cluster", instance=~"$instance", datname=~"$datname"}, datname)',
    },
    {
      name: 'upkeep_table',
      label: 'Tables',
      query:
        'query_result(label_join(topk(5, pg_table_vacuum_need_ratio{job=~"$job", cluster=~"$cluster", instance=~"$instance", datname="$upkeep_database", relname!="other"}), "name", ".", "schemaname", "relname"))',
      regex: '/[{,]name="([^"]+)"/',
      multi: true,
    },
  ],
  rows: [
    {
      title: 'Health now',
      panels: [
        {
          id: 11,
          type: 'stat',
          title: 'To wraparound',
          description:
            'Part of the transaction ids that the oldest database has used up. Shortly before 100 % the server stops writing.',
          unit: 'percentunit',
          decimals: 1,
          trend: true,
          queries: [{ expr: `max(${watched('PostgresXidWraparound')})` }],
          like: ['PostgresXidWraparound'],
        },
        {
          id: 12,
          type: 'stat',
          title: 'Need of vacuum',
          description:
            'Dead rows of the neediest table, as part of those that start autovacuum. Well above 100 %: it does not come, or does not manage.',
          unit: 'percentunit',
          decimals: 0,
          trend: true,
          queries: [{ expr: `max(${onPrimary(watched('PostgresAutovacuumLate'))})` }],
          like: ['PostgresAutovacuumLate'],
        },
        {
          id: 13,
          type: 'stat',
          title: 'Autovacuum busy',
          description: 'Workers, of autovacuum_max_workers. All busy for long: tables wait for their turn.',
          unit: 'percentunit',
          decimals: 0,
          trend: true,
          queries: [{ expr: `max(${watched('PostgresAutovacuumBusy')}) or vector(0)` }],
          like: ['PostgresAutovacuumBusy'],
        },
        {
          id: 14,
          type: 'stat',
          title: 'Fullest sequence',
          description: 'Part of its values handed out. At 100 % inserts fail.',
          unit: 'percentunit',
          decimals: 1,
          queries: [{ expr: `max(${watched('PostgresSequenceNearEnd')})` }],
          like: ['PostgresSequenceNearEnd'],
        },
        {
          id: 15,
          type: 'stat',
          title: 'Invalid indexes',
          description: 'They cost writes and serve no query. The page Maintenance rebuilds or drops them.',
          unit: 'short',
          queries: [{ expr: `sum(${onPrimary(sum(m('pg_invalid_indexes')))})` }],
          like: ['PostgresIndexInvalid'],
        },
        {
          id: 16,
          type: 'stat',
          title: 'Bloat',
          description: 'Space that a rewrite of tables and indexes would give back, estimated.',
          unit: 'bytes',
          queries: [
            {
              expr: `sum(${onPrimary(sum(m('pg_table_bloat_bytes')))}) + sum(${onPrimary(sum(m('pg_index_bloat_bytes')))})`,
            },
          ],
        },
      ],
    },
    {
      title: 'Upkeep',
      panels: [
        {
          id: 21,
          type: 'pgvigil-actions-panel',
          title: 'The neediest tables',
          description:
            'Each action shows its exact SQL before it runs, and needs the right of your role. The variable “Tables” holds the five of the database that need vacuum most; the app asks the first target of its exporter.',
          options: {
            target: '',
            database: '$upkeep_database',
            objects: ['$upkeep_table'],
            actions: ['vacuum', 'analyze', 'reindex'],
          },
        },
      ],
    },
    dead_rows,
    transaction_ids,
    size,
    access,
    {
      title: 'Sequences, partitions, materialized views',
      panels: [
        {
          id: 71,
          type: 'table',
          title: 'Fullest sequences',
          description:
            'Values handed out, up to the limit of the sequence or of its column. The cure is a wider column, planned in time.',
          widths: { sequencename: 190 },
          labels: { instance: 'Instance', datname: 'Database', schemaname: 'Schema', sequencename: 'Sequence' },
          columns: [
            {
              title: 'Used',
              unit: 'percentunit',
              alerting: true,
              expr: top(
                10,
                onPrimary(sum(watched('PostgresSequenceNearEnd'), 'datname', 'schemaname', 'sequencename')),
              ),
            },
          ],
          sort: 'Used',
          alerts: ['PostgresSequenceNearEnd'],
        },
        {
          id: 74,
          type: 'table',
          title: 'Materialized views',
          description:
            'What changed beneath since the last refresh. The page Maintenance refreshes them, concurrently where it can.',
          labels: { instance: 'Instance', datname: 'Database', schemaname: 'Schema', matviewname: 'View' },
          columns: [
            {
              title: 'Changes since',
              unit: 'short',
              expr: onPrimary(sum(m('pg_matview_changes_since_refresh'), 'datname', 'schemaname', 'matviewname')),
            },
            {
              title: 'Refreshed',
              unit: 'dateTimeFromNow',
              expr: onPrimary(
                `1000 * ${sum(m('pg_matview_last_refresh_timestamp_seconds'), 'datname', 'schemaname', 'matviewname')}`,
              ),
            },
            {
              title: 'Took',
              unit: 's',
              expr: onPrimary(sum(m('pg_matview_refresh_duration_seconds'), 'datname', 'schemaname', 'matviewname')),
            },
            {
              title: 'Size',
              unit: 'bytes',
              expr: onPrimary(sum(m('pg_matview_size_bytes'), 'datname', 'schemaname', 'matviewname')),
            },
          ],
          sort: 'Changes since',
          linked: ['PostgresMatviewStale'],
        },
        {
          id: 72,
          type: 'timeseries',
          title: 'Time until partitions run out',
          description:
            'Until rows meet no partition but the default one. pgvigil.ensure_partitions creates them ahead.',
          w: 12,
          unit: 's',
          empty: 'No table is partitioned by time',
          queries: [{ expr: onPrimary(watched('PostgresPartitionsRunningOut')), legend: TABLE }],
          alerts: ['PostgresPartitionsRunningOut'],
        },
        {
          id: 73,
          type: 'timeseries',
          title: 'Rows in default partitions',
          description: 'Rows that found no partition of their own; they keep it from being created.',
          w: 12,
          unit: 'short',
          softMax: 1,
          empty: 'No table is partitioned by time',
          queries: [{ expr: onPrimary(watched('PostgresPartitionDefaultRows')), legend: TABLE }],
          alerts: ['PostgresPartitionDefaultRows'],
        },
      ],
    },
  ],
};
