/**
 * CSV as RFC 4180 describes it, in UTF-8, with a header. Read from bytes: then each record knows its place in the file,
 * which a resumed load needs, and bytes that are no UTF-8 cost one record and not the file.
 *
 * A quote that breaks the rules (inside a value that has none around it, text behind a closing one, never closed) costs
 * the line on which its record begins; reading goes on with the next line, whatever the quote has swallowed.
 */
import { type Cell, FIELD_NAMES, readText } from './fields.ts';
import {
  bomLength,
  CR,
  isSuspect,
  LF,
  lineEnd,
  LoadFailure,
  MAX_RECORD_BYTES,
  type Reader,
  unstorable,
  withoutCr,
} from './reader.ts';
import { brokenRow, type Row, trackRow } from './row.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const DOUBLED = /""/g;
const NOT_ASCII = /[\x80-\xff]/;
const REQUIRED = ['external_id', 'title'];

interface Value {
  from: number;
  to: number;
  /** Holds quotes written twice. */
  doubled: boolean;
}

export class CsvReader implements Reader {
  line = 1;
  /** Of each column, the field that it is. */
  #columns: readonly number[] = [];
  /** The values of the record scanned last: the first `#count`; kept, because there are millions. */
  readonly #values: Value[] = [];
  #count = 0;
  /** Where the text of that record ends. */
  #end = 0;
  /** What is wrong with its quotes. */
  #problem: string | undefined;

  start(bytes: Buffer, last: boolean): number | undefined {
    const bom = bomLength(bytes);
    const next = this.#scan(bytes, bom, last);
    if (next < 0 && !last) return undefined;
    if (bytes.length === bom) throw new LoadFailure('the file is empty: its first line must name the columns');
    if (this.#problem !== undefined) throw new LoadFailure(`the header has ${this.#problem}`);
    this.#columns = columnsOf(this.#texts(bytes, bom));
    this.line += linesIn(bytes, bom, next);
    return next;
  }

  read(bytes: Buffer, last: boolean, take: (row: Row) => boolean): number {
    const suspect = isSuspect(bytes, last);
    let at = 0;
    let more = true;
    while (more && at < bytes.length) {
      const next = this.#scan(bytes, at, last);
      if (next < 0) break;
      if (this.#end > at) {
        more = take((suspect && unstorable({ bytes, from: at, to: this.#end }, this.line)) || this.#row(bytes, at));
      }
      this.line += linesIn(bytes, at, next);
      at = next;
    }
    return at;
  }

  #row(bytes: Buffer, at: number): Row {
    const { line } = this;
    const record = { bytes, from: at, to: this.#end };
    if (this.#problem !== undefined) return brokenRow(line, record, this.#problem);
    if (this.#count !== this.#columns.length) {
      return brokenRow(line, record, `${this.#count} values where the header has ${this.#columns.length} columns`);
    }
    const cells = NO_CELLS.slice();
    const texts = this.#texts(bytes, at);
    for (let i = 0; i < texts.length; i++) cells[this.#columns[i]] = readText(this.#columns[i], texts[i]);
    return trackRow(line, record, cells);
  }

  /** The values of the record at `at`. */
  #texts(bytes: Buffer, at: number): string[] {
    // Cutting a string is much cheaper than decoding bytes, and as good where a character is a byte.
    const record = bytes.toString('latin1', at, this.#end);
    const ascii = !NOT_ASCII.test(record);
    const texts: string[] = [];
    for (let i = 0; i < this.#count; i++) {
      const { from, to, doubled } = this.#values[i];
      let text = record.slice(from - at, to - at);
      if (!ascii && NOT_ASCII.test(text)) text = bytes.toString('utf8', from, to);
      texts.push(doubled ? text.replace(DOUBLED, '"') : text);
    }
    return texts;
  }

  /** Finds the values of the record at `at`. @returns where the next one begins, or -1 when this one may go on. */
  #scan(bytes: Buffer, at: number, last: boolean): number {
    const { length } = bytes;
    let i = at;
    this.#count = 0;
    this.#problem = undefined;
    for (;;) {
      const value = (this.#values[this.#count++] ??= { from: 0, to: 0, doubled: false });
      value.doubled = false;
      if (bytes[i] === QUOTE) {
        value.from = ++i;
        for (;;) {
          while (i < length && bytes[i] !== QUOTE) i++;
          if (i >= length) return this.#cut(bytes, at, last, 'a quote that is not closed');
          if (bytes[i + 1] !== QUOTE) break;
          value.doubled = true;
          i += 2;
        }
        value.to = i++;
        // Whether the quote was the closing one shows in what follows it.
        if (i >= length && !last) return this.#cut(bytes, at, last, 'a quote that is not closed');
        if (bytes[i] === CR && bytes[i + 1] === LF) i++;
        else if (bytes[i] === CR && i + 1 === length && !last) return -1;
        if (i < length && bytes[i] !== COMMA && bytes[i] !== LF) {
          return this.#broken(bytes, at, last, 'text behind a closing quote');
        }
        this.#end = bytes[i] === LF ? withoutCr(bytes, value.to + 1, i) : i;
      } else {
        value.from = i;
        let byte;
        while (i < length && (byte = bytes[i]) !== COMMA && byte !== LF) {
          if (byte === QUOTE) return this.#broken(bytes, at, last, 'a quote inside a value that has none around it');
          i++;
        }
        value.to = this.#end = bytes[i] === LF || i >= length ? withoutCr(bytes, value.from, i) : i;
      }
      if (i >= length) return last ? length : this.#cut(bytes, at, last, 'no end');
      if (bytes[i++] === LF) return i;
    }
  }

  /** The bytes end inside the record: more may come, unless it is too long already. */
  #cut(bytes: Buffer, at: number, last: boolean, problem: string): number {
    if (!last && bytes.length - at <= MAX_RECORD_BYTES) return -1;
    return this.#broken(bytes, at, last, problem);
  }

  /** Gives up the first line of the record. */
  #broken(bytes: Buffer, at: number, last: boolean, problem: string): number {
    const end = lineEnd(bytes, at, last, this.line);
    if (end < 0) return -1;
    this.#problem = problem;
    this.#end = withoutCr(bytes, at, end);
    return Math.min(end + 1, bytes.length);
  }
}

const NO_CELLS: readonly Cell[] = FIELD_NAMES.map(() => null);

/** @throws LoadFailure naming every column that is wrong. */
function columnsOf(names: readonly string[]): number[] {
  const known = `The columns are ${FIELD_NAMES.join(', ')}.`;
  const problems = [
    ...REQUIRED.filter((name) => !names.includes(name)).map((name) => `lacks ${name}`),
    ...names
      .filter((name) => !FIELD_NAMES.includes(name))
      .map((name) => `has the column ${JSON.stringify(name)}, which no track has`),
    ...names.filter((name, i) => names.indexOf(name) < i).map((name) => `has ${JSON.stringify(name)} twice`),
  ];
  if (problems.length > 0) throw new LoadFailure(`the header ${problems.join('; ')}. ${known}`);
  return names.map((name) => FIELD_NAMES.indexOf(name));
}

function linesIn(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let i = bytes.indexOf(LF, from); i >= 0 && i < to; i = bytes.indexOf(LF, i + 1)) lines++;
  return lines;
}
