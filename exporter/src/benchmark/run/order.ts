/** In which order segments are measured. */
import { randomFrom } from '../workload/random.ts';

export interface Turn {
  readonly block: number;
  /** Within the block, from 0. */
  readonly position: number;
  readonly arm: string;
  /** Of the statements and values: the arms of a block are asked the same. */
  readonly seed: number;
}

/** Another stream than that of the statements: who goes first must not depend on what is asked. */
const ORDER_STREAM = 1;

/**
 * One arm: a segment a block. Two arms: each block is ABBA or BAAB by chance, so that what drifts steadily through it
 * cancels, and what happens at regular times meets both.
 * @param seed the same seed, the same order.
 */
export function turnsOf(arms: readonly string[], blocks: number, seed: number): Turn[] {
  const random = randomFrom(seed, ORDER_STREAM);
  return Array.from({ length: blocks }, (_, block) => {
    if (arms.length === 1) return [turn(block, 0, arms[0], seed, 0)];
    const [a, b] = random.whole(0, 1) === 0 ? arms : [arms[1], arms[0]];
    return [a, b, b, a].map((arm, position) => turn(block, position, arm, seed, position < 2 ? 0 : 1));
  }).flat();
}

const turn = (block: number, position: number, arm: string, seed: number, half: number): Turn => ({
  ...{ block, position, arm },
  seed: seed + block * 2 + half,
});
