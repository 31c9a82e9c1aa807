/**
 * What each collector costs the database. In a pipeline several answers arrive in one packet, so the clock can't tell
 * one statement from the next: now and then a collection runs its statements one after the other and measures each;
 * the time of a pipeline, which is exact as a whole, is shared out in those proportions.
 */
import type { Collector } from './types.ts';

/** One collection in this many is measured; the first one is. */
const MEASURE_EVERY = 20;

export class Costs {
  /** Seconds the database worked, as seen from here, since start; by collector. */
  readonly total = new Map<string, number>();
  private readonly alone = new Map<string, number>();
  private collections = 0;

  /** Asked once per collection: shall this one measure? */
  nextIsMeasured(): boolean {
    return this.collections++ % MEASURE_EVERY === 0;
  }

  /** @param seconds of a statement that had the connection to itself. */
  measured({ name }: Collector, seconds: number): void {
    this.alone.set(name, seconds);
    this.add(name, seconds);
  }

  /** @param seconds of a whole pipeline. */
  share(collectors: readonly Collector[], seconds: number): void {
    const weights = collectors.map(({ name }) => this.alone.get(name) ?? 0);
    const sum = weights.reduce((all, weight) => all + weight, 0);
    if (sum > 0) collectors.forEach(({ name }, i) => this.add(name, (seconds * weights[i]) / sum));
  }

  private add(name: string, seconds: number): void {
    this.total.set(name, (this.total.get(name) ?? 0) + seconds);
  }
}
