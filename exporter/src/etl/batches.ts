/** Bytes become batches of rows. Nothing is read ahead of what is asked for, so memory does not grow with the source. */
import type { Source } from './source.ts';
import type { Row } from './row.ts';

export interface Batch {
  readonly rows: Row[];
  /** Position where the batch before it ended. */
  readonly begin: number;
  /** Everything before this byte of the source is in this batch or an earlier one. */
  readonly end: number;
}

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
  let begin = from ?? 0;
  let end = begin;
  let rows: Row[] = [];
  let bytes = 0;
  const take = (row: Row): boolean => {
    rows.push(row);
    bytes += row.copy.length;
    return rows.length < batchRows && bytes < BATCH_BYTES;
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
      const full = rows.length >= batchRows || bytes >= BATCH_BYTES;
      if (full || (last && rows.length > 0)) {
        yield { rows, begin, end };
        begin = end;
        rows = [];
        bytes = 0;
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
