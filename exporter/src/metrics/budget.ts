/** Which objects keep their own series when there are more of them than the budget allows, and what the rest adds up to. */
import type { Fold } from './types.ts';

export interface Ranked {
  /** Identifies the object from one run to the next. */
  readonly key: string;
  readonly rank: number;
}

/** An outsider takes an insider's place only when it outranks it by this factor, or the set would change at every scrape. */
const HYSTERESIS = 2;

/**
 * Those named before stay as long as they exist; free places go to the highest ranked;
 * then the best outsiders replace the weakest insiders that they clearly outrank.
 *
 * @returns the keys that are named, at most `max`.
 */
export function chooseNamed(objects: readonly Ranked[], max: number, before: ReadonlySet<string>): Set<string> {
  if (objects.length <= max) return new Set(objects.map((object) => object.key));
  const byRank = objects.toSorted((a, b) => b.rank - a.rank || (a.key < b.key ? -1 : 1));
  const insiders = byRank.filter((object) => before.has(object.key)).slice(0, max);
  const outsiders = byRank.filter((object) => !before.has(object.key));
  const named = [...insiders, ...outsiders.splice(0, max - insiders.length)].sort((a, b) => b.rank - a.rank);
  for (const outsider of outsiders) {
    const weakest = named.at(-1);
    if (weakest === undefined || outsider.rank <= weakest.rank * HYSTERESIS) break;
    named.pop();
    named.push(outsider);
    named.sort((a, b) => b.rank - a.rank);
  }
  return new Set(named.map((object) => object.key));
}

/** A column added up row by row, from the texts that PostgreSQL sends; exact where a double is not. */
export class Total {
  private readonly fold: Exclude<Fold, 'none'>;
  private sum: number | bigint | undefined;
  private extreme: string | undefined;

  constructor(fold: Exclude<Fold, 'none'>) {
    this.fold = fold;
  }

  add(text: string): void {
    if (this.fold === 'sum') this.sum = this.sum === undefined ? exact(text) : plus(this.sum, exact(text));
    else if (this.extreme === undefined || isLess(this.extreme, text) === (this.fold === 'max')) this.extreme = text;
  }

  /** null: nothing was added. */
  get text(): string | null {
    const total = this.fold === 'sum' ? this.sum : this.extreme;
    return total === undefined ? null : String(total);
  }
}

const INTEGER = /^-?\d+$/;

function exact(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) || !INTEGER.test(text) ? number : BigInt(text);
}

function plus(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum) || !Number.isInteger(a) || !Number.isInteger(b)) return sum;
  }
  const whole = [a, b].every((value) => typeof value === 'bigint' || Number.isSafeInteger(value));
  return whole ? BigInt(a) + BigInt(b) : Number(a) + Number(b);
}

/** Numbers by size; timestamps (ISO, one zone) by their text. */
function isLess(a: string, b: string): boolean {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? a < b : difference < 0;
}
