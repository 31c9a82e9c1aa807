/**
 * How many blocks are needed. A change is told with a chance of 0.8 (power), at an error of 0.05 that all figures share,
 * taken at its worst: as if no other figure had changed. The estimate is taken as normal.
 */
import { ALPHA, FEWEST } from './judge.ts';
import { exceededBy, Z95 } from './normal.ts';

export const POWER = 0.8;
const FIGURES = 4;

/** Nobody waits for more. */
const MOST = 1_000_000;

const errorOf = (figures: number): number => exceededBy(ALPHA / figures / 2);
const reach = (figures: number): number => errorOf(figures) + exceededBy(1 - POWER);

/** The least number of blocks of which all may lean to one side by chance once in 1 / α times, or less. */
export const fewestBlocks = (figures = FIGURES): number => Math.max(FEWEST, Math.ceil(1 + Math.log2(figures / ALPHA)));

/**
 * @param spread of the logarithm of one block's ratio, from a pilot
 * @param change as a ratio: 0.1 is 10 % slower
 * @param figures how many share the error
 */
export function blocksToTell(spread: number, change: number, figures = FIGURES): number {
  // The second part: the spread itself is only estimated.
  const blocks = ((reach(figures) * spread) / Math.log1p(change)) ** 2 + errorOf(figures) ** 2 / 2;
  return Math.min(MOST, Math.max(fewestBlocks(figures), Math.ceil(blocks)));
}

/** The smallest slowdown that so many blocks tell, as a ratio: 0.03 is 3 %; null where no change would be told. */
export function smallestChange(spread: number, blocks: number, figures = FIGURES): number | null {
  if (blocks < fewestBlocks(figures)) return null;
  return Math.expm1((reach(figures) * spread) / Math.sqrt(blocks - errorOf(figures) ** 2 / 2));
}

/**
 * How many blocks an undecided figure needs in all, always more than it has.
 *
 * Where the interval has zero in it, as many as make it no wider than the margin: it then leaves out zero or lies inside
 * ±margin, whatever the truth. Where it already leaves out zero and only the other figures stand against it, as many as
 * make the same change stand out among them.
 *
 * @param low of the ratio's interval, as high
 */
export function blocksToDecide(blocks: number, low: number, high: number, margin: number, figures: number): number {
  const zeroInside = low <= 1 && high >= 1;
  const shrink = zeroInside ? Math.log(high / low) / Math.log1p(margin) : errorOf(figures) / Z95;
  return Math.min(MOST, Math.max(blocks + 1, fewestBlocks(figures), Math.ceil(blocks * shrink ** 2)));
}
