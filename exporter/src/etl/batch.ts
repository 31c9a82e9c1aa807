/**
 * Rows on their way into one transaction, as the bytes of COPY's text format. A row leaves no objects behind but where
 * its record stands in the file: ten thousand of them, kept as strings, cost as much to collect as to read.
 */
import { brokenCopy, type Row, type Content } from './row.ts';

const FIRST_BYTES = 1024 * 1024;
/** A UTF-16 unit takes so many bytes of UTF-8 at most. */
const UTF8_BYTES = 3;

export class Batch {
  /** Position of the source where the batch before it ended. */
  readonly begin: number;
  /** Everything before this position is in this batch or an earlier one. */
  end: number;
  readonly #lines: number[] = [];
  readonly #records: Content[] = [];
  /** Where each row begins in `#text`. */
  readonly #starts: number[] = [];
  readonly #reasons = new Map<number, string>();
  #text = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  constructor(begin: number) {
    this.begin = begin;
    this.end = begin;
  }

  /** Rows in it. */
  get size(): number {
    return this.#lines.length;
  }

  get bytes(): number {
    return this.#length;
  }

  add({ line, record, copy }: Row): void {
    const room = copy.length * UTF8_BYTES;
    if (this.#length + room > this.#text.length) {
      const larger = Buffer.allocUnsafe(2 * this.#text.length + room);
      this.#text.copy(larger, 0, 0, this.#length);
      this.#text = larger;
    }
    this.#lines.push(line);
    this.#records.push(record);
    this.#starts.push(this.#length);
    this.#length += this.#text.write(copy, this.#length);
  }

  /** Makes a row one that has only a reason. */
  breakRow(index: number, reason: string): void {
    this.#reasons.set(index, brokenCopy(this.#lines[index], reason));
  }

  /** What COPY is to read for the rows from `from` up to, and without, `to`. */
  *copy(from = 0, to = this.size): Generator<Buffer> {
    let begin = from;
    for (const index of [...this.#reasons.keys()].filter((i) => i >= from && i < to).sort((a, b) => a - b)) {
      if (index > begin) yield this.#text.subarray(this.#starts[begin], this.#starts[index]);
      yield Buffer.from(this.#reasons.get(index)!);
      begin = index + 1;
    }
    if (begin < to) yield this.#text.subarray(this.#starts[begin], this.#starts[to] ?? this.#length);
  }

  /** The records on these lines, whole. */
  contents(lines: readonly number[]): string[] {
    if (lines.length === 0) return [];
    const places = new Map(this.#lines.map((line, index) => [line, index]));
    return lines.map((line) => {
      const record = this.#records[places.get(line)!];
      return typeof record === 'string' ? record : record.bytes.toString('utf8', record.from, record.to);
    });
  }
}
