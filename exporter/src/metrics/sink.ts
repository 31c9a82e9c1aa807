/** Rows of one collector become the text of its families. */
import type { Field } from '../db/postgres.ts';
import { type LabelGroup, type Layout, layOut } from './compile.ts';
import { arrayElements, converterFor } from './convert.ts';
import { Folding, type Values } from './folding.ts';
import { FamilyText, LabelTable, labelPair, labelText, numberText } from './text.ts';
import { type Collector, gauge, type Metric, type Row } from './types.ts';

/** The finished text of one run of one collector. */
export interface Output {
  readonly families: readonly FamilyText[];
  readonly samples: number;
  /** Objects that were added up into `other`. */
  readonly folded: number;
  /** Samples left out because another row had the same labels. */
  readonly duplicates: number;
  /** Values left out because they are not numbers: column names. */
  readonly notNumbers: readonly string[];
}

/** What a collector remembers from one run to the next, per database. */
export class Memory {
  named: ReadonlySet<string> = new Set();
  /** The last values of objects, for `keepLastWhen`. */
  last = new Map<string, { values: Values; at: number; run: number }>();
  /** Counts the runs, to tell the objects that are gone. */
  run = 0;
}

const AGE: Metric = gauge(
  'pgvigil_value_age_seconds',
  'Age of the values served for an object that could not be read because it was locked (pgvigil).',
);
/** Rows handled between two returns to the event loop; about 5 ms of work. */
const SLICE_ROWS = 1000;

export interface SinkOptions {
  readonly collector: Collector;
  readonly memory: Memory;
  readonly fixedLabels: Readonly<Record<string, string>>;
  readonly database?: string;
  /** Rows that keep their own labels; undefined or 0: all. */
  readonly budget?: number;
}

export class Sink {
  private readonly options: SinkOptions;
  /** All rows, for `reshape`. */
  private readonly held: Values[] = [];
  private folding: Folding | undefined;
  private fields: readonly Field[] = [];
  private writer: Writer | undefined;

  constructor(options: SinkOptions) {
    this.options = options;
  }

  /** @throws Error when a label's column is missing. */
  describe(fields: readonly Field[]): void {
    const { collector, fixedLabels, database } = this.options;
    this.fields = fields;
    if (collector.reshape) return;
    this.begin(layOut(collector, fields, fixedLabels, database));
  }

  private begin(layout: Layout): void {
    const { collector, budget, memory } = this.options;
    this.writer = new Writer(this.options, layout);
    if (collector.budget && budget) this.folding = new Folding(collector, layout, budget, memory.named);
  }

  row(values: Values): void {
    if (this.options.collector.reshape) this.held.push(values);
    else this.take(values);
  }

  private take(values: Values): void {
    if (this.folding) this.folding.add(values);
    else this.writer!.write(values);
  }

  async finish(): Promise<Output> {
    if (this.options.collector.reshape) this.reshape();
    if (this.folding) {
      const { rows, named } = this.folding.finish();
      this.options.memory.named = named;
      await inSlices(rows, (row) => this.writer!.write(row));
    }
    return this.writer!.output(this.folding?.folded ?? 0);
  }

  private reshape(): void {
    const { collector, fixedLabels, database } = this.options;
    const toRow = (values: Values): Row => Object.fromEntries(this.fields.map(({ name }, i) => [name, values[i]]));
    const rows = collector.reshape!(this.held.splice(0).map(toRow));
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    this.begin(layOut(collector, names.map(textField), fixedLabels, database));
    for (const row of rows) this.take(names.map((name) => row[name] ?? null));
  }
}

const textField = (name: string): Field => ({ name, typeOid: 25 });

function objectKey(collector: Collector, positions: ReadonlyMap<string, number>): (row: Values) => string {
  const indexes = collector.labels.flatMap((label) => positions.get(label) ?? []);
  return (row) => indexes.map((index) => row[index]).join('\0');
}

async function inSlices<T>(items: readonly T[], each: (item: T) => void): Promise<void> {
  for (let i = 0; i < items.length; i++) {
    each(items[i]);
    if (i % SLICE_ROWS === SLICE_ROWS - 1) await new Promise(setImmediate);
  }
}

/** Appends rows to families; the hot path. */
class Writer {
  private readonly options: SinkOptions;
  private readonly layout: Layout;
  private readonly groups: { group: LabelGroup; table: LabelTable; families: FamilyText[]; seen: Set<string> }[];
  private readonly age = new FamilyText(AGE);
  /** Families that the rows themselves name. */
  private readonly dynamic = new Map<string, FamilyText>();
  private readonly notNumbers = new Set<string>();
  private duplicates = 0;
  private readonly lockedAt: number | undefined;
  private readonly keyOf: (row: Values) => string;

