/** What is drawn: the same from the same seed, within its range, as often as promised. */
import fc from 'fast-check';
import { arrivals, type OpenLoad } from '../../../src/benchmark/load/arrivals.ts';
import { Parameters, type Value } from '../../../src/benchmark/workload/parameters.ts';
import { randomFrom } from '../../../src/benchmark/workload/random.ts';
import type { Generator, Statement } from '../../../src/benchmark/workload/schema.ts';
import { zipf } from '../../../src/benchmark/workload/zipf.ts';

const statement = (name: string, weight: number, ...parameters: Generator[]): Statement => ({
  name,
  weight,
  steps: [{ sql: `select '${name}'`, parameters }],
});
const one = (generator: Generator, found = {}) => new Parameters([statement('s', 1, generator)], found);
const draw = (from: () => { values: readonly (readonly Value[])[] }, count: number): Value[] =>
  Array.from({ length: count }, () => from().values[0][0]);

const seed = fc.nat(2 ** 31 - 1);
const whole = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
const range = fc.tuple(whole, whole).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

test('the same seed draws the same statements and values, another seed others', () => {
  const all = new Parameters(
    [
      statement('a', 3, { kind: 'uniform', from: 1, to: 1e9 }, { kind: 'zipf', from: 1, to: 1e6, exponent: 1 }),
      statement('b', 1, { kind: 'text', length: 9 }, { kind: 'choice', of: ['x', 2, true] }),
      statement('c', 0.5, { kind: 'query', sql: 'q' }),
    ],
    { q: ['1', null, '3'] },
  );
  fc.assert(
    fc.property(seed, (at) => {
      const fifty = (from: number) => Array.from({ length: 50 }, all.from(from));
      expect(fifty(at)).toEqual(fifty(at));
      expect(fifty(at)).not.toEqual(fifty(at + 1));
    }),
    { numRuns: 30 },
  );
});

test('numbers stay within their range and reach both of its ends', () => {
  fc.assert(
    fc.property(seed, range, fc.constantFrom('uniform', 'zipf'), (at, { from, to }, kind) => {
      const generator =
        kind === 'zipf' ? { kind: 'zipf' as const, from, to, exponent: 1.2 } : { kind: 'uniform' as const, from, to };
      for (const value of draw(one(generator).from(at), 20)) {
        expect(Number.isSafeInteger(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(from);
        expect(value).toBeLessThanOrEqual(to);
      }
    }),
  );
  for (const kind of ['uniform', 'zipf'] as const)
    expect([...new Set(draw(one({ kind, from: -1, to: 1, exponent: 1 } as Generator).from(1), 500))].sort()).toEqual([
      -1, 0, 1,
    ]);
});

test('a text has its length, and only letters that need no quoting', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 1, max: 300 }), (at, length) => {
      for (const value of draw(one({ kind: 'text', length }).from(at), 3)) {
        expect(value).toMatch(/^[\w-]+$/);
        expect(value).toHaveLength(length);
      }
    }),
  );
});

test('choices and found values are what comes out, all of them', () => {
  const of = ['a', 7, false];
  expect(new Set(draw(one({ kind: 'choice', of }).from(1), 200))).toEqual(new Set(of));
  const found = { 'select x': ['1', '2', null] };
  expect(new Set(draw(one({ kind: 'query', sql: 'select x' }, found).from(1), 200))).toEqual(new Set(['1', '2', null]));
});

test('a sequence goes on over segments, and each parameter has its own', () => {
  const two: Generator[] = [
    { kind: 'sequence', from: 1, step: 1 },
    { kind: 'sequence', from: 10, step: -2 },
  ];
  const all = new Parameters([statement('s', 1, ...two)], {});
  const values = [all.from(1), all.from(1)].flatMap((next) => [next().values[0], next().values[0]]);
  expect(values).toEqual([
    [1, 10],
    [2, 8],
    [3, 6],
    [4, 4],
  ]);
});

