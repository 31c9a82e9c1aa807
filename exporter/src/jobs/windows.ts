/** Whether maintenance may run now. Times of day are local to the window's zone, whatever its clocks do. */
import type { MaintenanceWindow } from '../config/types.ts';

export interface WindowState {
  readonly open: boolean;
  /** A sentence for people. */
  readonly words: string;
  /** Null where no window is configured: always open. */
  readonly closesAt: Date | null;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export function windowState(windows: readonly MaintenanceWindow[], target: string, now: Date): WindowState {
  const own = windows.filter(({ targets }) => targets.length === 0 || targets.includes(target));
  if (own.length === 0) return { open: true, words: 'no window is configured: at any time', closesAt: null };
  const spans = own
    .flatMap((window) => spansAround(window, now).map((span) => ({ ...span, window })))
    .sort((a, b) => a.opens - b.opens);
  const at = now.getTime();
  const open = spans.filter(({ opens, closes }) => opens <= at && at < closes);
  if (open.length > 0) {
    let last = open.reduce((a, b) => (b.closes > a.closes ? b : a));
    // Windows that follow one another without a gap are one.
    for (const span of spans) if (span.opens <= last.closes && span.closes > last.closes) last = span;
    const { window, closes } = last;
    return {
      open: true,
      words: `window ${window.name}: open until ${localWords(closes, window.timezone)}`,
      closesAt: new Date(closes),
    };
  }
  const next = spans.find(({ opens }) => opens > at);
  const words =
    next === undefined
      ? `no window opens within a week: ${own.map(({ name }) => name).join(', ')}`
      : `closed: window ${next.window.name} opens ${localWords(next.opens, next.window.timezone)}`;
  return { open: false, words, closesAt: null };
}

/** Openings from yesterday to a week ahead, as instants. */
function spansAround(
  { days, from, until, timezone }: MaintenanceWindow,
  now: Date,
): { opens: number; closes: number }[] {
  const clock = new Clock(timezone);
  const today = clock.local(now.getTime());
  const midnight = Math.floor(today / DAY) * DAY;
  const spans: { opens: number; closes: number }[] = [];
  for (let day = midnight - 2 * DAY; day <= midnight + 8 * DAY; day += DAY) {
    if (!days.includes(new Date(day).getUTCDay())) continue;
    const opens = clock.instant(day + from * MINUTE);
    const closes = clock.instant(day + until * MINUTE + (until <= from ? DAY : 0));
    if (closes > opens) spans.push({ opens, closes });
  }
  return spans;
}

const localWords = (instant: number, timezone: string): string => {
  const local = new Date(new Clock(timezone).local(instant));
  return `${NAMES[local.getUTCDay()]} ${local.toISOString().slice(11, 16)} ${timezone}`;
};

/** Local times are milliseconds as if the local clock were in UTC. */
class Clock {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  local(instant: number): number {
    const parts = Object.fromEntries(
      this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
    );
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  }

  /** The first instant at which the local clock shows this time or, where it skips it, a later one. */
  instant(local: number): number {
    const before = this.local(local - DAY) - (local - DAY);
    const after = this.local(local + DAY) - (local + DAY);
    const candidates = [local - before, local - after].sort((a, b) => a - b);
    const shown = candidates.find((candidate) => this.local(candidate) === local);
    if (shown !== undefined) return shown;
    // Skipped: the instant of the jump itself.
    let [early, late] = candidates;
    while (late - early > 1000) {
      const middle = Math.floor((early + late) / 2000) * 1000;
      if (this.local(middle) < local) early = middle;
      else late = middle;
    }
    return late;
  }
}
