import { setTimeout } from 'node:timers/promises';
import type { Lab } from '../lib/lab/lab.ts';
import { configure } from '../lib/lab/deeds.ts';
import type { Fault, Firing } from './types.ts';

/** What is in the data is seen on the standby too. */
const onBoth = (firing: Firing): Firing[] =>
  ['db1:9187', 'db2:9187'].map((instance) => ({ ...firing, labels: { ...firing.labels, instance } }));

const TABLE = { datname: 'musicdb', schemaname: 'musicdb' };
const PLAYS = { ...TABLE, relname: 'play_days' };
const inMusicDb = ({ primary }: Lab, sql: string): Promise<unknown> => primary.query(sql, 'musicdb');

/** A table whose autovacuum is off, half of its rows deleted. */
async function deleteHalf(lab: Lab, table: string, rows: number): Promise<void> {
  await inMusicDb(lab, `create table musicdb.${table} (id int) with (autovacuum_enabled = false)`);
  await inMusicDb(lab, `insert into musicdb.${table} select generate_series(1, ${rows})`);
  await inMusicDb(lab, `analyze musicdb.${table}`);
  await inMusicDb(lab, `delete from musicdb.${table} where id % 2 = 0`);
}

/** Partitions of musicdb.play_days beyond that many days from now. */
async function dropPartitions(lab: Lab, after: number): Promise<void> {
  const rows = await lab.primary.query<{ name: string }>(
    `select partition::text as name from pgvigil.partition_ranges('musicdb.play_days')
      where lower(covers) > current_date + ${after}`,
    'musicdb',
  );
  for (const { name } of rows) await inMusicDb(lab, `drop table ${name}`);
}

export const createPartitions = (lab: Pick<Lab, 'primary'>): Promise<unknown> =>
  lab.primary.query('select * from pgvigil.create_partitions_ahead()', 'musicdb');

