/** The months that the sample covers, busier in summer and at weekends. */

const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2024, 6, 1);
/** The first instant after the sample's partitions; what is later lands in the default ones. */
export const END = Date.UTC(2026, 6, 1);
const DAYS = (END - FIRST) / DAY_MS;

/** January to December. */
const MONTHS = [5, 5, 6, 8, 10, 12, 16, 17, 11, 8, 5, 7];
const WEEKEND = 1.6;

/** How much of everything happened before each day; the last entry is the whole. */
const before = [0];
for (let day = 0; day < DAYS; day++) {
  const date = new Date(FIRST + day * DAY_MS);
  const weekend = [0, 5, 6].includes(date.getUTCDay());
  before.push(before[day] + MONTHS[date.getUTCMonth()] * (weekend ? WEEKEND : 1));
}

/** @returns milliseconds since 1970 by when this share (0 to 1) of everything happened; between 7 and 22 o'clock. */
export function instantAt(share: number): number {
  const amount = share * before[DAYS];
  let low = 0;
  let high = DAYS - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before[middle + 1] > amount) high = middle;
    else low = middle + 1;
  }
  const ofDay = (amount - before[low]) / (before[low + 1] - before[low]);
  return FIRST + low * DAY_MS + Math.floor((7 + 15 * ofDay) * 3_600_000);
}

export const daysAfter = (instant: number, days: number): number => instant + Math.floor(days * DAY_MS);
/** For PostgreSQL: an instant, and the day it is in. */
export const timestamp = (instant: number): string => new Date(instant).toISOString();
export const day = (instant: number): string => timestamp(instant).slice(0, 10);
