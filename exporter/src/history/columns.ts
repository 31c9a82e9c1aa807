/** What is counted, stream by stream. The order is that of the stored bytes: append, never insert. */

export type Stream = 'statement' | 'wait';

/** Milliseconds, blocks, bytes as pg_stat_statements has them. */
export const STATEMENT_HEAD = [
  'calls',
  'exec_ms',
  /** Sum of squares of execution times: the difference of two points gives the exact variance between them. */
  'exec_ms_squared',
  'shared_read',
] as const;
export const STATEMENT_REST = [
  'rows',
  'plan_ms',
  'shared_hit',
  'shared_dirtied',
  'shared_written',
  'local_read',
  'local_written',
  'temp_read',
  'temp_written',
  'io_read_ms',
  'io_write_ms',
  'wal_bytes',
] as const;
export const STATEMENT_COLUMNS = [...STATEMENT_HEAD, ...STATEMENT_REST] as const;
export type StatementColumn = (typeof STATEMENT_COLUMNS)[number];

/** Place of each column in a row of values. */
export const AT = Object.fromEntries(STATEMENT_COLUMNS.map((name, place) => [name, place])) as Record<
  StatementColumn,
  number
>;

/** How many columns each stream has in the first part, which trends and changes read, and in the other. */
export const WIDTH: Readonly<Record<Stream, { readonly head: number; readonly rest: number }>> = {
  statement: { head: STATEMENT_HEAD.length, rest: STATEMENT_REST.length },
  wait: { head: 1, rest: 0 },
};

/** PostgreSQL is hardly ever built with another size; then blocks would be off by that factor. */
export const BLOCK_BYTES = 8192;
