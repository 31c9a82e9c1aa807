/** Mann and Whitney's test: do the values of one sample tend to lie above those of another? Two-sided, ties exact. */
import { doubledRanks } from './mid_ranks.ts';
import { above } from './normal.ts';

/** Values of both samples together up to which every split is counted; above, the sum of ranks is taken as normal. */
export const EXACT_UP_TO = 60;

export function rankSumP(a: readonly number[], b: readonly number[]): number {
  const ranks = doubledRanks([...a, ...b]);
  const size = ranks.length;
  const total = size * (size + 1);
  const sum = ranks.slice(0, a.length).reduce((sum, rank) => sum + rank, 0);
  // Times the size, so that the distance from the mean is whole.
  const off = Math.abs(sum * size - a.length * total);
  if (off === 0) return 1;
  if (size <= EXACT_UP_TO) return shareAtLeast(off, ranks, a.length, total);
  const spread = ranks.reduce((sum, rank) => sum + (rank - (size + 1)) ** 2, 0);
  const deviation = Math.sqrt((a.length * b.length * spread) / (size * (size - 1)));
  return Math.min(1, 2 * above(off / size / deviation));
}

/** Of all choices of so many of the ranks, how many have a sum at least as far from the mean. */
function shareAtLeast(off: number, ranks: readonly number[], chosen: number, total: number): number {
  const ways = Array.from({ length: chosen + 1 }, () => new Float64Array(total + 1));
  ways[0][0] = 1;
  for (const rank of ranks) {
    for (let count = chosen; count > 0; count--) {
      for (let sum = total; sum >= rank; sum--) ways[count][sum] += ways[count - 1][sum - rank];
    }
  }
  let far = 0;
  let all = 0;
  for (let sum = 0; sum <= total; sum++) {
    all += ways[chosen][sum];
    if (Math.abs(sum * ranks.length - chosen * total) >= off) far += ways[chosen][sum];
  }
  return far / all;
}
