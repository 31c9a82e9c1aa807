import type { Fault } from './types.ts';
import { keepAsking, keepOn } from '../lib/lab/deeds.ts';
import type { Lab } from '../lib/lab/lab.ts';

const MUSICDB = { datname: 'musicdb' };
const nothing = (): Promise<void> => Promise.resolve();

/** Transactions that come to nothing, as many as a session can. */
async function keepRollingBack(lab: Lab): Promise<void> {
  const session = await lab.session(lab.primary.url('musicdb'));
  keepOn(lab, 5, async () => {
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
    fires: [{ alert: 'PostgresRollbacksHigh', severity: 'warning', labels: MUSICDB, clears: null }],
  },
  {
    name: 'temp-files',
    topology: 'pair',
    make: (lab) =>
      keepAsking(
        lab,
        2,
        "with rows as materialized (select n, repeat('x', 4000) from generate_series(1, 30000) n) select count(*) from rows",
      ),
    repair: nothing,
    fires: [{ alert: 'PostgresTempFilesHigh', severity: 'warning', labels: MUSICDB }],
  },
];
