/** One connection's part of a load: a batch is staged, merged and written down in one transaction. */
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Batch } from './batch.ts';
import { COPY_TRACKS } from './row.ts';

export interface Counts {
  read: number;
  inserted: number;
  updated: number;
  unchanged: number;
  rejected: number;
}

export interface Refused {
  readonly line: number;
  readonly reasons: string[];
}

export interface Merged {
  readonly counts: Counts;
  /** Only of a rehearsal: otherwise they are in musicdb.rejected_tracks. */
  readonly refused: Refused[];
}

export interface Destination {
  /** Without a run, everything is rolled back: a rehearsal. */
  readonly runId?: string;
  /** Of tracks that do not say theirs. */
  readonly source: string;
}

/** An error that a row's content can cause: data, an integrity constraint, a limit (nesting, length). */
const DATA_ERROR = /^(22|23|54)/;
/** Another session was in the way: a deadlock, or a transaction that cannot be put in order with ours. */
const PASSING = new Set(['40P01', '40001']);

const sqlState = (error: unknown): string => (error as { code?: string }).code ?? '';
export const isPassing = (error: unknown): boolean => PASSING.has(sqlState(error));

// A batch lost in a crash is read again, from the position that is lost with it; the end of the run is flushed, and
// with it all before.
const BEGIN = `begin; set local synchronous_commit = off; select musicdb.stage_tracks()`;

export class BatchSession {
  readonly #client: pg.Client;
  readonly #to: Destination;
  /** Why the connection ended, once it has: the queries after it know only that it has. */
  lost: Error | undefined;

  constructor(client: pg.Client, to: Destination) {
    this.#client = client;
    this.#to = to;
    client.on('error', (error) => (this.lost ??= error));
  }

  /** Sends a batch and has it checked. Leaves a transaction open. */
  async stage(batch: Batch): Promise<void> {
    try {
      await this.#copy(batch);
    } catch (error) {
      await this.rollback();
      if (!DATA_ERROR.test(sqlState(error))) throw error;
      await this.#breakUnreadable(batch, 0, batch.size);
      await this.#copy(batch);
    }
    await this.#client.query('select musicdb.check_staged_tracks()');
  }

  /** Brings the staged batch into the tables and ends the transaction. */
  async merge(batch: Batch): Promise<Merged> {
    const { runId, source } = this.#to;
    const { rows } = await this.#client.query<{ inserted: string; updated: string; refused: string[] }>(
      'select * from musicdb.merge_staged_tracks($1)',
      [source],
    );
    const inserted = Number(rows[0].inserted);
    const updated = Number(rows[0].updated);
    const lines = rows[0].refused.map(Number);
    const read = batch.size;
    const counts = {
      read,
      inserted,
      updated,
      rejected: lines.length,
      unchanged: read - inserted - updated - lines.length,
    };
    if (runId === undefined) {
      const refused = await this.#client.query<Refused>(
        'select line::float8 as line, reasons from pg_temp.checked_tracks where reasons is not null order by 1 limit 10',
      );
      await this.rollback();
      return { counts, refused: refused.rows };
    }
    await this.#client.query('select musicdb.log_batch($1, $2, $3, $4, $5, $6, $7, $8)', [
      runId,
      batch.begin,
      batch.end,
      read,
      inserted,
      updated,
      lines,
      batch.contents(lines),
    ]);
    await this.#client.query('commit');
    return { counts, refused: [] };
  }

  /** Harmless on a broken connection. */
  async rollback(): Promise<void> {
    await this.#client.query('rollback').catch(() => undefined);
  }

  async #copy(batch: Batch, from?: number, to?: number): Promise<void> {
    await this.#client.query(BEGIN);
    // Not pipeline(): it destroys a stream that has failed, which this one does not survive.
    await new Promise<void>((resolve, reject) => {
      const stream = this.#client.query(copyFrom(COPY_TRACKS));
      stream.on('finish', resolve).on('error', reject);
      for (const bytes of batch.copy(from, to)) stream.write(bytes);
      stream.end();
    });
  }

  /**
   * PostgreSQL refuses some row that we took to be readable, JSON nested a thousand deep say: that one becomes a reject
   * with PostgreSQL's words. Found by halving, since the error names the row only in prose.
   */
  async #breakUnreadable(batch: Batch, from: number, to: number): Promise<void> {
    let failure: unknown;
    try {
      await this.#copy(batch, from, to);
    } catch (error) {
      if (!DATA_ERROR.test(sqlState(error))) throw error;
      failure = error;
    } finally {
      await this.rollback();
    }
    if (failure === undefined) return;
    if (to - from === 1) return batch.breakRow(from, `not readable: ${(failure as Error).message}`);
    const middle = (from + to) >> 1;
    await this.#breakUnreadable(batch, from, middle);
    await this.#breakUnreadable(batch, middle, to);
  }
}
