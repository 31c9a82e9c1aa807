import { StatementRefusal } from './refusal.ts';

export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Before it, a year is written with a sign, which no answer has. */
const FIRST_MS = Date.parse('0000-01-01T00:00:00Z');
/** The clocks of a browser, Grafana and this machine are never quite the same. */
const CLOCK_SKEW_MS = 60_000;

/**
 * The window that a request asks for; without one the last hour.
 * @throws StatementRefusal bad_request naming the field.
 */
export function timeRange(
  asked: { readonly from?: string; readonly to?: string },
  retentionDays: number,
  now = new Date(),
): TimeRange {
  const to = asked.to === undefined ? now : new Date(asked.to);
  const from = asked.from === undefined ? new Date(to.getTime() - HOUR_MS) : new Date(asked.from);
  const bad = (message: string, hint: string): StatementRefusal => new StatementRefusal('bad_request', message, hint);
  if (to.getTime() > now.getTime() + CLOCK_SKEW_MS) throw bad('"to" is in the future', 'Leave it out for now.');
  if (from.getTime() < FIRST_MS) throw bad('"to" is in the first hour of all years', 'Give a later one.');
  if (from >= to) throw bad('"from" is not before "to"', 'Give the earlier time as "from".');
  if (to.getTime() - from.getTime() > retentionDays * DAY_MS) {
    throw bad(
      `the window is longer than the ${retentionDays} days that are kept`,
      'Ask for a shorter one, or keep more (history.retention_days).',
    );
  }
  return { from, to };
}
