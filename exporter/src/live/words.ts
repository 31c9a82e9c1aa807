/** Figures in sentences. */

/** `1,234,567`. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** `3.2 GiB`, in steps of 1024. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(value, 1)) / 10)));
  const scaled = value / 1024 ** step;
  return `${step === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[step]}`;
}

const UNITS: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** `3 h 20 min`: the two largest units. */
export function duration(seconds: number): string {
  const first = UNITS.findIndex(([size]) => seconds >= size);
  if (first < 0) return 'less than a second';
  const [size, unit] = UNITS[first];
  const whole = Math.floor(seconds / size);
  const next = UNITS[first + 1];
  const rest = next === undefined ? 0 : Math.floor((seconds - whole * size) / next[0]);
  return rest > 0 ? `${whole} ${unit} ${rest} ${next[1]}` : `${whole} ${unit}`;
}

/** `3 h 20 min ago`, `never`. */
export const ago = (time: Date | null): string =>
  time === null ? 'never' : `${duration((Date.now() - time.getTime()) / 1000)} ago`;

/** `95 %`. */
export const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;

/** `2.4 times`. */
export const times = (ratio: number): string => `${ratio >= 10 ? count(ratio) : ratio.toFixed(1)} times`;
