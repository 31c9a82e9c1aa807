import { setTimeout } from 'node:timers/promises';
import type { Lab } from '../lib/lab/lab.ts';
import type { Fault } from './types.ts';

/** One session holds a table, and that many wait for it. */
async function block(lab: Lab, waiting: number): Promise<void> {
  await lab.primary.query('create table musicdb.jobs (id int)', 'musicdb');
  const url = lab.primary.url('musicdb');
  const holder = await lab.session(url);
  await holder.query('begin');
  await holder.query('lock table musicdb.jobs');
  for (let n = 0; n < waiting; n++) {
    const session = await lab.session(url);
    void session.query('select * from musicdb.jobs').catch(() => undefined);
  }
}

const unblock = ({ primary }: Lab): Promise<unknown> => primary.query('drop table musicdb.jobs', 'musicdb');

/** Two sessions take the same two rows, in opposite order; the server ends one of them after a second. */
async function deadlock(lab: Lab): Promise<void> {
  await lab.primary.query('create table musicdb.jobs as select n as id from generate_series(1, 2) n', 'musicdb');
  const [one, two] = [await lab.session(lab.primary.url('musicdb')), await lab.session(lab.primary.url('musicdb'))];
  const take = (id: number): string => `update musicdb.jobs set id = id where id = ${id}`;
  for (const [session, id] of [
    [one, 1],
    [two, 2],
  ] as const) {
    await session.query('begin');
    await session.query(take(id));
  }
  const both = [one.query(take(2)), two.query(take(1))];
  await Promise.allSettled(both);
  await Promise.all([one.query('rollback'), two.query('rollback')]);
  // Counted when the session next reports its statistics.
  await setTimeout(1000);
}

const fillTable = async (lab: Lab, locks: number): Promise<void> => {
  const session = await lab.session(lab.primary.url('musicdb'));
  await session.query(`select pg_advisory_lock(n) from generate_series(1, ${locks}) n`);
};

export const locks: readonly Fault[] = [
  {
    name: 'session-blocked',
    topology: 'pair',
    make: (lab) => block(lab, 1),
    repair: unblock,
    fires: [
      { alert: 'PostgresSessionsBlocked', severity: 'warning' },
      { alert: 'PostgresLockWaitLong', severity: 'critical', after: 500 },
    ],
  },
  {
    name: 'sessions-blocked',
    topology: 'pair',
    make: (lab) => block(lab, 22),
    repair: unblock,
    fires: [{ alert: 'PostgresSessionsBlocked', severity: 'critical' }],
    alsoFires: ['PostgresSessionsBlocked/warning'],
  },
  {
    name: 'deadlock',
    topology: 'pair',
    make: deadlock,
    repair: unblock,
    fires: [{ alert: 'PostgresDeadlocks', severity: 'warning', labels: { datname: 'musicdb' } }],
  },
  {
    // Of 64 * (40 + 5) places.
    name: 'lock-table-filling',
    topology: 'pair',
    make: (lab) => fillTable(lab, 1800),
    repair: () => Promise.resolve(),
    silent: ['PostgresLockTableFull/critical'],
    fires: [{ alert: 'PostgresLockTableFull', severity: 'warning' }],
  },
  {
    name: 'lock-table-full',
    topology: 'pair',
    make: (lab) => fillTable(lab, 2500),
    repair: () => Promise.resolve(),
    fires: [
      { alert: 'PostgresLockTableFull', severity: 'warning' },
      { alert: 'PostgresLockTableFull', severity: 'critical' },
    ],
  },
];
