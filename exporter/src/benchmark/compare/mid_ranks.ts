/**
 * Twice the rank of each value, from the lowest; equal values share the mean of their ranks. Doubled, so that all are
 * whole numbers and sums of them can be compared exactly.
 */
export function doubledRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a] - values[b]);
  const ranks = new Array<number>(values.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let at = from; at < to; at++) ranks[order[at]] = from + 1 + to;
  }
  return ranks;
}
