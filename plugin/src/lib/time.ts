import { dateTimeFormat, type TimeZone } from '@grafana/data';

const STEPS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

/** Whole units, the two largest: `42 s`, `3 min`, `2 h 5 min`, `9 d`. Below a second "<1 s". */
export function formatDuration(seconds: number): string {
  if (seconds < 1) {
    return seconds <= 0 ? '0 s' : '<1 s';
  }
  const at = STEPS.findIndex(([, size]) => seconds >= size);
  const [unit, size] = STEPS[at];
  const count = Math.floor(seconds / size);
  const next = STEPS[at + 1];
  // "9 d" is enough; "1 d 3 h" is not the same as "1 d".
  const rest = next && count < 3 ? Math.floor((seconds - count * size) / next[1]) : 0;
  return next && rest > 0 ? `${count} ${unit} ${rest} ${next[0]}` : `${count} ${unit}`;
}

/** How long ago, in one unit: "12 s ago", "in 5 min", "now". */
export function formatRelative(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) {
    return 'unknown';
  }
  if (Math.abs(seconds) < 1) {
    return 'now';
  }
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step)!;
  const text = `${Math.floor(Math.abs(seconds) / size)} ${unit}`;
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

/** `14:05:09` in the user's time zone. */
export const formatClock = (iso: string): string => dateTimeFormat(iso, { format: 'HH:mm:ss' });

/** Date, time and zone in the user's time zone: what hovers over a relative time. */
export function formatAbsolute(iso: string, timeZone?: TimeZone): string {
  return dateTimeFormat(iso, { timeZone, format: 'YYYY-MM-DD HH:mm:ss Z' });
}
