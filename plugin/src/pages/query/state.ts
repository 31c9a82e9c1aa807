/** The page's part of the address, beside the queryid in its path, target, database and window. */
export interface QueryState extends Record<string, string> {
  user: string;
  tab: string;
  /** Fingerprints of the plans compared; empty: the two newest. */
  a: string;
  b: string;
}

export const QUERY: QueryState = { user: '', tab: 'plan', a: '', b: '' };

/** Tabs in their order: the address has the id. */
export const TABS = [
  { id: 'plan', title: 'Plan' },
  { id: 'plans', title: 'Plans seen' },
  { id: 'waits', title: 'Waits' },
  { id: 'objects', title: 'Tables and indexes' },
  { id: 'indexes', title: 'Indexes to create' },
] as const;
export type TabId = (typeof TABS)[number]['id'];

/** A tab of an address that does not exist (any more) is the first one. */
export const tabOf = (text: string): TabId => TABS.find(({ id }) => id === text)?.id ?? 'plan';

/** Which statement: what every call of this page takes. */
export interface StatementRef {
  queryId: string;
  target: string;
  database?: string;
  user?: string;
}
