/** What pages and reports are made of, without a server. */
import { courseChart, changesChart } from '../../src/benchmark/report/chart.ts';
import { bytes, milliseconds, number } from '../../src/benchmark/report/format.ts';
import { seriesOf } from '../../src/benchmark/sheet/series.ts';
import { loadInWords, switchesInWords } from '../../src/benchmark/sheet/words.ts';
import type { Change, Side } from '../../src/contract/benchmarks.ts';

const tick = (at: number, count: number, p99Us: number | null = 1000) => ({
  ...{ at, arm: 'run', count, errors: 1, p50Us: p99Us && p99Us / 2, p99Us },
});

describe('seriesOf', () => {
  test('a last second that is not whole counts as long as it was', () => {
    const [first, second] = seriesOf([{ seconds: 1.5, ticks: [tick(0, 100), tick(1, 50, null)] }]);
    expect(first).toEqual({ at: 0.5, perSecond: 100, errorsPerSecond: 1, p50Us: 500, p99Us: 1000 });
    expect(second).toMatchObject({ at: 1.25, perSecond: 100, p50Us: null, p99Us: null });
  });
  test('seconds of a long run are taken together, and none is lost', () => {
    const ticks = Array.from({ length: 1000 }, (_, at) => tick(at, at === 999 ? 10 : 1, at === 500 ? 9000 : 1000));
    const points = seriesOf([{ seconds: 1000, ticks }]);
    expect(points).toHaveLength(250);
    expect(points[0]).toEqual({ at: 2, perSecond: 1, errorsPerSecond: 1, p50Us: 500, p99Us: 1000 });
    expect(points[125].p99Us).toBe(9000);
    expect(points.at(-1)!.perSecond).toBe(13 / 4);
  });
  test('what is left over at the end is no second of its own', () => {
    const [only, ...others] = seriesOf([{ seconds: 1.02, ticks: [tick(0, 100), tick(1, 2)] }]);
    expect(only.perSecond).toBeCloseTo(100);
    expect(others).toEqual([]);
  });
  test('nothing is nothing', () => expect(seriesOf([])).toEqual([]));
});

describe('charts', () => {
  const side = (values: readonly number[]): Side =>
    ({ name: 'run', series: values.map((perSecond, at) => ({ at, perSecond })) }) as unknown as Side;
  const chart = (...sides: Side[]) => courseChart(sides, 'title', ({ perSecond }) => perSecond, number)?.text;
  test.each([[[0, 0, 0]], [[1e9, 2e9]], [[0.001, 0.002]]])('of %j have numbers only', (values) => {
    expect(chart(side(values))).toMatch(/<polyline class="side0" points="64.0,/);
    expect(chart(side(values))).not.toMatch(/NaN|Infinity|undefined/);
  });
  test('of a single point there is none', () => expect(chart(side([1]), side([]))).toBeUndefined());
  test('a ratio of a thousand fits', () => {
    const change = { figure: 'p50', ratio: 1000, low: 900, high: 1100 } as Change;
    const { text } = changesChart([change, { ...change, ratio: null }], 0.03)!;
    const places = [...text.matchAll(/(?:x|x1|x2|cx)="(-?[\d.]+)"/g)].map(([, x]) => Number(x));
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(Math.max(...places)).toBeLessThanOrEqual(720);
    expect(changesChart([], 0.03)).toBeNull();
  });
});

test('numbers as people read them', () => {
  expect([milliseconds(1234), milliseconds(123_456), milliseconds(null)]).toEqual(['1.23 ms', '123.5 ms', '–']);
  expect([bytes(0), bytes(1536), bytes(5 * 1024 ** 3), bytes(null)]).toEqual(['0 B', '1.5 KiB', '5 GiB', '–']);
  expect([number(12_345.6), number(0.12345), number(null)]).toEqual(['12,346', '0.123', '–']);
});

test('loads and switches in words', () => {
  expect(loadInWords({ clients: 1, through: 'direct', load: { kind: 'closed', thinkMs: 0 } })).toBe(
    '1 client, each with one statement after the other',
  );
  expect(
    loadInWords({ clients: 8, through: 'pgbouncer', load: { kind: 'open', rate: 500, arrivals: 'poisson' } }),
  ).toBe('500 statements a second, from 8 clients through PgBouncer');
  const nothing = { session: {}, settings: {}, indexes: [], pooler: {}, scripts: [] };
  expect(switchesInWords(nothing)).toEqual([]);
  expect(
    switchesInWords({
      ...nothing,
      session: { jit: false },
      pooler: { default_pool_size: 20 },
      scripts: [{ set: 'a', unset: 'b' }],
    }),
  ).toEqual(['jit = false in its sessions', 'default_pool_size = 20 in PgBouncer', 'a']);
});
