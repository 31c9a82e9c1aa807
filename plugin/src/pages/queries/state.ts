/** The page's part of the address, beside target, database and window. Empty: not filtered. */
export interface QueriesState extends Record<string, string> {
  search: string;
  user: string;
  kind: string;
  table: string;
  wait: string;
  sort: string;
  order: string;
  page: string;
  /** Ids of the columns chosen, joined by commas; empty: the usual ones. */
  columns: string;
  /** `all`: statements of every database, whichever the bar names. */
  databases: string;
  /** `on` or `off`; empty: shown where there is room for them and the list. */
  filters: string;
}

export const QUERIES: QueriesState = {
  search: '',
  user: '',
  kind: '',
  table: '',
  wait: '',
  sort: 'load',
  order: 'desc',
  page: '1',
  columns: '',
  databases: '',
  filters: '',
};

export const PAGE_SIZE = 50;

/** A narrower or differently ordered list is read from its start. */
export const fromFirst = (patch: Partial<QueriesState>): Partial<QueriesState> => ({ ...patch, page: '1' });

/** A page as an address may hold it: anything. */
export const pageNumber = (text: string): number => Math.max(1, Math.min(100_000, Math.floor(Number(text)) || 1));

export const isFiltered = ({ search, user, kind, table, wait }: QueriesState): boolean =>
  [search, user, kind, table, wait].some((value) => value !== '');
