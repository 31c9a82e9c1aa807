/** JSON, one object per line. */
import { type Cell, FIELD_NAMES, readJson } from './fields.ts';
import { BOM_BYTES, bomLength, isSuspect, lineEnd, type Reader, unstorable, withoutCr } from './reader.ts';
import { brokenRow, type Content, type Row, trackRow } from './row.ts';

const INDEX: ReadonlyMap<string, number> = new Map(FIELD_NAMES.map((name, i) => [name, i]));

export class NdjsonReader implements Reader {
  line = 1;

  start(bytes: Buffer, last: boolean): number | undefined {
    return bytes.length < BOM_BYTES && !last ? undefined : bomLength(bytes);
  }

  read(bytes: Buffer, last: boolean, take: (row: Row) => boolean): number {
    const suspect = isSuspect(bytes, last);
    let at = 0;
    let more = true;
    while (more && at < bytes.length) {
      const end = lineEnd(bytes, at, last, this.line);
      if (end < 0) break;
      const record = { bytes, from: at, to: withoutCr(bytes, at, end) };
      const text = bytes.toString('utf8', record.from, record.to);
      if (text.trim() !== '') {
        more = take((suspect && unstorable(record, this.line)) || readLine(this.line, text, record));
      }
      this.line++;
      at = Math.min(end + 1, bytes.length);
    }
    return at;
  }
}

function readLine(line: number, text: string, record: Content): Row {
  let track: unknown;
  try {
    track = parse(text);
  } catch (error) {
    return brokenRow(line, record, `not JSON: ${(error as Error).message}`);
  }
  if (typeof track !== 'object' || track === null || Array.isArray(track)) {
    return brokenRow(line, record, 'not a JSON object');
  }
  const cells: Cell[] = FIELD_NAMES.map(() => null);
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(track)) {
    const field = INDEX.get(name);
    if (field !== undefined) cells[field] = readJson(field, value);
    else if (value !== null && value !== '') unknown.push(name);
  }
  // Written as escapes, these pass any test of the bytes.
  if (text.includes('\\u') && cells.some((cell) => cell && (cell.includes('\0') || !cell.isWellFormed()))) {
    return brokenRow(line, record, 'a NUL character or half a surrogate pair');
  }
  return trackRow(line, record, cells, unknown);
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const { rawJSON } = JSON as unknown as { rawJSON?: (text: string) => unknown };

/** A number that JavaScript cannot hold stays as it was written. */
const keepNumber: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && String(value) !== source && rawJSON ? rawJSON(source) : value;

const parse = (text: string): unknown =>
  /[0-9]{16}|[0-9][eE]/.test(text)
    ? JSON.parse(text, keepNumber as Parameters<typeof JSON.parse>[1])
    : JSON.parse(text);
