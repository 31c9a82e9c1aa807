/** Which statements are listed, and in which order. Works on sums: figures are made for the rows of the page only. */
import type { Statement } from '../contract/index.ts';
import { callsOf, loadOf, meanOf, of, p95Of, spreadOf, type Values } from './figures.ts';
import { firstOf } from './first_of.ts';
import type { StatementInfo } from './index_cache.ts';
import type { StatementsQuery } from './types.ts';

/** Its values are zeros where it ran in the window before only. */
export interface Candidate extends Values {
  readonly info: StatementInfo;
  readonly mainWait: string | null;
  /** Only where they are sorted by it. */
  readonly change: Statement['change'] | null;
  /** Milliseconds that the change costs; null where it is not known. */
  readonly impact: number | null;
}

export type Facet = 'database' | 'user' | 'kind' | 'table' | 'wait';
export const FACETS: readonly Facet[] = ['database', 'user', 'kind', 'table', 'wait'];

export function facetValues(facet: Facet, { info, mainWait }: Candidate): string | readonly string[] | null {
  if (facet === 'table') return info.tables;
  if (facet === 'wait') return mainWait;
  return facet === 'kind' ? (info.kind ?? 'other') : info[facet];
}

export const isOf = (facet: Facet, candidate: Candidate, wanted: string): boolean => {
  const values = facetValues(facet, candidate);
  return typeof values === 'string' ? values === wanted : (values?.includes(wanted) ?? false);
};

const perCall = (total: number, calls: number): number | null => (calls > 0 ? total / calls : null);

const SORT: Readonly<Record<StatementsQuery['sort'], (candidate: Candidate) => number | null>> = {
  load: loadOf,
  calls: callsOf,
  mean: meanOf,
  spread: spreadOf,
  p95: p95Of,
  rows: (values) => of(values, 'rows'),
  rowsPerCall: (values) => perCall(of(values, 'rows'), callsOf(values)),
  read: (values) => of(values, 'shared_read'),
  temp: (values) => of(values, 'temp_written'),
  wal: (values) => of(values, 'wal_bytes'),
  change: ({ impact }) => impact,
};

/** One page of them. What is not known comes last either way; equals keep one order, or a row would be on two pages. */
export function pageOf(candidates: readonly Candidate[], query: StatementsQuery): Candidate[] {
  const { sort, order, page, pageSize } = query;
  const valueOf = SORT[sort];
  const sign = order === 'asc' ? 1 : -1;
  const valued = candidates.map((candidate) => ({ candidate, value: valueOf(candidate) }));
  const until = firstOf(valued, page * pageSize, (a, b) => {
    if (a.value === b.value) return a.candidate.info.id - b.candidate.info.id;
    if (a.value === null) return 1;
    if (b.value === null) return -1;
    return sign * (a.value - b.value);
  });
  return until.slice((page - 1) * pageSize).map(({ candidate }) => candidate);
}
