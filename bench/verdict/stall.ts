/** A server that does not move for a second, and who notices. */
import { setTimeout as sleep } from 'node:timers/promises';
import { figuresOf } from '../../exporter/src/benchmark/compare/figures.ts';
import type { Load } from '../../exporter/src/benchmark/workload/schema.ts';
import { type Measure, measure, oursAtLeast } from '../report.ts';
import { median } from '../statistics.ts';
import type { Kept } from './kept.ts';
import { withWorld, workloadOf, type World } from './world.ts';

const ROUNDS = 3;
const SECONDS = 6;
const FROZEN_MS = 1000;
/** After the connections and the warm-up. */
const FROZEN_AFTER_MS = 3000;

const LOADS: Readonly<Record<string, Load>> = {
  'at 500/s': { kind: 'open', rate: 500, arrivals: 'poisson' },
  // For comparison: eight clients that wait for their answers, and so ask nothing while nobody answers.
  'closed loop': { kind: 'closed', thinkMs: 0 },
};

export const stall = (kept: Kept): Promise<Measure[]> =>
  withWorld(async (world) => {
    const found: Measure[] = [];
    for (const [name, load] of Object.entries(LOADS)) {
      const seen: number[] = [];
      for (let round = 0; round < ROUNDS; round++)
        seen.push(
          await kept.piece(`${name} ${round + 1}`, { load, SECONDS, FROZEN_MS }, () => stalled(world, load, round)),
        );
      const goal = load.kind === 'open' ? oursAtLeast(0.9 * FROZEN_MS) : undefined;
      found.push(measure(`frozen for 1 s of ${SECONDS}, ${name}: p99.9`, 'ms', median(seen), null, goal));
    }
    return found;
  });

/** @returns p99.9, milliseconds. */
async function stalled({ server, run }: World, load: Load, seed: number): Promise<number> {
  const statements = [{ name: 'sleep', steps: [{ sql: 'select pg_sleep(0.002)' }] }];
  const workload = workloadOf('stall', { clients: 8, load, length: { seconds: SECONDS }, statements });
  const running = run('run', workload, 1, seed);
  await sleep(FROZEN_AFTER_MS);
  server.pause();
  await sleep(FROZEN_MS);
  server.resume();
  return figuresOf(await running).p999! / 1000;
}
