import fc from 'fast-check';
import { figuresOf, figuresOfRecords } from '../../../src/benchmark/compare/figures.ts';
import { noise, recordOf, segmentOf } from './support.ts';

const PLACE = { block: 0, position: 0, arm: 'before' };
const latency = fc.double({ min: 1, max: 3_000_000, noNaN: true });

/** A bucket of three significant digits is no wider than this part of its value, or 1 µs. */
const within = (value: number): number => Math.max(1, value / 1000) + 1e-6;

test('percentiles of several statements and segments are those of all their latencies, as exact as the buckets', () => {
  fc.assert(
    fc.property(fc.array(fc.array(latency, { maxLength: 150 }), { minLength: 1, maxLength: 4 }), (parts) => {
      const all = parts.flat().sort((a, b) => a - b);
      const figures = figuresOf(parts.map((part, position) => segmentOf({ ...PLACE, position }, part)));
      expect(figures.count).toBe(all.length);
      for (const [name, share] of Object.entries({ p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 })) {
        const found = figures[name as 'p50'];
        // As many must lie above as the percentile says: none of 99 is the 99th.
        if (all.length < Math.round(1 / (1 - share))) expect(found).toBeNull();
        else {
          const value = all[Math.ceil(share * all.length - 1e-9) - 1];
          expect(Math.abs(found! - value)).toBeLessThanOrEqual(within(value));
        }
      }
      if (all.length === 0)
        expect(figures).toMatchObject({ mean: null, max: null, throughput: null, errorRatio: null });
      else {
        expect(figures.mean! / (all.reduce((sum, one) => sum + one, 0) / all.length)).toBeCloseTo(1, 12);
        expect(Math.abs(figures.max! - all.at(-1)!)).toBeLessThanOrEqual(within(all.at(-1)!));
      }
    }),
    { numRuns: 60, seed: 1 },
  );
});

test('a histogram of short latencies takes in one of long ones, and the other way round', () => {
  const [short, long] = [recordOf([100, 100, 100]), recordOf([3_000_000])];
  for (const records of [
    [short, long],
    [long, short],
  ]) {
    const { max, p50 } = figuresOfRecords(records, 1);
    expect(Math.abs(max! - 3_000_000)).toBeLessThanOrEqual(3000);
    expect(Math.abs(p50! - 100)).toBeLessThanOrEqual(1);
  }
});

test('half a per cent is seen although a bucket is 1 % wide', () => {
  const { fraction } = noise(2);
  const around = Array.from({ length: 20_000 }, () => 90 + 20 * fraction());
  const p50 = (factor: number): number => figuresOfRecords([recordOf(around.map((one) => one * factor))], 1).p50!;
  expect(p50(1.005) / p50(1)).toBeGreaterThan(1.003);
  expect(p50(1.005) / p50(1)).toBeLessThan(1.007);
});

test('throughput counts answers; what was not sent has failed, and is no error', () => {
  const segment = { ...segmentOf(PLACE, [1000, 1000, 1000], { errors: 1, unsent: 4 }), seconds: 2 };
  expect(figuresOf([segment])).toMatchObject({ throughput: 1.5, errorRatio: 0.25, failedRatio: 5 / 8 });
  expect(figuresOf([segmentOf(PLACE, [], { errors: 2 })])).toMatchObject({ mean: null, p50: null, errorRatio: 1 });
});