  constructor(options: SinkOptions, layout: Layout) {
    this.options = options;
    this.layout = layout;
    this.groups = layout.groups.map((group) => {
      const table = new LabelTable();
      const families = group.metrics.map(({ metric }) => new FamilyText(metric, table));
      return { group, table, families, seen: new Set() };
    });
    options.memory.run++;
    const { keepLastWhen } = options.collector;
    this.lockedAt = keepLastWhen === undefined ? undefined : layout.positions.get(keepLastWhen);
    this.keyOf = objectKey(options.collector, layout.positions);
  }

  write(row: Values): void {
    if (this.options.collector.dynamic) return this.writeDynamic(row);
    const current = this.lockedAt === undefined ? row : this.currentOrLast(row, this.lockedAt);
    for (const { group, table, families, seen } of this.groups) {
      // A statement may give rows for one family that are NULL in the others: those are no duplicates.
      if (group.metrics.every(({ index }) => current[index] === null)) continue;
      const text = this.labelsOf(group, current);
      if (seen.has(text)) {
        this.duplicates += group.metrics.length;
        continue;
      }
      seen.add(text);
      table.add(text);
      for (let i = 0; i < families.length; i++) {
        const { index, convert, metric } = group.metrics[i];
        const value = current[index];
        const isHistogram = metric.type === 'histogram';
        const number = value === null || isHistogram ? undefined : convert(value);
        families[i].add(number);
        if (value === null) continue;
        if (isHistogram) this.writeHistogram(families[i], group, i, current);
        else if (number === undefined) this.notNumbers.add(metric.name);
      }
    }
  }

  private labelsOf(group: LabelGroup, row: Values, extra?: string): string {
    const pairs = group.labels.map(({ name, index }) => labelPair(name, row[index] ?? ''));
    pairs.push(...this.layout.fixed);
    if (extra !== undefined) pairs.push(extra);
    return labelText(pairs);
  }

  /** A locked object's last values, with their age; the row itself (without values) when there are none yet. */
  private currentOrLast(row: Values, lockedAt: number): Values {
    const { last, run } = this.options.memory;
    const key = this.keyOf(row);
    const now = Date.now();
    const known = last.get(key);
    if (known !== undefined) known.run = run;
    if (row[lockedAt] !== 't') {
      // Sizes seldom change: the old row stays, and thousands of new ones die young.
      if (known !== undefined && known.values.every((value, i) => value === row[i])) known.at = now;
      else last.set(key, { values: row, at: now, run });
      return row;
    }
    if (known === undefined) return row;
    const labels = this.labelsOf(this.layout.groups[0], row, labelPair('collector', this.options.collector.name));
    this.age.addSample(labels, numberText((now - known.at) / 1000));
    return known.values;
  }

  private writeHistogram(family: FamilyText, group: LabelGroup, i: number, row: Values): void {
    const { positions } = this.layout;
    const column = [...positions].find(([, index]) => index === group.metrics[i].index)![0];
    const part = (suffix: string): string | null => row[positions.get(column + suffix) ?? -1] ?? null;
    const bounds = arrayElements(row[group.metrics[i].index]!);
    const counts = arrayElements(part('_bucket') ?? '{}');
    const total = part('_count') ?? '0';
    [...bounds, '+Inf'].forEach((bound, n) => {
      const count = n < bounds.length ? counts[n] : total;
      family.addSuffixed('_bucket', this.labelsOf(group, row, labelPair('le', bound)), count);
    });
    family.addSuffixed('_sum', this.labelsOf(group, row), part('_sum') ?? '0');
    family.addSuffixed('_count', this.labelsOf(group, row), total);
  }

  private writeDynamic(row: Values): void {
    const { positions, fixed } = this.layout;
    const [name, type, help, value] = ['metric', 'type', 'help', 'value'].map((column) => row[positions.get(column)!]);
    if (name === null || value === null) return;
    const metric = { name, type: type as Metric['type'], help: help ?? name };
    const number = converterFor(25, metric)(value);
    if (number === undefined) this.notNumbers.add(name);
    else if (this.dynamic.has(name)) this.duplicates++;
    else {
      const family = new FamilyText(metric);
      family.addSample(labelText(fixed), number);
      this.dynamic.set(name, family);
    }
  }

  output(folded: number): Output {
    const { last, run } = this.options.memory;
    for (const [key, known] of last) if (known.run !== run) last.delete(key);
    const declared = [...this.groups.flatMap((group) => group.families), this.age].filter((f) => f.samples > 0);
    const families = [...declared, ...this.dynamic.values()];
    const samples = families.reduce((sum, family) => sum + family.samples, 0);
    const { duplicates, notNumbers } = this;
    return { families, samples, folded, duplicates, notNumbers: [...notNumbers] };
  }
}
