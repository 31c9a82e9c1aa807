/** What the readers of all formats share: bytes come in pieces, records come out, each with the line where it begins. */
import { isUtf8 } from 'node:buffer';
import { brokenRow, type Content, type Row } from './row.ts';

export interface Reader {
  /** Line of the next record, from 1. */
  line: number;
  /**
   * Takes in what stands before the first record.
   * @returns how many bytes that is; undefined when it may go on beyond `bytes`.
   * @throws LoadFailure when no record can be read with it.
   */
  start(bytes: Buffer, last: boolean): number | undefined;
  /**
   * Reads records until `take` says no or what follows may go on beyond `bytes`.
   * @returns how many bytes were read.
   * @throws LoadFailure when a line is longer than MAX_RECORD_BYTES.
   */
  read(bytes: Buffer, last: boolean, take: (row: Row) => boolean): number;
}

/** A file that cannot be loaded, and what to do. Its message is whole sentences for the user. */
export class LoadFailure extends Error {}

/** So far a closing quote is looked for, and so much is held in memory for one record. */
export const MAX_RECORD_BYTES = 4 * 1024 * 1024;

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
export const BOM_BYTES = BOM.length;
export const LF = 0x0a;
export const CR = 0x0d;

export const bomLength = (bytes: Buffer): number => (bytes.subarray(0, BOM_BYTES).equals(BOM) ? BOM_BYTES : 0);

/** True when some record in it may hold what PostgreSQL's text cannot; asked once per piece because that is cheap. */
export function isSuspect(bytes: Buffer, last: boolean): boolean {
  const whole = last ? bytes : bytes.subarray(0, bytes.lastIndexOf(LF) + 1);
  return whole.includes(0) || !isUtf8(whole);
}

/** @returns the record as a reject when PostgreSQL's text cannot hold it. */
export function unstorable({ bytes, from, to }: Exclude<Content, string>, line: number): Row | undefined {
  const record = bytes.subarray(from, to);
  const utf8 = isUtf8(record);
  const content = record.toString(utf8 ? 'utf8' : 'latin1').replaceAll('\0', '\u2400');
  if (!utf8) return brokenRow(line, content, 'not UTF-8 (kept as Latin-1)');
  return record.includes(0) ? brokenRow(line, content, 'a NUL character (kept as \u2400)') : undefined;
}

/** End of the line that begins at `from`, without its line feed; -1 when it goes on. @throws LoadFailure */
export function lineEnd(bytes: Buffer, from: number, last: boolean, line: number): number {
  const end = bytes.indexOf(LF, from);
  if (end >= 0) return end;
  if (bytes.length - from > MAX_RECORD_BYTES) {
    throw new LoadFailure(
      `line ${line} is longer than ${MAX_RECORD_BYTES} bytes: is this a text file of one record per line?`,
    );
  }
  return last ? bytes.length : -1;
}

/** Where the text of a line ends: a carriage return before its line feed is no part of it. */
export const withoutCr = (bytes: Buffer, from: number, end: number): number =>
  end > from && bytes[end - 1] === CR ? end - 1 : end;