test('statements come as often as their weights say', () => {
  const all = new Parameters([statement('a', 6), statement('b', 3), statement('c', 1)], {});
  const next = all.from(5);
  const counts = [0, 0, 0];
  for (let i = 0; i < 20_000; i++) counts[next().statement]++;
  // The seed is fixed: this is no game of chance. Twenty standard deviations of a fair draw are 0.07.
  for (const [i, share] of [0.6, 0.3, 0.1].entries()) expect(counts[i] / 20_000).toBeCloseTo(share, 1.5);
});

test.each([0.3, 0.999999, 1, 1.5, 3])('zipf with exponent %d: each rank as often as r^-exponent', (exponent) => {
  const ranks = 30;
  const draws = 60_000;
  const random = randomFrom(11);
  const next = zipf(ranks, exponent);
  const counts = new Array<number>(ranks).fill(0);
  for (let i = 0; i < draws; i++) counts[next(random) - 1]++;
  const weights = counts.map((_, i) => (i + 1) ** -exponent);
  const sum = weights.reduce((a, b) => a + b);
  const chiSquared = counts.reduce((total, count, i) => {
    const expected = (draws * weights[i]) / sum;
    return total + (count - expected) ** 2 / expected;
  }, 0);
  // 29 degrees of freedom: above 70 once in 30,000 honest seeds, and this seed is fixed. A rank too many or too few is far above.
  expect(chiSquared).toBeLessThan(70);
});

test('zipf over more ranks than any table could have takes no longer', () => {
  const random = randomFrom(3);
  const next = zipf(2 ** 52, 1);
  const drawn = Array.from({ length: 10_000 }, () => next(random));
  // log(2^52) is 36: rank 1 has one in 36.6.
  expect(drawn.filter((rank) => rank === 1).length).toBeGreaterThan(200);
  expect(Math.max(...drawn)).toBeGreaterThan(2 ** 40);
});

test('what cannot be drawn is named', () => {
  expect(() => one({ kind: 'uniform', from: 2, to: 1 })).toThrow('statement s, $1: from 2 is above to 1');
  expect(() => one({ kind: 'query', sql: 'select 1 where false' }, { 'select 1 where false': [] })).toThrow(
    'statement s, $1: its query finds no value: select 1 where false',
  );
});

const open = (kind: 'poisson' | 'uniform', rate: number): OpenLoad => ({ kind: 'open', rate, arrivals: kind });

test('arrivals are in order, within the segment, at the rate, and the same from the same seed', () => {
  fc.assert(
    fc.property(seed, fc.constantFrom('poisson' as const, 'uniform' as const), (at, kind) => {
      const due = [...arrivals(open(kind, 100), at, { seconds: 10 })];
      expect(due).toEqual([...arrivals(open(kind, 100), at, { seconds: 10 })]);
      expect(due).toEqual([...due].sort((a, b) => a - b));
      expect(due[0]).toBeGreaterThanOrEqual(0);
      expect(due.at(-1)).toBeLessThan(10_000);
      // Of 1000 Poisson arrivals the standard deviation is 32; uniform ones are exact.
      if (kind === 'uniform') expect(due).toHaveLength(1000);
      else expect(Math.abs(due.length - 1000)).toBeLessThan(300);
    }),
    { numRuns: 30 },
  );
  expect([...arrivals(open('poisson', 100), 1, { count: 77 })]).toHaveLength(77);
});

test('Poisson gaps are exponential: as far apart as their mean, on average and in spread', () => {
  const due = [...arrivals(open('poisson', 1000), 4, { count: 20_000 })];
  const gaps = due.map((at, i) => at - (due[i - 1] ?? 0));
  const mean = gaps.reduce((a, b) => a + b) / gaps.length;
  const spread = Math.sqrt(gaps.reduce((a, gap) => a + (gap - mean) ** 2, 0) / gaps.length);
  expect(mean).toBeCloseTo(1, 1);
  expect(spread).toBeCloseTo(1, 1);
});
