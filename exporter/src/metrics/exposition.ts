/** Families of many runs, databases and targets, put together so that each family stands once. */
import type { Output } from './sink.ts';
import { Block, type FamilyText, header, sampleLines } from './text.ts';

/** One write, one compression job; a small server's whole answer fits. */
const BLOCK_BYTES = 1 << 18;

export class Exposition {
  private readonly families = new Map<string, FamilyText[]>();
  private readonly texts: string[] = [];

  addFamilies(families: readonly FamilyText[]): void {
    for (const family of families) {
      const same = this.families.get(family.info.name);
      if (same) same.push(family);
      else this.families.set(family.info.name, [family]);
    }
  }

  addOutput(output: Output | undefined): void {
    if (output !== undefined) this.addFamilies(output.families);
  }

  /** Finished text, header included. */
  addText(text: string): void {
    this.texts.push(text);
  }

  /** Takes over another target's families. Their labels differ by `target`, so no sample stands twice. */
  merge(other: Exposition): void {
    for (const same of other.families.values()) this.addFamilies(same);
    this.texts.push(...other.texts);
  }

  /** The text in order. A block is overwritten when the next one is asked for: be done with it by then. */
  *blocks(): Generator<Buffer> {
    const block = new Block(BLOCK_BYTES);
    for (const same of this.families.values()) {
      yield* block.text(header(same[0].info));
      for (const family of same) yield* sampleLines(family, block);
    }
    for (const text of this.texts) yield* block.text(text);
    if (block.used > 0) yield block.take();
  }
}
