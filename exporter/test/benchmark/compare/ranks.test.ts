/** Both rank tests beside what they stand for: every choice of signs, every split, counted one by one. */
import fc from 'fast-check';
import { rankSumP } from '../../../src/benchmark/compare/rank_sum.ts';
import { signedRankP } from '../../../src/benchmark/compare/signed_rank.ts';
import { choices, mean, noise } from './support.ts';

/** Few different values, so that many are equal and many are zero. */
const values = (least: number, most: number, reach: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -reach, max: reach }), { minLength: least, maxLength: most });

/** By counting who is below: nothing of the program's own. */
const rankOf = (value: number, among: readonly number[]): number =>
  among.filter((other) => other < value).length + (among.filter((other) => other === value).length + 1) / 2;

function signedByCounting(differences: readonly number[]): number {
  const sizes = differences.map(Math.abs);
  const ranks = differences
    .filter((difference) => difference !== 0)
    .map((difference) => rankOf(Math.abs(difference), sizes));
  const signs = differences.filter((difference) => difference !== 0).map((difference) => difference > 0);
  const off = (of: readonly boolean[]): number =>
    Math.abs(ranks.reduce((sum, rank, at) => sum + (of[at] ? rank : -rank), 0));
  const all = choices(ranks.length);
  return all.filter((one) => off(one) >= off(signs)).length / all.length;
}

function sumByCounting(a: readonly number[], b: readonly number[]): number {
  const both = [...a, ...b];
  const ranks = both.map((value) => rankOf(value, both));
  const off = (of: readonly boolean[]): number =>
    Math.abs(
      2 * both.length * ranks.reduce((sum, rank, at) => sum + (of[at] ? rank : 0), 0) -
        a.length * both.length * (both.length + 1),
    );
  const splits = choices(both.length).filter((one) => one.filter(Boolean).length === a.length);
  const here = off(both.map((_, at) => at < a.length));
  return splits.filter((one) => off(one) >= here).length / splits.length;
}

test('the signed-rank p is the share of all signs, with ties and zeros', () => {
  fc.assert(
    fc.property(fc.oneof(values(0, 12, 3), values(1, 12, 50)), (differences) => {
      expect(signedRankP(differences)).toBeCloseTo(signedByCounting(differences), 12);
    }),
    { numRuns: 150, seed: 1 },
  );
});

test('published: ten pairs with a rank sum of 8 have p 0.0488; of six alike, 1 in 32', () => {
  expect(signedRankP([-8, 1, 2, 3, 4, 5, 6, 7, 9, 10])).toBeCloseTo(0.048828125, 12);
  expect(signedRankP([1, 2, 3, 4, 5, 6])).toBe(2 / 64);
  // Zeros are ranked first and then left out: 4 … 6 of three and not 1 … 3.
  expect(signedRankP([0, 0, 0, 1, 2, -3])).toBe(signedByCounting([0, 0, 0, 1, 2, -3]));
  expect(signedRankP([0, 0, 0, 1, 2, -3])).toBe(1);
  expect(signedRankP([1, 2, -3])).toBe(1);
  expect(signedRankP([0, 0, 0, 0])).toBe(1);
});

test('signs turned round, or all scaled: the same p', () => {
  fc.assert(
    fc.property(values(1, 60, 9), (differences) => {
      const p = signedRankP(differences);
      expect(signedRankP(differences.map((value) => -value))).toBe(p);
      expect(signedRankP(differences.map((value) => 4 * value))).toBe(p);
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
    }),
    { numRuns: 100, seed: 2 },
  );
});

test('where counting ends and the normal distribution begins, both say the same, ties or none', () => {
  const { normal } = noise(3);
  for (const digits of [1, 100]) {
    const drawn = Array.from({ length: 200 }, () => Math.round((normal() + 0.12) * digits) / digits);
    const exact = signedRankP(drawn.slice(0, 200).map((value) => value || 0.001));
    const approximate = signedRankP([...drawn.map((value) => value || 0.001), 0.0005]);
    expect(Math.abs(Math.log(exact / approximate))).toBeLessThan(0.1);
  }
});

test('the rank-sum p is the share of all splits, with ties', () => {
  fc.assert(
    fc.property(fc.oneof(values(1, 6, 2), values(1, 6, 40)), values(1, 5, 3), (a, b) => {
      expect(rankSumP(a, b)).toBeCloseTo(sumByCounting(a, b), 12);
      expect(rankSumP(b, a)).toBeCloseTo(rankSumP(a, b), 12);
    }),
    { numRuns: 60, seed: 4 },
  );
  // Published: all of four above all of four, 2 of 70.
  expect(rankSumP([1, 2, 3, 4], [5, 6, 7, 8])).toBeCloseTo(2 / 70, 14);
});

test('the rank-sum p of large samples goes on where counting ends', () => {
  const { normal } = noise(5);
  for (const digits of [1, 100]) {
    const drawn = Array.from({ length: 61 }, (_, at) => Math.round((normal() + (at < 30 ? 0.6 : 0)) * digits) / digits);
    const [exact, approximate] = [60, 61].map((size) => rankSumP(drawn.slice(0, 30), drawn.slice(30, size)));
    expect(Math.abs(Math.log(exact / approximate))).toBeLessThan(0.6);
  }
});

test('of samples that do not differ, as many are below 0.05 as 0.05 says', () => {
  const { normal } = noise(6);
  const sample = (size: number): number[] => Array.from({ length: size }, normal);
  const shares = [
    mean(Array.from({ length: 1000 }, () => Number(signedRankP(sample(20)) <= 0.05))),
    mean(Array.from({ length: 150 }, () => Number(rankSumP(sample(20), sample(20)) <= 0.05))),
    mean(Array.from({ length: 2000 }, () => Number(rankSumP(sample(40), sample(40)) <= 0.05))),
    mean(Array.from({ length: 1000 }, () => Number(signedRankP(sample(201)) <= 0.05))),
  ];
  for (const share of shares) {
    expect(share).toBeGreaterThan(0.025);
    expect(share).toBeLessThan(0.07);
  }
});
