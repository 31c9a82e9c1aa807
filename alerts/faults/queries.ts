import type { Fault } from './types.ts';
import { keepAsking, keepOn } from '../lib/lab/deeds.ts';
import type { Lab } from '../lib/lab/lab.ts';

const MUSICDB = { datname: 'musicdb' };
/** Some 60 MB. */
const SPILLS =
  "with rows as materialized (select n, repeat('x', 4000) from generate_series(1, 15000) n) select count(*) from rows";

const nothing = (): Promise<void> => Promise.resolve();

/** Transactions that come to nothing, beside those of the load: one in five. */
async function keepRollingBack(lab: Lab): Promise<void> {
  const session = await lab.session(lab.primary.url('musicdb'));
  keepOn(lab, 80, async () => {
    await session.query('begin');
    await session.query('update musicdb.albums set title = title where album_id = 1');
    await session.query('rollback');
  });
}

/** Only what the fault does is measured: quick statements would draw the mean down. */
const alone =
  (make: (lab: Lab) => Promise<void>) =>
  async (lab: Lab): Promise<void> => {
    await lab.stopLoad();
    await make(lab);
  };

/** One statement, whatever it is given: a constant of another type would be another. */
async function keepCalling(lab: Lab, pauseMs: number, seconds: number): Promise<void> {
  const session = await lab.session(lab.primary.url('musicdb'));
  keepOn(lab, pauseMs, () => session.query(`select pg_sleep(${seconds.toFixed(2)})`));
}

/** A few hundred in the five minutes that stand for the day before: more than one in two seconds, and little each. */
const quickCalls = (lab: Lab): Promise<void> => keepCalling(lab, 700, 0.02);

export const queries: readonly Fault[] = [
  {
    name: 'queries-slow',
    topology: 'pair',
    make: alone((lab) => keepAsking(lab, 12, 'select pg_sleep(0.15)')),
    repair: (lab) => lab.startLoad(),
    silent: ['PostgresQueryLatencyHigh/critical'],
    fires: [{ alert: 'PostgresQueryLatencyHigh', severity: 'warning', labels: MUSICDB, after: 600, clears: null }],
  },
  {
    name: 'queries-very-slow',
    topology: 'pair',
    make: alone((lab) => keepAsking(lab, 25, 'select pg_sleep(0.9)')),
    repair: (lab) => lab.startLoad(),
    fires: [
      { alert: 'PostgresQueryLatencyHigh', severity: 'warning', labels: MUSICDB, after: 600, clears: null },
      { alert: 'PostgresQueryLatencyHigh', severity: 'critical', labels: MUSICDB, after: 600, clears: null },
    ],
  },
  {
    name: 'rollbacks',
    topology: 'pair',
    make: keepRollingBack,
    repair: nothing,
    fires: [{ alert: 'PostgresRollbacksHigh', severity: 'warning', labels: MUSICDB }],
  },
  {
    name: 'temp-files',
    topology: 'pair',
    make: async (lab) => {
      const session = await lab.session(lab.primary.url('musicdb'));
      keepOn(lab, 500, () => session.query(SPILLS));
    },
    repair: nothing,
    fires: [{ alert: 'PostgresTempFilesHigh', severity: 'warning', labels: MUSICDB }],
  },
  {
    name: 'statement-regressed',
    topology: 'complete',
    // Long enough for the scrape that saw both of it.
    scrapes: [4, 24, 4],
    make: async (lab) => {
      await lab.tidy();
      await keepCalling(lab, 8000, 2);
    },
    prepare: quickCalls,
    repair: quickCalls,
    fires: [
      {
        alert: 'PostgresStatementRegressed',
        severity: 'warning',
        labels: { ...MUSICDB, user: 'postgres', queryid: '-5191732810777595558' },
      },
    ],
    mayFire: ['PostgresQueryLatencyHigh/warning', 'PostgresQueryLatencyHigh/critical'],
  },
];
