import fc from 'fast-check';
import { interval } from '../../../src/benchmark/compare/bootstrap.ts';
import { holm } from '../../../src/benchmark/compare/holm.ts';
import { blocksToDecide, blocksToTell, fewestBlocks, smallestChange } from '../../../src/benchmark/compare/plan.ts';
import { signedRankP } from '../../../src/benchmark/compare/signed_rank.ts';
import { choices, mean, noise } from './support.ts';

test('Holm is what it abbreviates: Bonferroni on every set of figures that has this one in it', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }), (ps) => {
      const sets = choices(ps.length).map((of) => ps.map((_, at) => at).filter((at) => of[at]));
      const bonferroni = (set: readonly number[]): number =>
        Math.min(1, set.length * Math.min(...set.map((at) => ps[at])));
      holm(ps).forEach((adjusted, at) => {
        expect(adjusted).toBeCloseTo(Math.max(...sets.filter((set) => set.includes(at)).map(bonferroni)), 14);
      });
    }),
    { numRuns: 200, seed: 1 },
  );
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([])).toEqual([]);
});

test.each([0.05, 0.2])('a plan for a spread of %d holds: of 600 trials about 80 % tell the change', (spread) => {
  const { normal } = noise(2);
  for (const change of [0.03, 0.1]) {
    const blocks = blocksToTell(spread, change);
    // That is 20 to 400 blocks: only of those that are counted out exactly is it quick.
    if (blocks > 200) continue;
    const told = Array.from({ length: 600 }, () => {
      const logs = Array.from(
        { length: blocks },
        () => Math.log1p(change) + spread * Math.sqrt(3 / Math.PI) * normal(),
      );
      return Number(signedRankP(logs) <= 0.05 / 4);
    });
    expect(mean(told)).toBeGreaterThan(0.75);
    expect(mean(told)).toBeLessThan(0.92);
  }
});

test('the smallest change that so many blocks tell needs so many blocks', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 0.5, noNaN: true }), fc.integer({ min: 9, max: 500 }), (spread, blocks) => {
      const change = smallestChange(spread, blocks)!;
      expect(Math.abs(blocksToTell(spread, change) - blocks)).toBeLessThanOrEqual(1);
      expect(blocksToTell(spread, change * 1.3)).toBeLessThanOrEqual(blocksToTell(spread, change));
    }),
    { numRuns: 100, seed: 3 },
  );
});

test('fewer blocks than can tell anything tell nothing', () => {
  // All of n on one side: 2 of 2^n, times the four figures.
  expect(fewestBlocks(4)).toBe(8);
  expect(4 * signedRankP([1, 2, 3, 4, 5, 6, 7])).toBeGreaterThan(0.05);
  expect(4 * signedRankP([1, 2, 3, 4, 5, 6, 7, 8])).toBeLessThanOrEqual(0.05);
  expect(fewestBlocks(1)).toBe(6);
  expect(smallestChange(0.01, 7)).toBeNull();
  expect(smallestChange(0.01, 8)).not.toBeNull();
  expect(blocksToTell(0.001, 0.5)).toBe(8);
});

test('who is undecided always needs more, and with so many is decided', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 6, max: 300 }),
      fc.double({ min: -0.2, max: 0, noNaN: true }),
      fc.double({ min: 0.03, max: 0.3, noNaN: true }),
      (blocks, low, high) => {
        expect(blocksToDecide(blocks, Math.exp(low), Math.exp(high), 0.03, 4)).toBeGreaterThan(blocks);
      },
    ),
    { numRuns: 100, seed: 4 },
  );
  const { normal } = noise(5);
  const sample = (size: number, truth: number) =>
    interval(
      Array.from({ length: size }, () => truth + 0.05 * normal()),
      199,
    );
  const decided = (part: number): number =>
    mean(
      Array.from({ length: 60 }, (_, trial) => {
        const pilot = sample(30, 0);
        const needed = blocksToDecide(30, Math.exp(pilot.low), Math.exp(pilot.high), 0.05, 1);
        const { low, high } = sample(Math.round(needed * part), (trial / 60) * 0.08);
        return Number(low > 0 || (low > -Math.log1p(0.05) && high < Math.log1p(0.05)));
      }),
    );
  expect(decided(1)).toBeGreaterThan(0.9);
  expect(decided(0.25)).toBeLessThan(0.7);
});
