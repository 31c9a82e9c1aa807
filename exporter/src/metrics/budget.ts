/** Which objects keep their own series when there are more of them than the budget allows. Pure. */

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

/** Sum of two integers or decimals written as text, exact where a double is not. */
export function addNumbers(a: string, b: string): string {
  const sum = Number(a) + Number(b);
  if (Number.isSafeInteger(sum) || !INTEGER.test(a) || !INTEGER.test(b)) return String(sum);
  return String(BigInt(a) + BigInt(b));
}

const INTEGER = /^-?\d+$/;
