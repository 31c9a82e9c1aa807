/** Two arms that are the same: how often are they called different? */
import { calibrate } from '../../exporter/src/benchmark/compare/aa.ts';
import type { Segment } from '../../exporter/src/benchmark/recording.ts';
import { type Measure, measure, oursAtMost } from '../report.ts';
import type { Kept } from './kept.ts';
import { withWorld, workloadOf } from './world.ts';
import { arm, BASE, BLOCKS, ONE_CLIENT, SEED_STEP } from './work.ts';

const COMPARISONS = 60;
const FIRST_SEED = 10_000;

export const aa = (kept: Kept): Promise<Measure[]> =>
  withWorld(async ({ server, run }) => {
    const workload = workloadOf('same', { ...ONE_CLIENT, arms: { before: arm(BASE), after: arm(BASE) } });
    const runs: Segment[][] = [];
    for (let i = 0; i < COMPARISONS; i++) {
      const seed = FIRST_SEED + i * SEED_STEP;
      const asked = { workload, seed, version: server.version };
      runs.push(await kept.piece(`comparison ${i + 1}`, asked, () => run('ab', workload, BLOCKS, seed)));
      if ((i + 1) % 10 === 0) console.log(`${i + 1} of ${COMPARISONS}`);
    }
    const { paired, anyFigure, sequential, sequentialWithDrift, drift, spread, smallest } = calibrate(
      runs,
      ['before', 'after'],
      workload,
    );
    const percent = (ratio: number | null): number | null => ratio && ratio * 100;
    return [
      measure(
        `${COMPARISONS} A/A comparisons of ${BLOCKS} blocks: false alarms`,
        'count',
        paired.alarms,
        null,
        oursAtMost(6),
      ),
      measure('the same, an alarm in any figure', 'count', anyFigure.alarms),
      measure('the same segments as two runs one after the other', 'count', sequential.alarms),
      measure('the same, with what the machine drifts by', 'count', sequentialWithDrift.alarms),
      measure('two runs of the same lie apart by', '%', percent(drift)),
      measure('one block lies apart by', '%', percent(spread)),
      ...smallest.map(({ blocks, change }) =>
        measure(`smallest change seen in ${blocks} blocks`, '%', percent(change)),
      ),
    ];
  });
