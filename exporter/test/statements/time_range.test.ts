import { timeRange } from '../../src/statements/time_range.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const of = (from?: string, to?: string) => timeRange({ from, to }, 14, NOW);

test('without a window it is the last hour', () => {
  expect(of()).toEqual({ from: new Date('2026-11-24T11:00:00Z'), to: NOW });
});

test.each([
  ['2026-11-24T13:00:00Z', '2026-11-24T13:00:00Z', /"to" is in the future/],
  ['2026-11-24T11:00:00Z', '2026-11-24T11:00:00Z', /"from" is not before "to"/],
  ['2026-11-01T11:00:00Z', undefined, /longer than the 14 days/],
  [undefined, '0000-01-01T00:00:00Z', /"to" is in the first hour of all years/],
])('%s to %s is refused', (from, to, message) => {
  expect(() => of(from, to)).toThrow(message);
});
