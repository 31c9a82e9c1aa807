/** Size, bloat, and how tables and indexes are read. */
import { OF_INDEX, OF_TABLE, ofThose, perIndex, perTable, TABLE, tableSize } from '../lib/objects.ts';
import { m, onPrimary, rate, steadyTop, sum, top } from '../lib/promql.ts';
import type { Row } from '../lib/types.ts';
import { watched } from '../lib/watched.ts';

const totalSize = perTable(tableSize());
const largest = top(10, onPrimary(totalSize));
const mostRead = top(10, perTable(rate('pg_stat_user_tables_seq_tup_read', 'schemaname!~"pg_temp.*"')));
export const size: Row = {
  title: 'Size and bloat',
  panels: [
    {
      id: 51,
      type: 'table',
      title: 'Largest tables',
      description: 'With their indexes and long values. Indexes larger than their table are worth a look.',
      labels: OF_TABLE,
      columns: [
        { title: 'Size', unit: 'bytes', expr: largest },
        {
          title: 'Indexes',
          unit: 'bytes',
          expr: ofThose(perTable(m('pg_stat_user_tables_index_size_bytes')), largest),
        },
        { title: 'Rows', unit: 'short', expr: ofThose(perTable(m('pg_stat_user_tables_n_live_tup')), largest) },
      ],
      sort: 'Size',
    },
    {
      id: 52,
      type: 'timeseries',
      title: 'Size of the largest tables',
      description: 'With indexes, the eight largest.',
      unit: 'bytes',
      w: 12,
      queries: [{ expr: steadyTop(8, onPrimary(totalSize)), legend: TABLE }],
    },
    {
      id: 53,
      type: 'table',
      title: 'Bloat of tables',
      description:
        'Space that a rewrite would give back, estimated from statistics. pg_repack does it without a long lock; VACUUM FULL locks.',
      labels: OF_TABLE,
      columns: [
        { title: 'Bloat', unit: 'bytes', expr: top(10, onPrimary(perTable(m('pg_table_bloat_bytes')))) },
        {
          title: 'Part',
          unit: 'percentunit',
          expr: ofThose(perTable(m('pg_table_bloat_ratio')), top(10, onPrimary(perTable(m('pg_table_bloat_bytes'))))),
        },
      ],
      sort: 'Bloat',
    },
    {
      id: 54,
      type: 'table',
      title: 'Bloat of indexes',
      description:
        'Space that REINDEX CONCURRENTLY would give back. The alert counts only from 100 MiB; the page Maintenance does it.',
      labels: OF_INDEX,
      widths: { indexrelname: 170 },
      columns: [
        { title: 'Bloat', unit: 'bytes', expr: top(10, onPrimary(perIndex(m('pg_index_bloat_bytes')))) },
        {
          title: 'Part',
          unit: 'percentunit',
          alerting: true,
          expr: ofThose(
            perIndex(watched('PostgresIndexBloated')),
            top(10, onPrimary(perIndex(m('pg_index_bloat_bytes')))),
          ),
        },
      ],
      sort: 'Bloat',
      alerts: ['PostgresIndexBloated'],
    },
  ],
};

export const access: Row = {
  title: 'Access',
  panels: [
    {
      id: 61,
      type: 'table',
      title: 'Read from end to end',
      description:
        'Tables whose sequential scans read most rows per second. Many scans of a large table: the page Queries finds the statement and a candidate for an index.',
      labels: OF_TABLE,
      columns: [
        { title: 'Rows/s', unit: 'short', expr: mostRead },
        {
          title: 'Scans/s',
          unit: 'short',
          expr: ofThose(perTable(rate('pg_stat_user_tables_seq_scan')), mostRead),
        },
        { title: 'Rows', unit: 'short', expr: ofThose(perTable(m('pg_stat_user_tables_n_live_tup')), mostRead) },
      ],
      sort: 'Rows/s',
    },
    {
      id: 62,
      type: 'timeseries',
      title: 'Index scans and sequential scans',
      description:
        'Begun per second, of all tables. A step from one to the other is a dropped index or a changed plan.',
      unit: 'ops',
      w: 12,
      queries: [
        { expr: sum(rate('pg_stat_user_tables_idx_scan')), legend: 'index {{instance}} {{target}}' },
        { expr: sum(rate('pg_stat_user_tables_seq_scan')), legend: 'sequential {{instance}} {{target}}' },
      ],
    },
    {
      id: 63,
      type: 'table',
      title: 'Findings about indexes',
      description:
        'Unused, redundant, invalid ones, with a verdict. “safe to drop” has looked at constraints and at every standby it knows of.',
      widths: { indexrelname: 150 },
      labels: { ...OF_INDEX, kind: 'Finding', verdict: 'Verdict' },
      columns: [
        {
          title: 'Size',
          unit: 'bytes',
          expr: onPrimary(
            sum(
              m('pg_index_finding_size_bytes'),
              'datname',
              'schemaname',
              'relname',
              'indexrelname',
              'kind',
              'verdict',
            ),
          ),
        },
      ],
      sort: 'Size',
    },
    {
      id: 64,
      type: 'table',
      title: 'Invalid indexes',
      description:
        'Left by a build that failed. REINDEX CONCURRENTLY repairs it, DROP INDEX CONCURRENTLY removes it: both on the page Maintenance.',
      empty: 'No index is invalid',
      labels: OF_INDEX,
      widths: { indexrelname: 170 },
      columns: [
        {
          title: 'Invalid',
          unit: 'short',
          alerting: true,
          width: 80,
          expr: onPrimary(perIndex(watched('PostgresIndexInvalid'))),
        },
      ],
      alerts: ['PostgresIndexInvalid'],
    },
    {
      id: 65,
      type: 'timeseries',
      title: 'Rows changed',
      description:
        'Updates that stay on their page (heap-only) need no new index entries: a low part of them suggests a lower fillfactor, or an index too many.',
      unit: 'short',
      w: 12,
      queries: [
        { expr: sum(rate('pg_stat_user_tables_n_tup_ins')), legend: 'inserted {{instance}} {{target}}' },
        { expr: sum(rate('pg_stat_user_tables_n_tup_upd')), legend: 'updated {{instance}} {{target}}' },
        {
          expr: sum(rate('pg_stat_user_tables_n_tup_hot_upd')),
          legend: 'of them heap-only {{instance}} {{target}}',
        },
        { expr: sum(rate('pg_stat_user_tables_n_tup_del')), legend: 'deleted {{instance}} {{target}}' },
      ],
    },
    {
      id: 66,
      type: 'timeseries',
      title: 'Blocks of tables read from files',
      description: 'Per second, the eight with most: what does not fit into shared buffers.',
      unit: 'short',
      w: 12,
      softMax: 1,
      queries: [
        {
          expr: steadyTop(
            8,
            perTable(
              `${rate('pg_statio_user_tables_heap_blocks_read')} + ${rate('pg_statio_user_tables_idx_blocks_read')}`,
            ),
          ),
          legend: TABLE,
        },
      ],
    },
  ],
};