export const maintenance: readonly Fault[] = [
  {
    name: 'dead-rows',
    topology: 'pair',
    make: (lab) => deleteHalf(lab, 'history', 30_000),
    repair: (lab) => inMusicDb(lab, 'drop table musicdb.history'),
    fires: [
      { alert: 'PostgresDeadRowsHigh', severity: 'warning', labels: { ...TABLE, relname: 'history' }, after: 180 },
      { alert: 'PostgresAutovacuumLate', severity: 'warning', labels: { ...TABLE, relname: 'history' }, after: 180 },
    ],
  },
  {
    // Half of them dead, but only a few thousand: autovacuum should have come all the same.
    name: 'dead-rows-few',
    topology: 'pair',
    make: (lab) => deleteHalf(lab, 'history', 8000),
    repair: (lab) => inMusicDb(lab, 'drop table musicdb.history'),
    silent: ['PostgresDeadRowsHigh/warning'],
    fires: [
      { alert: 'PostgresAutovacuumLate', severity: 'warning', labels: { ...TABLE, relname: 'history' }, after: 180 },
    ],
  },
  {
    name: 'autovacuum-busy',
    topology: 'pair',
    make: async (lab) => {
      // One worker, which has to rest a tenth of a second after each page that it writes.
      await configure(lab.primary, {
        autovacuum_max_workers: '1',
        autovacuum_naptime: '1s',
        autovacuum_vacuum_cost_delay: '100ms',
        autovacuum_vacuum_cost_limit: '1',
      });
      await inMusicDb(lab, 'create table musicdb.history as select generate_series(1, 200000) as id');
      await inMusicDb(lab, 'delete from musicdb.history where id % 2 = 0');
      await setTimeout(4000);
    },
    repair: async (lab) => {
      await configure(lab.primary, {
        autovacuum_max_workers: null,
        autovacuum_naptime: null,
        autovacuum_vacuum_cost_delay: null,
        autovacuum_vacuum_cost_limit: null,
      });
      // Who wants the table ends its vacuum.
      await inMusicDb(lab, 'drop table musicdb.history');
    },
    scrapes: [4, 8, 8],
    fires: [{ alert: 'PostgresAutovacuumBusy', severity: 'warning', after: 300, clears: 180 }],
    mayFire: ['PostgresDeadRowsHigh/warning', 'PostgresAutovacuumLate/warning'],
  },
  {
    name: 'sequences-near-end',
    topology: 'pair',
    make: async (lab) => {
      for (const [name, used] of [
        ['tickets', 85],
        ['vouchers', 97],
      ]) {
        await inMusicDb(lab, `create sequence musicdb.${name} maxvalue 100`);
        await inMusicDb(lab, `select setval('musicdb.${name}', ${used})`);
      }
    },
    repair: (lab) => inMusicDb(lab, 'drop sequence musicdb.tickets, musicdb.vouchers'),
    fires: [
      ...['tickets', 'vouchers'].flatMap((sequencename) =>
        onBoth({ alert: 'PostgresSequenceNearEnd', severity: 'warning', labels: { ...TABLE, sequencename } }),
      ),
      ...onBoth({
        alert: 'PostgresSequenceNearEnd',
        severity: 'critical',
        labels: { ...TABLE, sequencename: 'vouchers' },
      }),
    ],
  },
  {
    name: 'index-invalid',
    topology: 'pair',
    make: async (lab) => {
      await inMusicDb(lab, 'create table musicdb.history as select 1 as id from generate_series(1, 2)');
      await inMusicDb(lab, 'create unique index concurrently history_id_idx on musicdb.history (id)').catch(
        () => undefined,
      );
    },
    repair: (lab) => inMusicDb(lab, 'drop table musicdb.history'),
    fires: onBoth({
      alert: 'PostgresIndexInvalid',
      severity: 'warning',
      labels: { ...TABLE, relname: 'history', indexrelname: 'history_id_idx' },
    }),
  },
  {
    name: 'matview-stale',
    topology: 'pair',
    make: async (lab) => {
      // It was refreshed 25 hours ago, and its table has changed since.
      await inMusicDb(lab, "update pgvigil.matview_refresh set last_refreshed_at = now() - interval '25 hours'");
      await inMusicDb(lab, 'update musicdb.artists set name = name where artist_id = 1');
    },
    repair: (lab) => inMusicDb(lab, "select * from pgvigil.refresh_matview('musicdb.top_artists', true)"),
    fires: [
      {
        alert: 'PostgresMatviewStale',
        severity: 'info',
        labels: { ...TABLE, matviewname: 'top_artists' },
        after: 120,
        clears: 60,
      },
    ],
  },
  {
    name: 'partitions-few',
    topology: 'pair',
    make: (lab) => dropPartitions(lab, 1),
    repair: createPartitions,
    fires: onBoth({ alert: 'PostgresPartitionsRunningOut', severity: 'warning', labels: PLAYS }),
  },
  {
    name: 'partitions-none',
    topology: 'pair',
    make: async (lab) => {
      await dropPartitions(lab, 0);
      await inMusicDb(lab, 'insert into musicdb.play_days values (current_date + 2, 1)');
    },
    repair: async (lab) => {
      await inMusicDb(lab, 'truncate musicdb.play_days');
      await createPartitions(lab);
    },
    fires: [
      ...onBoth({ alert: 'PostgresPartitionsRunningOut', severity: 'warning', labels: PLAYS }),
      ...onBoth({ alert: 'PostgresPartitionsRunningOut', severity: 'critical', labels: PLAYS }),
      ...onBoth({ alert: 'PostgresPartitionDefaultRows', severity: 'warning', labels: PLAYS }),
    ],
  },
  {
    // An archive: nothing new is to come.
    name: 'partitions-past',
    topology: 'pair',
    make: (lab) =>
      inMusicDb(
        lab,
        `create table musicdb.play_years (day date not null) partition by range (day);
         create table musicdb.play_years_2020 partition of musicdb.play_years for values from ('2020-01-01') to ('2021-01-01')`,
      ),
    repair: (lab) => inMusicDb(lab, 'drop table musicdb.play_years'),
    silent: ['PostgresPartitionsRunningOut/warning', 'PostgresPartitionsRunningOut/critical'],
    fires: [],
  },
  {
    name: 'index-bloated',
    topology: 'complete',
    make: async (lab) => {
      await inMusicDb(lab, 'create table musicdb.history (id bigint primary key)');
      await inMusicDb(lab, 'insert into musicdb.history select generate_series(1, 8000000)');
      await inMusicDb(lab, 'delete from musicdb.history where id % 5 <> 0');
      await inMusicDb(lab, 'vacuum analyze musicdb.history');
    },
    repair: (lab) => inMusicDb(lab, 'reindex table concurrently musicdb.history'),
    fires: [
      {
        alert: 'PostgresIndexBloated',
        severity: 'info',
        labels: { ...TABLE, relname: 'history', indexrelname: 'history_pkey' },
        // Its making takes its time.
        after: 600,
      },
    ],
    // While it is made.
    mayFire: ['PostgresDeadRowsHigh/warning', 'PostgresAutovacuumLate/warning'],
  },
];
