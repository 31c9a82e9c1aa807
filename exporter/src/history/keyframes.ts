/** An hour: a window's end is then never further than that from a keyframe, so one range of points has both. */
export const LONGEST_MS = 3_600_000;

const DAY_MS = 86_400_000;
const dayOf = (at: Date): number => Math.floor(at.getTime() / DAY_MS);

/**
 * When all totals are written again. With the first point of a day (UTC): days are dropped one by one, and what is left shall
 * not stand on what is gone. As soon as the changes since the last keyframe are as many as it was: then keyframes
 * at most double what is stored, and a reader never reads more changes than totals.
 */
export class Keyframes {
  #last: Date | null;
  #changes: number;

  constructor(last: Date | null, changesSince: number) {
    this.#last = last;
    this.#changes = changesSince;
  }

  isDue(at: Date, changes: number, lives: number): boolean {
    if (this.#last === null || at.getTime() - this.#last.getTime() >= LONGEST_MS) return true;
    return dayOf(at) !== dayOf(this.#last) || this.#changes + changes > lives;
  }

  wrote(at: Date, keyframe: boolean, entries: number): void {
    if (keyframe) {
      this.#last = at;
      this.#changes = 0;
    } else this.#changes += entries;
  }
}
