/** Families of many runs, databases and targets, put together so that each family stands once. */
import type { Output } from './sink.ts';
import { type FamilyText, header } from './text.ts';

const BLOCK_BYTES = 65536;

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

  /** Finished text, header included. */
  addText(text: string): void {
    this.whole.push(Buffer.from(text));
  }

  /** Takes over another target's families. Their labels differ by `target`, so no sample stands twice. */
  merge(other: Exposition): void {
    for (const same of other.families.values()) this.addFamilies(same);
    this.whole.push(...other.whole);
  }

  /** The text in order, in blocks of about 64 KiB: a write for every family would cost more than building them. */
  *blocks(): Generator<Buffer> {
    let block = Buffer.allocUnsafe(BLOCK_BYTES);
    let used = 0;
    for (const chunk of this.chunks()) {
      if (used + chunk.length > BLOCK_BYTES) {
        if (used > 0) {
          yield block.subarray(0, used);
          // The one before belongs to the caller now.
          block = Buffer.allocUnsafe(BLOCK_BYTES);
          used = 0;
        }
        if (chunk.length > BLOCK_BYTES / 2) {
          yield chunk;
          continue;
        }
      }
      used += chunk.copy(block, used);
    }
    if (used > 0) yield block.subarray(0, used);
  }

  private *chunks(): Generator<Buffer> {
    for (const same of this.families.values()) {
      yield Buffer.from(header(same[0]));
      for (const family of same) yield* family.chunks();
    }
    yield* this.whole;
  }
}
