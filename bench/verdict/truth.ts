/** Changes of a known size: how often are they found, and does the interval hold the truth? */
import { comparePaired } from '../../exporter/src/benchmark/compare/paired.ts';
import { verdict } from '../../exporter/src/benchmark/compare/verdict.ts';
import { type Measure, measure, oursAtLeast, oursAtMost } from '../report.ts';
import { median, quantile } from '../statistics.ts';
import type { Kept } from './kept.ts';
import { runPgbench } from './pgbench.ts';
import { withWorld, workloadOf, type World } from './world.ts';
import { arm, BASE, BLOCKS, ONE_CLIENT, SEED_STEP, SQL, WORK } from './work.ts';

const TRIALS = 30;
const FIRST_SEED = 100_000;
const CHANGES = [
  { name: 'slowdown', finding: 'slower', work: BASE * 1.1 },
  { name: 'speed-up', finding: 'faster', work: BASE * 0.9 },
] as const;

/** After each trial pgbench is asked what the truth is: what drifts meets both alike. */
const TRUTH_SECONDS = 1;

interface Trial {
  readonly isFound: boolean;
  readonly low: number;
  readonly high: number;
}

export const truth = (kept: Kept): Promise<Measure[]> =>
  withWorld(async (world) => {
    const trials = CHANGES.map((): Trial[] => []);
    const ratios = CHANGES.map((): number[] => []);
    for (let i = 0; i < TRIALS; i++) {
      for (const [c, change] of CHANGES.entries()) {
        trials[c].push(await trial(kept, world, change, FIRST_SEED + (2 * i + c) * SEED_STEP));
        ratios[c].push(await ratio(kept, world, change.work, i));
      }
      if ((i + 1) % 5 === 0) console.log(`${i + 1} of ${TRIALS} of each`);
    }
    const truths = ratios.map((all) => median(all));
    const inside = trials.map((all, c) => all.filter(({ low, high }) => low <= truths[c] && truths[c] <= high).length);
    const width = median(trials.flat().map(({ low, high }) => (high - low) / 2));
    return [
      ...CHANGES.flatMap(({ name }, c) => [
        measure(`${name}, factor by pgbench`, 'ratio', truths[c]),
        measure(
          `${name}, middle half of ${ratios[c].length} such factors`,
          'ratio',
          quantile(ratios[c], 0.75) - quantile(ratios[c], 0.25),
        ),
        measure(
          `${name}: found in ${TRIALS}`,
          'count',
          trials[c].filter(({ isFound }) => isFound).length,
          null,
          oursAtLeast(27),
        ),
      ]),
      measure(`truth inside the interval, of ${2 * TRIALS}`, 'count', inside[0] + inside[1], null, oursAtLeast(52)),
      measure('half of an interval, median', 'ratio', width),
      measure(
        'doubt of the factors ÷ half of an interval',
        'ratio',
        Math.max(...ratios.map(doubt)) / width,
        null,
        oursAtMost(0.5),
      ),
    ];
  });

async function trial(
  kept: Kept,
  { server, run }: World,
  change: (typeof CHANGES)[number],
  seed: number,
): Promise<Trial> {
  const { name, finding, work } = change;
  const workload = workloadOf(name, { ...ONE_CLIENT, arms: { before: arm(BASE), after: arm(work) } });
  const asked = { workload, seed, version: server.version };
  const segments = await kept.piece(`${name} ${seed}`, asked, () => run('ab', workload, BLOCKS, seed));
  const comparison = comparePaired(segments, ['before', 'after'], workload);
  const primary = comparison.changes.find(({ figure }) => figure === comparison.primary)!;
  return { isFound: verdict(comparison).finding === finding, low: primary.low ?? NaN, high: primary.high ?? NaN };
}

/** Of the medians; before, after, after, before. */
function ratio(kept: Kept, { server }: World, work: number, round: number): Promise<number> {
  const p50 = async (amount: number): Promise<number> => {
    const settings = { [WORK]: Math.round(amount) };
    return (await runPgbench(server, { sql: SQL, clients: 1, seconds: TRUTH_SECONDS, settings })).p50;
  };
  return kept.piece(
    `factor ${work} ${round}`,
    { SQL, BASE, work, TRUTH_SECONDS, version: server.version },
    async () => {
      const [first, second, third, fourth] = [await p50(BASE), await p50(work), await p50(work), await p50(BASE)];
      return Math.sqrt((second * third) / (first * fourth));
    },
  );
}

/** Standard error of a median, of what is about normal. */
function doubt(values: readonly number[]): number {
  const deviation = (quantile(values, 0.75) - quantile(values, 0.25)) / 1.349;
  return (1.2533 * deviation) / Math.sqrt(values.length);
}
