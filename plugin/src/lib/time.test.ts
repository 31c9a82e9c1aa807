import { formatAbsolute, formatDuration, formatRelative } from './time';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

it.each([
  [0, '0 s'],
  [0.2, '<1 s'],
  [42.9, '42 s'],
  [60, '1 min'],
  [95, '1 min 35 s'],
  [200, '3 min'],
  [7500, '2 h 5 min'],
  [86_400 * 1.5, '1 d 12 h'],
  [86_400 * 9.5, '9 d'],
])('%p seconds last %p', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

it.each([
  [0, 'now'],
  [12, '12 s ago'],
  [3600 * 3.9, '3 h ago'],
  [86_400 * 9, '9 d ago'],
  [-300, 'in 5 min'],
])('%p seconds before now reads %p', (seconds, text) => expect(formatRelative(ago(seconds), NOW)).toBe(text));

it('does not make up a time', () => expect(formatRelative('nonsense', NOW)).toBe('unknown'));

it('names the zone of an absolute time', () => {
  expect(formatAbsolute(ago(0), 'utc')).toBe('2026-11-23 10:00:00 +00:00');
});
