/**
 * Prometheus' text format (0.0.4), kept small until it is sent.
 *
 * A family must stand together in the output while rows arrive one by one. So a run keeps its label texts once and, for
 * each metric, a column of values: 145,000 samples of 14 MB text are 1.5 MB here. The lines are put together when a
 * response is written, block by block, by plain loops over bytes: half the time of string concatenation, and nothing
 * for the garbage collector.
 */
import type { Metric } from './types.ts';

const NEWLINE = 10;
const FIRST_BYTES = 64;

/** Bytes that grow. */
class Bytes {
  data = Buffer.allocUnsafe(FIRST_BYTES);
  length = 0;

  /** Room for so many more. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.data.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.data.length * 2));
    this.data.copy(grown, 0, 0, this.length);
    this.data = grown;
  }
}

/** The label texts of a run's rows, shared by all families that have these labels. */
export class LabelTable {
  readonly bytes = new Bytes();
  /** Where each row's text ends. */
  readonly ends: number[] = [];

  /** @param text as `labelText` makes it. */
  add(text: string): void {
    // A UTF-16 unit takes at most three bytes in UTF-8.
    this.bytes.reserve(text.length * 3);
    this.bytes.length += this.bytes.data.write(text, this.bytes.length);
    this.ends.push(this.bytes.length);
  }
}

export type FamilyInfo = Pick<Metric, 'name' | 'type' | 'help'>;

/** The samples of one metric family from one run. */
export class FamilyText {
  readonly info: FamilyInfo;
  readonly labels: LabelTable;
  samples = 0;
  /** A line for each row of `labels`: the number, or nothing where the row has none. */
  readonly values = new Bytes();
  /** Finished lines, for samples whose name has a suffix (histograms). */
  readonly lines: string[] = [];

  /** @param labels shared with other families; without it the family has its own, filled by `addSample`. */
  constructor(info: FamilyInfo, labels = new LabelTable()) {
    this.info = info;
    this.labels = labels;
  }

  /** For the row that `labels` got last. @param value a number in Prometheus' spelling (ASCII); undefined: no sample. */
  add(value: string | undefined): void {
    const length = value === undefined ? 0 : value.length;
    this.values.reserve(length + 1);
    const { data } = this.values;
    let at = this.values.length;
    for (let i = 0; i < length; i++) data[at++] = value!.charCodeAt(i);
    data[at++] = NEWLINE;
    this.values.length = at;
    if (value !== undefined) this.samples++;
  }

  addSample(labels: string, value: string): void {
    this.labels.add(labels);
    this.add(value);
  }

  /** A sample of a histogram: `_bucket`, `_sum` or `_count`. */
  addSuffixed(suffix: string, labels: string, value: string): void {
    this.lines.push(`${this.info.name}${suffix}${labels}${value}\n`);
    this.samples++;
  }
}

/** A buffer that is filled, handed out and filled again. */
export class Block {
  data: Buffer;
  used = 0;

  constructor(bytes: number) {
    this.data = Buffer.allocUnsafe(bytes);
  }

  /** Empties the block: its bytes are valid until the next `take` or until something is written. */
  take(): Buffer {
    const taken = this.data.subarray(0, this.used);
    this.used = 0;
    return taken;
  }

  /** @returns what must be written out before there is room for so many bytes. */
  *room(bytes: number): Generator<Buffer> {
    if (this.used + bytes <= this.data.length) return;
    if (this.used > 0) yield this.take();
    if (bytes > this.data.length) this.data = Buffer.allocUnsafe(bytes);
  }

  *text(text: string): Generator<Buffer> {
    yield* this.room(text.length * 3);
    this.used += this.data.write(text, this.used);
  }
}

/** `# HELP` and `# TYPE`, to stand once before a family's samples. */
export function header({ name, type, help }: FamilyInfo): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

/** The sample lines, yielding the block whenever it is full. The hot path of a large answer. */
export function* sampleLines(family: FamilyText, block: Block): Generator<Buffer> {
  const name = Buffer.from(family.info.name, 'latin1');
  const { data: values } = family.values;
  const { ends, bytes } = family.labels;
  const labels = bytes.data;
  let from = 0;
  let valueAt = 0;
  for (const to of ends) {
    let valueEnd = valueAt;
    while (values[valueEnd] !== NEWLINE) valueEnd++;
    if (valueEnd > valueAt) {
      const length = name.length + (to - from) + (valueEnd - valueAt) + 1;
      // Not through `room` alone: a generator per line would cost more than the line.
      if (block.used + length > block.data.length) yield* block.room(length);
      const { data } = block;
      let at = block.used;
      for (let i = 0; i < name.length; i++) data[at++] = name[i];
      for (let i = from; i < to; i++) data[at++] = labels[i];
      for (let i = valueAt; i <= valueEnd; i++) data[at++] = values[i];
      block.used = at;
    }
    from = to;
    valueAt = valueEnd + 1;
  }
  for (const line of family.lines) yield* block.text(line);
}

const NEEDS_ESCAPE = /[\\"\n]/;

/** `name="value"` with the value escaped; an empty value is kept (it is what distinguishes NULL from a missing label). */
export function labelPair(name: string, value: string): string {
  if (NEEDS_ESCAPE.test(value)) {
    value = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  }
  return `${name}="${value}"`;
}

/** The label part of a sample line, from finished pairs. */
export const labelText = (pairs: readonly string[]): string => (pairs.length > 0 ? `{${pairs.join(',')}} ` : ' ');

/** A number as Prometheus reads it. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
