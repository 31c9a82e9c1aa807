/** Dead rows, autovacuum, transaction ids. */
import { DATABASE, OF_TABLE, ofThose, perTable, TABLE } from '../lib/objects.ts';
import { m, onPrimary, rate, steadyTop, sum, top } from '../lib/promql.ts';
import type { Row } from '../lib/types.ts';
import { watched } from '../lib/watched.ts';

const deadest = top(10, perTable(m('pg_stat_user_tables_n_dead_tup')));
export const dead_rows: Row = {
  title: 'Dead rows and autovacuum',
  panels: [
    {
      id: 31,
      type: 'table',
      title: 'Tables with most dead rows',
      description:
        'Part of the rows that are dead. Vacuum makes their room usable again. The alert counts only from 10,000 dead rows.',
      w: 14,
      labels: OF_TABLE,
      columns: [
        { title: 'Dead rows', unit: 'short', expr: deadest },
        {
          title: 'Dead part',
          unit: 'percentunit',
          alerting: true,
          expr: ofThose(perTable(watched('PostgresDeadRowsHigh')), deadest),
        },
        {
          title: 'Vacuumed',
          unit: 'dateTimeFromNow',
          expr: ofThose(`1000 * ${perTable(m('pg_stat_user_tables_last_autovacuum'))}`, deadest),
        },
      ],
      sort: 'Dead rows',
      alerts: ['PostgresDeadRowsHigh'],
    },
    {
      id: 32,
      type: 'timeseries',
      title: 'Need of vacuum',
      description:
        'Dead rows as part of those that start autovacuum on the table. A saw with its tips at 100 % is autovacuum at work.',
      unit: 'percentunit',
      w: 10,
      queries: [{ expr: steadyTop(8, onPrimary(watched('PostgresAutovacuumLate'))), legend: TABLE }],
      alerts: ['PostgresAutovacuumLate'],
    },
    {
      id: 33,
      type: 'timeseries',
      title: 'Autovacuum workers',
      description:
        'At work, as part of those there may be. Always all: raise the number, or make each faster with autovacuum_vacuum_cost_limit.',
      unit: 'percentunit',
      softMax: 1,
      queries: [
        {
          expr: `${watched('PostgresAutovacuumBusy')} or ${sum(`0 * ${m('pg_up')}`)}`,
          legend: '{{instance}} {{target}}',
        },
      ],
      alerts: ['PostgresAutovacuumBusy'],
    },
    {
      id: 34,
      type: 'timeseries',
      title: 'Running vacuums',
      description:
        'Part of the table’s blocks that each has scanned. One that stands still waits for a lock, or is slowed down by its cost limit.',
      unit: 'percentunit',
      max: 1,
      empty: 'No vacuum was seen',
      queries: [
        {
          expr: `${m('pg_stat_progress_vacuum_heap_blks_scanned')} / (${m('pg_stat_progress_vacuum_heap_blks')} > 0)`,
          legend: '{{relname}} {{datname}} {{instance}}',
        },
      ],
    },
    {
      id: 35,
      type: 'timeseries',
      title: 'Time spent vacuuming',
      description: 'Seconds per second, by autovacuum and by hand, of the tables with most; needs PostgreSQL 18.',
      unit: 's',
      softMax: 0.01,
      empty: 'Needs PostgreSQL 18',
      queries: [
        {
          expr: sum(rate('pg_stat_user_tables_autovacuum_time_seconds_total')),
          legend: 'autovacuum {{instance}} {{target}}',
        },
        {
          expr: sum(rate('pg_stat_user_tables_vacuum_time_seconds_total')),
          legend: 'by hand {{instance}} {{target}}',
        },
        {
          expr: sum(rate('pg_stat_user_tables_autoanalyze_time_seconds_total')),
          legend: 'autoanalyze {{instance}} {{target}}',
        },
      ],
    },
  ],
};

export const transaction_ids: Row = {
  title: 'Transaction ids',
  panels: [
    {
      id: 41,
      type: 'timeseries',
      title: 'To wraparound of transaction ids',
      description:
        'By database. Vacuum brings it down, unless something holds the horizon: see the panel of that name.',
      unit: 'percentunit',
      decimals: 2,
      softMax: 1,
      queries: [{ expr: steadyTop(8, watched('PostgresXidWraparound')), legend: DATABASE }],
      alerts: ['PostgresXidWraparound'],
    },
    {
      id: 42,
      type: 'timeseries',
      title: 'To wraparound of multixacts',
      description: 'They count shared row locks: many foreign keys and SELECT … FOR SHARE use them up.',
      unit: 'percentunit',
      decimals: 2,
      softMax: 1,
      queries: [{ expr: steadyTop(8, watched('PostgresMultixactWraparound')), legend: DATABASE }],
      alerts: ['PostgresMultixactWraparound'],
    },
    {
      id: 43,
      type: 'timeseries',
      title: 'To a forced vacuum',
      description:
        'From 100 % on autovacuum freezes whether it is switched off or not. Well above: it does not manage.',
      unit: 'percentunit',
      decimals: 2,
      softMax: 1,
      queries: [
        { expr: steadyTop(8, m('pg_database_xid_age_freeze_max_ratio')), legend: `transactions ${DATABASE}` },
        { expr: steadyTop(8, m('pg_database_multixact_age_freeze_max_ratio')), legend: `multixacts ${DATABASE}` },
      ],
      alerts: ['PostgresFreezeOverdue'],
    },
    {
      id: 44,
      type: 'timeseries',
      title: 'What holds the horizon',
      description:
        'Transactions since the oldest one that somebody may still look at. Vacuum removes nothing younger: end the session, drop the slot, finish the prepared transaction.',
      unit: 'short',
      w: 12,
      queries: [{ expr: watched('PostgresXminHorizonHeld'), legend: '{{holder}} {{instance}} {{target}}' }],
      alerts: ['PostgresXminHorizonHeld'],
    },
    {
      id: 45,
      type: 'table',
      title: 'Oldest tables',
      description: 'Age of the oldest transaction id, as part of the age that forces a freeze.',
      labels: OF_TABLE,
      columns: [{ title: 'Age', unit: 'percentunit', expr: top(10, onPrimary(perTable(m('pg_table_xid_age_ratio')))) }],
      sort: 'Age',
    },
  ],
};
