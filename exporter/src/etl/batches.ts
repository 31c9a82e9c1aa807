/** Bytes become batches of rows. Nothing is read ahead of what is asked for, so memory does not grow with the source. */
import { Batch } from './batch.ts';
import type { Row } from './row.ts';
import type { Source } from './source.ts';

/** The first batch is small, so that the database has work soon; each one after it may be twice as large. */
const FIRST_ROWS = 1000;
/** Wide rows make a batch sooner than many do. */
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * @param from position of a record, for which the reader is ready; undefined when the reader has yet to start.
 * @throws LoadFailure
 */
export async function* batches(source: Source, from: number | undefined, batchRows: number): AsyncGenerator<Batch> {
  const { reader } = source;
  let rest: Buffer = Buffer.alloc(0);
  let started = from !== undefined;
  let batch = new Batch(from ?? 0);
  let end = batch.begin;
  let most = Math.min(batchRows, FIRST_ROWS);
  const isFull = (): boolean => batch.size >= most || batch.bytes >= BATCH_BYTES;
  const take = (row: Row): boolean => {
    batch.add(row);
    return !isFull();
  };
  function* read(last: boolean): Generator<Batch> {
    if (!started) {
      const header = reader.start(rest, last);
      if (header === undefined) return;
      started = true;
      rest = rest.subarray(header);
      end = header;
    }
    for (;;) {
      const length = reader.read(rest, last, take);
      rest = rest.subarray(length);
      end += length;
      const full = isFull();
      if (full || (last && batch.size > 0)) {
        batch.end = end;
        yield batch;
        batch = new Batch(end);
        most = Math.min(batchRows, 2 * most);
      }
      if (!full) return;
    }
  }
  for await (const chunk of source.bytes(from ?? 0)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    yield* read(false);
  }
  yield* read(true);
}
