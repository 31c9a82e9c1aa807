/**
 * Columns of numbers as bytes: float64, little-endian, column after column, deflated. A count is exact up to 2^53.
 * Plain and inflated in one call: a point of 5,000 statements is there in two milliseconds.
 */
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw, inflateRawSync } from 'node:zlib';
import { type Stream, WIDTH } from './columns.ts';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw) as (bytes: Uint8Array, options: { chunkSize: number }) => Promise<Buffer>;

/**
 * Up to so many inflated bytes, 0.1 ms for each 100 KB, it is done at once: handing it to another thread and back costs as
 * much, and more where processors are scarce. Larger ones would keep scrapes waiting.
 */
const AT_ONCE_BYTES = 1 << 20;

/** Level 1: higher ones save 5 % and take three times as long. */
const LEVEL = { level: 1 };

/** Ids of lives, and values by column. All of the same length. */
export interface Entries {
  readonly ids: Float64Array;
  readonly columns: readonly Float64Array[];
}

export interface Packed {
  readonly head: Buffer;
  readonly rest: Buffer;
}

export async function packColumns(columns: readonly Float64Array[]): Promise<Buffer> {
  const bytes = columns.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
  return columns.length === 0 ? Buffer.alloc(0) : deflate(Buffer.concat(bytes), LEVEL);
}

/** @throws Error when the bytes are not so many numbers. */
export async function unpackColumns(packed: Uint8Array, columns: number, length: number): Promise<Float64Array[]> {
  if (columns === 0) return [];
  const expected = columns * length * 8;
  // In one piece: in zlib's usual pieces of 16 KiB it takes three times as long.
  const options = { chunkSize: Math.max(64, expected + 1) };
  const bytes = expected > AT_ONCE_BYTES ? await inflate(packed, options) : inflateRawSync(packed, options);
  if (bytes.byteLength !== expected) {
    throw new Error(`history: ${bytes.byteLength} bytes are not ${columns} × ${length} numbers`);
  }
  // Zlib's buffers begin where they like.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes);
  return Array.from(
    { length: columns },
    (_, column) => new Float64Array(aligned.buffer as ArrayBuffer, aligned.byteOffset + column * length * 8, length),
  );
}

export async function pack(stream: Stream, { ids, columns }: Entries): Promise<Packed> {
  const { head } = WIDTH[stream];
  return {
    head: await packColumns([ids, ...columns.slice(0, head)]),
    rest: await packColumns(columns.slice(head)),
  };
}

/** Without `rest`: the columns of the head alone. */
export async function unpack(
  stream: Stream,
  length: number,
  head: Uint8Array,
  rest: Uint8Array | null,
): Promise<Entries> {
  const width = WIDTH[stream];
  const [[ids, ...first], others] = await Promise.all([
    unpackColumns(head, 1 + width.head, length),
    rest === null ? [] : unpackColumns(rest, width.rest, length),
  ]);
  return { ids, columns: [...first, ...others] };
}

/** For the endings of a point: ids and all columns in one piece. */
export const packAll = ({ ids, columns }: Entries): Promise<Buffer> => packColumns([ids, ...columns]);

export async function unpackAll(stream: Stream, length: number, packed: Uint8Array): Promise<Entries> {
  const [ids, ...columns] = await unpackColumns(packed, 1 + WIDTH[stream].head + WIDTH[stream].rest, length);
  return { ids, columns };
}

/** Rows of values as columns. */
export function toEntries(stream: Stream, rows: readonly { id: number; values: ArrayLike<number> }[]): Entries {
  const columns = Array.from({ length: WIDTH[stream].head + WIDTH[stream].rest }, (_, column) =>
    Float64Array.from(rows, ({ values }) => values[column]),
  );
  return { ids: Float64Array.from(rows, ({ id }) => id), columns };
}
