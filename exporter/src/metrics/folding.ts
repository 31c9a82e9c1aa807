/** Keeps the rows that may be named, adds up the others as they come: memory goes with the budget, not with the rows. */
import { chooseNamed, Total } from './budget.ts';
import type { Layout } from './compile.ts';
import type { Collector } from './types.ts';

export type Values = readonly (string | null)[];

const OTHER = 'other';

interface Candidate {
  readonly key: string;
  readonly rank: number;
  readonly row: Values;
}

export class Folding {
  /** Rows that were added up. */
  folded = 0;
  private readonly max: number;
  private readonly before: ReadonlySet<string>;
  private readonly labelsAt: readonly number[];
  private readonly rankAt: number | undefined;
  private readonly totals: ReadonlyMap<number, Total>;
  private readonly insiders: Candidate[] = [];
  private readonly outsiders: Candidate[] = [];

  /** @param before the keys that were named in the run before. */
  constructor(collector: Collector, layout: Layout, max: number, before: ReadonlySet<string>) {
    this.max = max;
    this.before = before;
    this.labelsAt = collector.labels.flatMap((label) => layout.positions.get(label) ?? []);
    this.rankAt = layout.positions.get(collector.budget!.rankBy);
    // By position: a column that feeds two metrics must not be added twice.
    const totals = new Map<number, Total>();
    for (const { metric, index } of layout.groups.flatMap((group) => group.metrics)) {
      const fold = metric.fold ?? 'sum';
      if (fold !== 'none' && metric.type !== 'histogram') totals.set(index, new Total(fold));
    }
    this.totals = totals;
  }

  add(row: Values): void {
    const key = this.labelsAt.map((index) => row[index]).join('\0');
    const rank = this.rankAt === undefined ? 0 : Number(row[this.rankAt] ?? 0);
    if (this.before.has(key)) this.insiders.push({ key, rank, row });
    else if (this.outsiders.push({ key, rank, row }) >= this.max * 2) this.prune();
  }

  /** Beyond the budget no outsider can be named. */
  private prune(): void {
    this.outsiders.sort((a, b) => b.rank - a.rank || (a.key < b.key ? -1 : 1));
    for (const { row } of this.outsiders.splice(this.max)) this.fold(row);
  }

  private fold(row: Values): void {
    this.folded++;
    for (const [index, total] of this.totals) {
      const value = row[index];
      if (value !== null) total.add(value);
    }
  }

  /** @returns the rows to write, `other` last, and the keys that are named now. */
  finish(): { rows: Values[]; named: ReadonlySet<string> } {
    const all = [...this.insiders, ...this.outsiders];
    const named = chooseNamed(all, this.max, this.before);
    const rows: Values[] = [];
    for (const { key, row } of all) {
      if (named.has(key)) rows.push(row);
      else this.fold(row);
    }
    if (this.folded > 0) rows.push(this.other(rows[0].length));
    return { rows, named };
  }

  private other(columns: number): Values {
    const row = new Array<string | null>(columns).fill(null);
    for (const index of this.labelsAt) row[index] = OTHER;
    for (const [index, total] of this.totals) row[index] = total.text;
    return row;
  }
}
