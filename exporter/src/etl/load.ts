/**
 * The pipeline: while one session brings its batch into the tables, the other stages and checks the next one, and the
 * one after that is being read. Batches are merged in the order of the source: a later row of the same id wins, and the
 * position that is written down has nothing missing before it.
 */
import type pg from 'pg';
import { BatchSession, type Counts, type Destination, isPassing, type Refused } from './batch_session.ts';
import type { Batch } from './batch.ts';
import { batches } from './batches.ts';
import type { Source } from './source.ts';

export interface LoadOptions {
  readonly to: Destination;
  /** Position of a record, for which the reader is ready. */
  readonly from?: number;
  readonly batchRows: number;
  /** Ends the load after the batches that are on their way. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Of this load, not of the runs that it goes on with. */
export interface Progress {
  readonly counts: Readonly<Counts>;
  readonly positionBytes: number;
}

export interface Loaded extends Progress {
  readonly refused: readonly Refused[];
}

/** A deadlock is tried again so often: another load of the same tracks cannot win each time. */
const ATTEMPTS = 5;
const REFUSED_KEPT = 10;

/**
 * @param clients on which nothing else runs; two are as many as are of use.
 * @throws whatever pg says, or LoadFailure. What was merged before is there, and the position says so.
 */
export async function load(clients: readonly pg.Client[], source: Source, options: LoadOptions): Promise<Loaded> {
  const { to, from, batchRows, signal, onProgress } = options;
  const counts: Counts = { read: 0, inserted: 0, updated: 0, unchanged: 0, rejected: 0 };
  const refused: Refused[] = [];
  let positionBytes = from ?? 0;

  const sessions = clients.map((client) => new BatchSession(client, to));
  const busy = sessions.map(() => Promise.resolve());
  let turn = Promise.resolve();

  async function bring(session: BatchSession, batch: Batch, before: Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await session.stage(batch);
        await before;
        const merged = await session.merge(batch);
        for (const key of Object.keys(counts) as (keyof Counts)[]) counts[key] += merged.counts[key];
        refused.push(...merged.refused.slice(0, REFUSED_KEPT - refused.length));
        positionBytes = batch.end;
        onProgress?.({ counts, positionBytes });
        return;
      } catch (error) {
        await session.rollback();
        if (!isPassing(error) || attempt === ATTEMPTS) throw session.lost ?? error;
      }
    }
  }

  try {
    let next = 0;
    for await (const batch of batches(source, from, batchRows)) {
      if (signal?.aborted) break;
      const slot = next++ % sessions.length;
      await busy[slot];
      turn = busy[slot] = bring(sessions[slot], batch, turn);
      // It is waited for below; until then its failure is nobody's.
      turn.catch(() => undefined);
    }
  } catch (error) {
    // A stream that is closed to end the wait for its next bytes says so.
    if (!signal?.aborted) throw error;
  } finally {
    await Promise.allSettled(busy);
  }
  await turn;
  return { counts, positionBytes, refused };
}
