/** Windows in local time, across changes of the clock. */
import type { MaintenanceWindow } from '../../src/config/types.ts';
import { windowState } from '../../src/jobs/windows.ts';

const window = (more: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  name: 'night',
  days: [0, 1, 2, 3, 4, 5, 6],
  from: 2 * 60,
  until: 5 * 60,
  timezone: 'Europe/Berlin',
  targets: [],
  ...more,
});
const at = (windows: MaintenanceWindow[], time: string, target = 'shop') =>
  windowState(windows, target, new Date(time));

it('is open at any time when none is configured, or none for this target', () => {
  expect(at([], '2026-11-23T12:00:00Z')).toMatchObject({ open: true, closesAt: null });
  expect(at([window({ targets: ['other'] })], '2026-11-23T12:00:00Z').open).toBe(true);
});

it.each([
  ['2026-11-23T00:59:59Z', false],
  ['2026-11-23T01:00:00Z', true],
  ['2026-11-23T03:59:59Z', true],
  ['2026-11-23T04:00:00Z', false],
  // Summer time: an hour earlier in UTC.
  ['2026-07-01T00:00:00Z', true],
  ['2026-07-01T03:00:00Z', false],
])('at %s: %s', (time, open) => {
  expect(at([window()], time).open).toBe(open);
});

it('says until when, and when next', () => {
  const open = at([window()], '2026-11-23T02:00:00Z');
  expect(open.words).toBe('window night: open until Mon 05:00 Europe/Berlin');
  expect(open.closesAt).toEqual(new Date('2026-11-23T04:00:00Z'));
  expect(at([window({ days: [6] })], '2026-11-23T02:00:00Z')).toEqual({
    open: false,
    words: 'closed: window night opens Sat 02:00 Europe/Berlin',
    closesAt: null,
  });
  expect(at([window({ days: [] })], '2026-11-23T02:00:00Z').words).toBe('no window opens within a week: night');
});

it('belongs to the day on which it opens when it goes past midnight', () => {
  const saturday = window({ days: [6], from: 22 * 60, until: 4 * 60, timezone: 'UTC' });
  expect(at([saturday], '2026-11-29T03:59:00Z').open).toBe(true); // Sunday
  expect(at([saturday], '2026-11-28T03:59:00Z').open).toBe(false);
  expect(at([window({ from: 0, until: 0, timezone: 'UTC' })], '2026-11-23T13:00:00Z').open).toBe(true);
});

it('counts windows that follow one another as one', () => {
  const evening = window({ name: 'evening', from: 22 * 60, until: 0, timezone: 'UTC' });
  const morning = window({ name: 'morning', from: 0, until: 120, timezone: 'UTC' });
  expect(at([morning, evening], '2026-11-23T23:00:00Z').closesAt).toEqual(new Date('2026-11-24T02:00:00Z'));
});

it('loses the hour that spring skips', () => {
  // 29 March 2026, Berlin: 02:00 becomes 03:00 at 01:00 UTC.
  expect(at([window()], '2026-03-29T00:59:59Z').open).toBe(false);
  expect(at([window()], '2026-03-29T01:00:00Z').open).toBe(true);
  expect(at([window()], '2026-03-29T02:59:59Z').open).toBe(true);
  expect(at([window()], '2026-03-29T03:00:00Z').open).toBe(false);
  // A window that lies in the skipped hour does not open.
  const skipped = window({ from: 130, until: 170 });
  for (const minute of ['00:50', '01:05', '01:30', '02:15'])
    expect(at([skipped], `2026-03-29T${minute}:00Z`).open).toBe(false);
});

it('does not open twice in the hour that autumn repeats', () => {
  // 25 October 2026, Berlin: 03:00 becomes 02:00 at 01:00 UTC.
  const early = window({ from: 130, until: 170 });
  expect(at([early], '2026-10-25T00:15:00Z').open).toBe(true); // 02:15 the first time
  expect(at([early], '2026-10-25T00:50:00Z').open).toBe(false);
  expect(at([early], '2026-10-25T01:15:00Z').open).toBe(false); // 02:15 the second time
  const long = at([window()], '2026-10-25T00:00:00Z');
  expect(long.closesAt).toEqual(new Date('2026-10-25T04:00:00Z'));
});
