/**
 * Wilcoxon's signed-rank test: could differences that are as often above zero as below have come out so lopsided?
 * Own code: simple-statistics gives no p, @stdlib/stats-wilcoxon no exact one with ties or zeros; latencies have both.
 */
import { doubledRanks } from './mid_ranks.ts';
import { above } from './normal.ts';

/** Up to here every choice of signs is counted; from here on the sum of ranks is taken as normal, ties considered. */
export const EXACT_UP_TO = 200;

/**
 * Two-sided p. Zeros take part in the ranking and then drop out (Pratt): leaving them out before would make many
 * "no difference at all" look like few blocks.
 */
export function signedRankP(differences: readonly number[]): number {
  const ranks = doubledRanks(differences.map(Math.abs));
  const signed = ranks.filter((_, index) => differences[index] !== 0);
  const positive = ranks.reduce((sum, rank, index) => (differences[index] > 0 ? sum + rank : sum), 0);
  const total = signed.reduce((sum, rank) => sum + rank, 0);
  // Twice the distance from the middle, so that it is whole.
  const off = Math.abs(2 * positive - total);
  if (off === 0) return 1;
  if (signed.length <= EXACT_UP_TO) return shareAtLeast(off, signed, total);
  const deviation = Math.sqrt(signed.reduce((sum, rank) => sum + rank * rank, 0));
  return Math.min(1, 2 * above(off / deviation));
}

/** Of all choices of signs, how many have a sum of positive ranks at least as far from the middle. */
function shareAtLeast(off: number, ranks: readonly number[], total: number): number {
  const chance = new Float64Array(total + 1);
  chance[0] = 1;
  let highest = 0;
  for (const rank of ranks) {
    highest += rank;
    for (let sum = highest; sum >= 0; sum--) chance[sum] = (chance[sum] + (sum >= rank ? chance[sum - rank] : 0)) / 2;
  }
  let share = 0;
  for (let sum = 0; sum <= total; sum++) if (Math.abs(2 * sum - total) >= off) share += chance[sum];
  return Math.min(1, share);
}
