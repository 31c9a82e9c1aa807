import { loadOf } from './figures.ts';
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
  const sums = new Map(FACETS.map((facet) => [facet, new Map<string, Sum>()]));
  const passed: Candidate[] = [];
  const filters = FACETS.filter((facet) => query[facet] !== undefined);
  for (const candidate of candidates) {
    const fails = filters.filter((facet) => !isOf(facet, candidate, query[facet]!));
    if (fails.length === 0) passed.push(candidate);
    const counted = fails.length === 0 ? FACETS : fails.length === 1 ? fails : [];
    const share = execMs > 0 ? loadOf(candidate) / execMs : 0;
    for (const facet of counted) {
      const values = facetValues(facet, candidate);
      const known = sums.get(facet)!;
      if (typeof values === 'string') count(known, values, share);
      else for (const value of values ?? []) count(known, value, share);
    }
  }
  const listed = (facet: Facet): Sum[] =>
    [...sums.get(facet)!.values()]
      .sort((a, b) => b.share - a.share || (a.value < b.value ? -1 : 1))
      .slice(0, MOST_VALUES);
  const facets = Object.fromEntries(FACETS.map((facet) => [facet, listed(facet)])) as StatementsPage['facets'];
  return { passed, facets };
}

function count(known: Map<string, Sum>, value: string, share: number): void {
  let sum = known.get(value);
  if (sum === undefined) known.set(value, (sum = { value, share: 0, statements: 0 }));
  sum.share += share;
  sum.statements++;
}
