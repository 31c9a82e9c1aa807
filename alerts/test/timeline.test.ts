import { stretch } from '../lib/timeline.ts';
import type { Sample } from '../lib/values.ts';
import { decode, encode, ramp } from '../lib/values.ts';

test.each<[Sample[], string]>([
  [[1, 1, 1], '1x2'],
  [[0.5], '0.5'],
  [[null, null, 3], '_x2 3'],
  [[3, null, null, null, 4], '3 stale _x2 4'],
  [[NaN, NaN, Infinity, -Infinity], 'NaNx1 Inf -Inf'],
  [[], ''],
])('samples are written and read back: %p', (samples, words) => {
  expect(encode(samples)).toBe(words);
  expect(decode(words)).toEqual(samples);
});

test('what stays gone from one phase to the next is not told twice', () => {
  expect(encode([null, 1], 5)).toBe('stale 1');
  expect(encode([null, 1], null)).toBe('_ 1');
});

test('a slope is written as promtool reads it: the first, and how many follow', () => {
  expect(ramp(10, 2, 3)).toBe('10+2x2');
  expect(ramp(10, -2, 3)).toBe('10-2x2');
  expect(ramp(10, 0, 3)).toBe('10x2');
  expect(ramp(10, 2, 0)).toBe('');
});

const START = 1_000_000;

function stretched(
  metric: string,
  phases: readonly (readonly Sample[])[],
  scrapes: readonly number[],
  trending?: string[],
): string {
  const recording = {
    name: 'example',
    start: START,
    interval: 1,
    scrapes: phases.map(({ length }) => length),
    series: [{ metric, labels: { job: 'a' }, phases }],
  };
  const [{ series, values }] = stretch(recording, { scrapes, trending });
  expect(series).toBe(`${metric}{job="a"}`);
  return values;
}

test('a gauge keeps its last value, and what was gone stays gone', () => {
  expect(stretched('pg_up', [[1, 1], [0, 0], [1]], [4, 3, 2])).toBe('1x3 0x2 1x1');
  expect(
    stretched(
      'pg_up',
      [
        [1, 1],
        [1, null],
        [null, 1],
      ],
      [3, 4, 3],
    ),
  ).toBe('1x3 stale _x3 1x1');
  expect(stretched('pg_sessions_blocked', [[1, 2, 3]], [5])).toBe('1 2 3x2');
});

test('a counter goes on as in its phase, and the next phase begins where it ended', () => {
  // Five a scrape before, two then.
  expect(
    stretched(
      'pg_stat_database_deadlocks',
      [
        [10, 15, 20],
        [22, 24],
      ],
      [5, 4],
    ),
  ).toBe('10 15 20 25+5x1 32 34 36+2x1');
});

test('a counter that starts again from 0 does so in the test', () => {
  expect(
    stretched(
      'pg_stat_database_deadlocks',
      [
        [10, 20],
        [1, 3],
      ],
      [3, 3],
    ),
  ).toBe('10 20 30 1 3 5');
});

test('a counter that was away for a while is not reset by that', () => {
  expect(
    stretched(
      'pg_stat_database_deadlocks',
      [
        [10, 20],
        [null, null],
        [20, 30],
      ],
      [3, 2, 2],
    ),
  ).toBe('10 20 30 stale _ 30 40');
});

test('an age that rose goes on with the clock, 15 seconds a scrape; one that stood still does not', () => {
  expect(stretched('pg_sessions_oldest_transaction_seconds', [[0, 1.1, 2.2]], [6])).toBe('0 1.1 2.2 17.2+15x2');
  expect(stretched('pg_sessions_oldest_transaction_seconds', [[4, 4, 4]], [6])).toBe('4x5');
});

test('only gauges that a fault names go on as they did', () => {
  expect(stretched('pg_database_size_bytes', [[100, 200, 300]], [5], ['pg_database_size_bytes'])).toBe(
    '100 200 300 400+100x1',
  );
  expect(stretched('pg_database_size_bytes', [[100, 200, 300]], [5])).toBe('100 200 300x2');
  expect(stretched('pg_database_size_bytes', [[300, 200, 100]], [5], ['pg_database_size_bytes'])).toBe(
    '300 200 100 0-100x1',
  );
});

test('a repair shows when its work is over: a counter goes on as at the end of the phase', () => {
  expect(stretched('pg_stat_database_deadlocks', [[1], [1, 2, 3], [4, 5, 5, 5, 5]], [1, 3, 7])).toBe('1x1 2 3 4 5x5');
});

test('instants lie in the test where they lay in the recording', () => {
  const metric = 'pg_stat_archiver_last_failed_timestamp_seconds';
  const at = (seconds: number): number => START + seconds;
  // An hour before it began; in the middle of the second phase, which begins after four scrapes; an hour after its end.
  expect(
    stretched(
      metric,
      [
        [at(-3600), at(-3600)],
        [at(3), at(3)],
      ],
      [4, 4],
    ),
  ).toBe('-3600x3 75x3');
  expect(stretched(metric, [[at(3602), at(3602)]], [4])).toBe('3660x3');
});

test('an instant that moved with the clock goes on', () => {
  const at = [0, 1, 2].map((second) => START + second);
  expect(stretched('pg_stat_archiver_last_failed_timestamp_seconds', [at], [5])).toBe('0 15 30 45+15x1');
});
