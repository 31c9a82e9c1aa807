/** Many runs from a seed: how often a change is called where there is none, and missed where there is one. */
import { calibrate, cut } from '../../../src/benchmark/compare/aa.ts';
import type { Options } from '../../../src/benchmark/compare/measure.ts';
import { comparePaired } from '../../../src/benchmark/compare/paired.ts';
import { compareSequential, DRIFT_UNKNOWN } from '../../../src/benchmark/compare/sequential.ts';
import { verdict } from '../../../src/benchmark/compare/verdict.ts';
import { ARMS, interleaved, noise, segmentOf, type Shape } from './support.ts';

const OPTIONS: Options = { primary: 'p50', margin: 0.03, load: { kind: 'closed' } };

/** As measured on a small virtual machine: a segment varies by 3 %, and the machine wanders by 2 % from each to the next. */
const MACHINE: Shape = { blocks: 20, ratio: 1, segmentNoise: 0.03, wander: 0.02, answers: 20 };

const aa = Array.from({ length: 40 }, (_, run) => interleaved(100 + run, MACHINE));

test('of 40 comparisons of equal arms at most 3 see a change, by turns; one after the other far more', () => {
  const { paired, anyFigure, sequential, sequentialWithDrift, drift, spread, smallest } = calibrate(aa, ARMS, OPTIONS);
  expect(paired).toMatchObject({ of: 40 });
  expect(anyFigure.alarms).toBeLessThanOrEqual(3);
  expect(paired.alarms).toBeLessThanOrEqual(anyFigure.alarms);
  expect(paired.high).toBeGreaterThan(paired.alarms / 40);
  expect(paired.low).toBeLessThanOrEqual(paired.alarms / 40);
  expect(sequential.alarms).toBeGreaterThan(20);
  expect(sequentialWithDrift.alarms).toBeLessThanOrEqual(4);
  // 80 steps of 2 % each: the halves of the walk lie 2 % · √(80 / 3) apart.
  expect(drift).toBeGreaterThan(0.07);
  expect(drift).toBeLessThan(0.15);
  // Of four medians of 20 answers each, the segments' own noise, and a little of the walk.
  expect(spread).toBeGreaterThan(0.03);
  expect(spread).toBeLessThan(0.08);
  const sizes = smallest.map(({ change }) => change!);
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  expect(smallest.map(({ blocks }) => blocks)).toEqual([10, 20, 40, 80]);
});

test.each([1.1, 1 / 1.1])(
  'a true ratio of %d: of 16 runs at least 15 tell it, and the interval holds it in 14',
  (ratio) => {
    const found = Array.from({ length: 16 }, (_, run) =>
      comparePaired(interleaved(1000 + run, { ...MACHINE, ratio }), ARMS, OPTIONS),
    );
    const right = found.filter((one) => verdict(one).finding === (ratio > 1 ? 'slower' : 'faster'));
    expect(right.length).toBeGreaterThanOrEqual(15);
    const held = found.filter(({ changes }) => {
      const { low, high } = changes.find(({ figure }) => figure === 'p50')!;
      return low! <= ratio && ratio <= high!;
    });
    expect(held.length).toBeGreaterThanOrEqual(14);
  },
);

test('too few to know the drift: it is not known', () => {
  expect(
    calibrate(
      aa.slice(0, 7).map((run) => cut(run, 6)[0]),
      ARMS,
      OPTIONS,
    ).drift,
  ).toBeNull();
  expect(calibrate([], ARMS, OPTIONS)).toMatchObject({
    drift: null,
    spread: null,
    paired: { alarms: 0, of: 0, low: 0, high: 1 },
  });
});

test('one long run is cut into runs of so many blocks, each whole', () => {
  const long = aa[0];
  const pieces = cut(long, 6);
  expect(pieces.map((piece) => new Set(piece.map(({ block }) => block)).size)).toEqual([6, 6, 6]);
  expect(pieces.flat()).toEqual(long.slice(0, 72));
});

const plain = (name: string, seed: number, level: number) => {
  const { normal } = noise(seed);
  const latencies = (): number[] => Array.from({ length: 20 }, () => level * Math.exp(0.2 * normal()));
  return {
    name,
    segments: Array.from({ length: 20 }, (_, block) => segmentOf({ block, position: 0, arm: name }, latencies())),
  };
};

test('one after the other: drift makes the doubt wider, never narrower; unknown, it is taken as large', () => {
  const [first, second] = [plain('monday', 1, 2000), plain('tuesday', 2, 2300)];
  const widths = [0, 0.02, 0.1, null, 0.3].map((drift) => {
    const { changes } = compareSequential(first, second, { ...OPTIONS, drift });
    const { low, high, p, finding, ratio } = changes.find(({ figure }) => figure === 'p50')!;
    return { width: Math.log(high! / low!), p: p!, finding, ratio };
  });
  expect(widths.map(({ width }) => width)).toEqual(widths.map(({ width }) => width).sort((a, b) => a - b));
  expect(widths.map(({ p }) => p)).toEqual(widths.map(({ p }) => p).sort((a, b) => a - b));
  expect(new Set(widths.map(({ ratio }) => ratio)).size).toBe(1);
  expect(widths.map(({ finding }) => finding)).toEqual(['slower', 'slower', 'unknown', 'unknown', 'unknown']);
  // Six of each, all apart: the ranks alone can't say more than 2 in 924, however far apart.
  const six = (run: typeof first) => ({ ...run, segments: run.segments.slice(0, 6) });
  const p50 = (drift: number) =>
    compareSequential(six(first), six(plain('tuesday', 2, 8000)), { ...OPTIONS, drift }).changes[1].p!;
  expect(p50(0)).toBeCloseTo(2 / 924, 9);
  expect(p50(1)).toBeGreaterThan(0.05);
  expect(widths[3].width).toBeGreaterThan(2 * 1.96 * DRIFT_UNKNOWN);
});

test('one after the other: swapped, the ratio is its reciprocal and p the same; a large change is told, with its label', () => {
  const [first, second] = [plain('monday', 3, 2000), plain('tuesday', 4, 6000)];
  const forth = compareSequential(first, second, OPTIONS);
  const back = compareSequential(second, first, OPTIONS);
  forth.changes.forEach((change, at) => {
    if (change.ratio === null) return;
    expect(change.ratio * back.changes[at].ratio!).toBeCloseTo(1, 9);
    expect(change.p! / back.changes[at].p!).toBeCloseTo(1, 6);
  });
  expect(verdict(forth)).toMatchObject({ finding: 'slower', needs: null });
  expect(verdict(forth).sentence).toMatch(
    /^tuesday is [\d.]+ times as slow \([\d.]+ … [\d.]+\), p50 of two runs one after the other\.$/,
  );
  expect(verdict(forth).notes[0]).toMatch(/^One run after the other/);
  const few = { ...first, segments: first.segments.slice(0, 5) };
  expect(verdict(compareSequential(few, second, OPTIONS)).finding).toBe('unknown');
});

test('one after the other: what failed on one side only is not passed over', () => {
  const [first, second] = [plain('monday', 5, 2000), plain('tuesday', 6, 500)];
  const failing = second.segments.map((segment) => ({ ...segment, due: segment.due + 5 }));
  expect(verdict(compareSequential(first, { ...second, segments: failing }, OPTIONS)).sentence).toMatch(
    /failed or was not sent/,
  );
});
