/** The tables that a sample fills. */
import type pg from 'pg';

/** Somebody's rows are in the way. */
export class TablesNotEmpty extends Error {
  constructor(found: readonly { table: string; rows: number }[]) {
    const list = found.map(({ table, rows }) => `${table} (${rows.toLocaleString('en-GB')})`).join(', ');
    super(`the sample is not mixed with other rows, and there are some: ${list}`);
    this.name = 'TablesNotEmpty';
  }
}

/** While it waits for somebody who reads, everybody else waits behind it. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Locks the tables until the transaction ends, so that two loads never meet, and leaves them empty.
 * @param tables schema-qualified names of ours.
 * @throws TablesNotEmpty unless their rows may be removed.
 */
export async function emptyTables(client: pg.Client, tables: readonly string[], remove: boolean): Promise<void> {
  await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await client.query(`lock table ${tables.join(', ')} in access exclusive mode`);
  if (!remove) {
    const counts = tables.map((table) => `select '${table}' as "table", count(*)::float8 as rows from ${table}`);
    const { rows } = await client.query<{ table: string; rows: number }>(counts.join(' union all '));
    const found = rows.filter(({ rows: count }) => count > 0);
    if (found.length > 0) throw new TablesNotEmpty(found);
  }
  // Also where they are empty: only what this transaction has emptied can be loaded frozen, and numbers start from 1.
  await client.query(`truncate ${tables.join(', ')} restart identity`);
}
