/** Families of many runs, databases and targets, put together so that each family stands once. */
import type { Output } from './sink.ts';
import { type FamilyText, header } from './text.ts';

export class Exposition {
  private readonly families = new Map<string, FamilyText[]>();
  private readonly whole: Buffer[] = [];

  addFamilies(families: readonly FamilyText[]): void {
    for (const family of families) {
      const same = this.families.get(family.name);
      if (same) same.push(family);
      else this.families.set(family.name, [family]);
    }
  }

  addOutput(output: Output | undefined): void {
    if (output === undefined) return;
    this.addFamilies(output.families);
    this.whole.push(...output.whole);
  }

  /** The text, in order, as chunks that can be written one by one. */
  *chunks(): Generator<Buffer> {
    for (const same of this.families.values()) {
      yield Buffer.from(header(same[0]));
      for (const family of same) yield* family.chunks();
    }
    if (this.whole.length > 0) yield Buffer.concat(this.whole);
  }
}
