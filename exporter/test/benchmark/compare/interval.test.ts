/** The estimate beside its definition, and its interval beside the truth. */
import fc from 'fast-check';
import { interval } from '../../../src/benchmark/compare/bootstrap.ts';
import { WalshAverages } from '../../../src/benchmark/compare/hodges_lehmann.ts';
import { above, exceededBy } from '../../../src/benchmark/compare/normal.ts';
import { mean, noise, SKEWED_MIDDLE } from './support.ts';

function medianOfPairs(values: readonly number[]): number {
  const pairs = values.flatMap((x, i) => values.slice(i).map((y) => (x + y) / 2)).sort((a, b) => a - b);
  return (pairs[Math.ceil(pairs.length / 2) - 1] + pairs[Math.floor(pairs.length / 2)]) / 2;
}

test('the estimate of a resample is the median of the means of its own pairs', () => {
  const sample = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(sample, fc.infiniteStream(fc.nat()), (values, numbers) => {
      const drawn = values.map(() => numbers.next().value! % values.length);
      const times = values.map((_, at) => drawn.filter((one) => one === at).length);
      const averages = new WalshAverages(values);
      expect(averages.locate(times).estimate).toBe(medianOfPairs(drawn.map((at) => values[at])));
      expect(averages.locate().estimate).toBe(medianOfPairs(values));
    }),
    { numRuns: 200, seed: 1 },
  );
});

test('arms swapped: the interval is mirrored exactly; shifted and scaled, it goes along', () => {
  const { normal } = noise(2);
  const values = Array.from({ length: 20 }, normal);
  const { estimate, low, high } = interval(values, 499);
  const mirrored = interval(
    values.map((value) => -value),
    499,
  );
  expect([mirrored.estimate, mirrored.low, mirrored.high].map((value) => -value || 0)).toEqual([estimate, high, low]);
  const moved = interval(
    values.map((value) => 8 * value + 1),
    499,
  );
  expect(moved.estimate).toBeCloseTo(8 * estimate + 1, 9);
  expect(moved.low).toBeCloseTo(8 * low + 1, 9);
  expect(moved.high).toBeCloseTo(8 * high + 1, 9);
});

test('the same sample gives the same interval; equal values have no width, nearly equal ones a finite one', () => {
  const { normal } = noise(3);
  const values = Array.from({ length: 10 }, normal);
  expect(interval(values)).toEqual(interval(values));
  expect(interval([3, 3, 3, 3, 3, 3])).toMatchObject({ estimate: 3, low: 3, high: 3 });
  // 9 of 100 resamples are all zeros: a t of more than anything. The signed-rank interval takes over.
  expect(interval([0, 0, 0, 0, 1, 2])).toMatchObject({ estimate: 0.5, low: 0, high: 2 });
  const { low, high } = interval([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2]);
  expect(low).toBeLessThanOrEqual(0);
  expect(high).toBeGreaterThanOrEqual(0.5);
  expect(high).toBeLessThan(2);
});

test.each([
  ['normal', 10, 0, 0.94],
  ['normal', 20, 0, 0.94],
  ['heavy', 10, 0, 0.93],
  ['heavy', 20, 0, 0.93],
  ['skewed', 10, SKEWED_MIDDLE, 0.92],
  ['skewed', 20, SKEWED_MIDDLE, 0.92],
] as const)(
  'of 600 intervals with %s noise in %i blocks, most hold the truth, and not all',
  (kind, blocks, truth, most) => {
    const draw = noise(4)[kind];
    const hits = Array.from({ length: 600 }, () => {
      const { low, high } = interval(Array.from({ length: blocks }, draw), 199);
      return Number(low <= truth && truth <= high);
    });
    expect(mean(hits)).toBeGreaterThanOrEqual(most);
    expect(mean(hits)).toBeLessThan(0.99);
  },
);

test('with many blocks the interval is as wide as the normal distribution has it', () => {
  const { normal } = noise(5);
  const { low, high, standardError } = interval(Array.from({ length: 400 }, normal));
  // Of normal noise, the estimate's efficiency is 3/π.
  expect(standardError).toBeGreaterThan(0.85 * Math.sqrt(Math.PI / 3 / 400));
  expect(standardError).toBeLessThan(1.15 * Math.sqrt(Math.PI / 3 / 400));
  expect((high - low) / standardError).toBeCloseTo(2 * 1.959964, 4);
});

test('the normal distribution as published', () => {
  expect(above(0)).toBe(0.5);
  expect(above(1)).toBeCloseTo(0.15865525393145707, 14);
  expect(above(-1.96)).toBeCloseTo(0.9750021048517795, 14);
  expect(above(5) / 2.866515718791939e-7).toBeCloseTo(1, 10);
  expect(above(9) / 1.1285884059538408e-19).toBeCloseTo(1, 10);
  expect(exceededBy(0.025)).toBeCloseTo(1.959963984540054, 10);
  expect(exceededBy(0.2)).toBeCloseTo(0.8416212335729143, 10);
  expect(exceededBy(0.8)).toBeCloseTo(-0.8416212335729143, 10);
});
