import type pg from 'pg';
import { copyRows } from '../copy.ts';
import { emptyTables } from '../tables.ts';
import { withoutForeignKeys } from './foreign_keys.ts';
import { type Table, tables } from './tables.ts';

export interface RoadTripOptions {
  /** At least 100. The sizes of the other tables follow from it. */
  readonly stories: number;
  /** An integer. The same seed gives the same rows. */
  readonly seed: number;
  /** Removes what is in the tables; otherwise they must be empty. */
  readonly replace?: boolean;
  /** Rows of all tables: sent so far, and to be sent. */
  readonly onProgress?: (done: number, total: number) => void;
  /** What is being done once all rows are there. */
  readonly onStage?: (stage: string) => void;
}

const PROGRESS_ROWS = 1_000;

/**
 * Fills the tables of `sql/init/11-roadtrip.sql` and the materialised views over them in one transaction: what is
 * killed leaves nothing. Indexes stay: most of the work is finding the words of the texts, which an index built
 * afterwards has to do as well.
 * @throws RangeError when an option makes no sense, TablesNotEmpty, pg.DatabaseError.
 */
export async function loadRoadTrip(client: pg.Client, options: RoadTripOptions): Promise<void> {
  const { stories, seed, replace = false, onProgress, onStage } = options;
  if (!Number.isInteger(stories) || stories < 100)
    throw new RangeError(`stories is ${stories}: it must be 100 or more`);
  if (!Number.isInteger(seed)) throw new RangeError(`seed is ${seed}: it must be an integer`);
  const parts = tables(stories, seed);
  const names = parts.map(({ name }) => name);
  const count = counter(parts, onProgress);
  // However short the role's statements are to be, these last as long as they last.
  await client.query('begin; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0');
  try {
    await emptyTables(client, names, replace);
    await withoutForeignKeys(client, names, async () => {
      for (const { name, columns, rows } of parts) await copyRows(client, { table: name, columns }, count(rows()));
      onStage?.('foreign keys');
    });
    for (const part of parts) await moveSequence(client, part);
    onStage?.('statistics for the planner');
    await client.query(`analyze ${names.join(', ')}`);
    await refreshViews(client, onStage);
    onStage?.('commit');
    await client.query('commit');
  } catch (error) {
    // It fails only where the connection is gone, and the transaction with it.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
  onStage?.('vacuum');
  await vacuum(client, names);
}

type Rows = ReturnType<Table['rows']>;

/** Passes rows on, and says now and then how many have gone by. */
function counter(parts: readonly Table[], onProgress: RoadTripOptions['onProgress']): (rows: Rows) => Rows {
  const total = parts.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  return function* count(rows) {
    for (const row of rows) {
      yield row;
      done++;
      if (done % PROGRESS_ROWS === 0 || done === total) onProgress?.(done, total);
    }
  };
}

/** The rows bring their own numbers, from 1: the next one that an application inserts must not repeat one. */
async function moveSequence(client: pg.Client, { name, columns: [id], size }: Table): Promise<void> {
  await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [name, id, size]);
}

async function refreshViews(client: pg.Client, onStage: RoadTripOptions['onStage']): Promise<void> {
  const { rows } = await client.query<{ name: string; refresh: string }>(
    `select matviewname as name, format('refresh materialized view %I.%I', schemaname, matviewname) as refresh
       from pg_catalog.pg_matviews
      where schemaname = 'roadtrip'
      order by matviewname`,
  );
  for (const { name, refresh } of rows) {
    onStage?.(`view ${name}`);
    await client.query(refresh);
  }
}

/** Merges what the GIN indexes have pending, which every search would read otherwise. */
async function vacuum(client: pg.Client, names: readonly string[]): Promise<void> {
  await client.query('set statement_timeout = 0');
  try {
    await client.query(`vacuum ${names.join(', ')}`);
  } finally {
    await client.query('reset statement_timeout');
  }
}
