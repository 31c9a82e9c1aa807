/** Numbers for people. */
const NOTHING = '–';

/** @param us microseconds. */
export const milliseconds = (us: number | null): string =>
  us === null ? NOTHING : `${(us / 1000).toFixed(us < 10_000 ? 2 : 1)} ms`;

/** Whole from a hundred on. */
export const number = (value: number | null): string =>
  value === null
    ? NOTHING
    : Math.abs(value) >= 100
      ? Math.round(value).toLocaleString('en')
      : String(Number(value.toPrecision(3)));

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(value: number | null): string {
  if (value === null) return NOTHING;
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
  return `${Number((value / 1024 ** power).toPrecision(3))} ${UNITS[power]}`;
}

/** To the second, UTC. */
export const moment = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;
