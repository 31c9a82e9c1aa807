/** As many as this may be put in their places one by one; beyond it sorting all is faster. */
const FEW = 500;

/** The first `count` of them in order, without putting the others in order: of 5,000 statements a page shows 50. */
export function firstOf<T>(items: readonly T[], count: number, compare: (a: T, b: T) => number): T[] {
  if (count > FEW) return items.toSorted(compare).slice(0, count);
  const first: T[] = [];
  for (const item of items) {
    if (first.length === count) {
      if (count === 0 || compare(item, first[count - 1]) >= 0) continue;
      first.pop();
    }
    let low = 0;
    let high = first.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(item, first[middle]) < 0) high = middle;
      else low = middle + 1;
    }
    first.splice(low, 0, item);
  }
  return first;
}
