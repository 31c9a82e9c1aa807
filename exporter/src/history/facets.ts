import { loadOf } from './figures.ts';
import { firstOf } from './first_of.ts';
import { type Candidate, type Facet, FACETS, facetValues, isOf } from './rank.ts';
import type { StatementsPage, StatementsQuery } from './types.ts';

/** More values are of no help in a list to choose from. */
const MOST_VALUES = 50;

interface Sum {
  readonly value: string;
  share: number;
  statements: number;
}

/**
 * For each facet its values, costliest first. A facet's own filter does not count for it, so that its other values can be
 * chosen: a statement that fails one filter counts for that facet alone.
 * @returns also the candidates that pass all filters.
 */
export function facetsOf(
  candidates: readonly Candidate[],
  query: StatementsQuery,
  execMs: number,
): { passed: Candidate[]; facets: StatementsPage['facets'] } {
  const filters = FACETS.filter((facet) => query[facet] !== undefined);
  // Those that it fails: none, one, or several, which count nowhere.
  const failed = candidates.map((candidate) =>
    filters.length === 0 ? filters : filters.filter((facet) => !isOf(facet, candidate, query[facet]!)),
  );
  const listed = (facet: Facet): Sum[] => {
    const sums = new Map<string, Sum>();
    for (let place = 0; place < candidates.length; place++) {
      const fails = failed[place];
      if (fails.length > 1 || (fails.length === 1 && fails[0] !== facet)) continue;
      const candidate = candidates[place];
      const values = facetValues(facet, candidate);
      if (values === null) continue;
      const share = execMs > 0 ? loadOf(candidate) / execMs : 0;
      if (typeof values === 'string') count(sums, values, share);
      else for (const value of values) count(sums, value, share);
    }
    return firstOf([...sums.values()], MOST_VALUES, (a, b) => b.share - a.share || (a.value < b.value ? -1 : 1));
  };
  const facets = Object.fromEntries(FACETS.map((facet) => [facet, listed(facet)])) as StatementsPage['facets'];
  return { passed: candidates.filter((_, place) => failed[place].length === 0), facets };
}

function count(known: Map<string, Sum>, value: string, share: number): void {
  let sum = known.get(value);
  if (sum === undefined) known.set(value, (sum = { value, share: 0, statements: 0 }));
  sum.share += share;
  sum.statements++;
}
