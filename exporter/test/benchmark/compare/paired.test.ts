/** From recorded segments to findings: what must not matter does not, what is there is found. */
import type { Comparison, Figure } from '../../../src/contract/benchmarks.ts';
import { comparison as schema } from '../../../src/contract/benchmarks.ts';
import { judge } from '../../../src/benchmark/compare/judge.ts';
import type { Options } from '../../../src/benchmark/compare/measure.ts';
import { comparePaired } from '../../../src/benchmark/compare/paired.ts';
import { verdict } from '../../../src/benchmark/compare/verdict.ts';
import type { Segment } from '../../../src/benchmark/recording.ts';
import { ARMS, interleaved, noise, recordOf, segmentOf } from './support.ts';

const OPTIONS: Options = { primary: 'p50', margin: 0.03, load: { kind: 'closed' } };

const of = (comparison: Comparison, figure: Figure) => comparison.changes.find((change) => change.figure === figure)!;

/** All latencies of a segment times so much. */
const slower = (seed: number, factor: number): Segment[] =>
  interleaved(seed, { blocks: 20, ratio: factor, wander: 0.03, answers: 40 });

test('arms swapped: the ratio is its reciprocal, p is the same, faster is slower', () => {
  const segments = slower(1, 1.1);
  const forth = comparePaired(segments, ARMS, OPTIONS);
  const back = comparePaired(segments, ['after', 'before'], OPTIONS);
  expect(schema.parse(forth)).toEqual(forth);
  for (const { figure } of forth.changes) {
    const [a, b] = [of(forth, figure), of(back, figure)];
    if (a.ratio === null) continue;
    expect(a.ratio * b.ratio!).toBeCloseTo(1, 12);
    expect(a.low! * b.high!).toBeCloseTo(1, 12);
    expect([b.p, b.adjustedP]).toEqual([a.p, a.adjustedP]);
    expect(b.finding).toBe(a.finding === 'slower' ? 'faster' : a.finding === 'faster' ? 'slower' : a.finding);
  }
  expect(of(forth, 'p50').finding).toBe('slower');
  expect(of(back, 'p50').finding).toBe('faster');
});

test('ten times as slow a machine: the same ratios and the same p', () => {
  const { normal } = noise(2);
  const draw = Array.from({ length: 40 }, () => Array.from({ length: 20 }, () => 5000 * Math.exp(0.2 * normal())));
  const on = (machine: number): Segment[] =>
    draw.map((latencies, at) => {
      const arm = ARMS[[0, 1, 1, 0][at % 4]];
      return segmentOf(
        { block: at >> 2, position: at % 4, arm },
        latencies.map((one) => one * machine),
      );
    });
  const [here, there] = [1, 10].map((machine) => comparePaired(on(machine), ARMS, OPTIONS));
  for (const figure of ['mean', 'p50', 'throughput'] as const) {
    expect(of(there, figure).ratio! / of(here, figure).ratio!).toBeCloseTo(1, 2);
    expect(of(there, figure).p! / of(here, figure).p!).toBeCloseTo(1, 1);
  }
  // Sums are exact, only percentiles have buckets.
  expect(of(there, 'mean')).toMatchObject({ p: of(here, 'mean').p });
  expect(of(there, 'mean').low! / of(here, 'mean').low!).toBeCloseTo(1, 8);
});

test('a machine that slows down steadily slows neither arm; a plain AB would not see that', () => {
  const level = (at: number): number => 1000 * 1.05 ** at;
  const steady = (order: string): Segment[] =>
    Array.from({ length: 10 * order.length }, (_, at) => {
      const arm = ARMS[order[at % order.length] === 'A' ? 0 : 1];
      return segmentOf({ block: Math.floor(at / order.length), position: at % order.length, arm }, [
        ...Array.from({ length: 20 }, (_, one) => level(at) * (1 + one / 100)),
      ]);
    });
  expect(of(comparePaired(steady('ABBA'), ARMS, OPTIONS), 'mean').ratio).toBeCloseTo(1, 6);
  expect(of(comparePaired(steady('AB'), ARMS, OPTIONS), 'mean').ratio).toBeCloseTo(1.05, 6);
});

test('a block where an arm has no answer is left out and counted', () => {
  const segments = slower(3, 1.1).map((segment) =>
    segment.block < 2 && segment.position === 0 ? { ...segmentOf(segment, []), seconds: segment.seconds } : segment,
  );
  const found = comparePaired(segments, ARMS, OPTIONS);
  expect(of(found, 'p50')).toMatchObject({ blocks: 18, leftOut: 2, finding: 'slower' });
  expect(verdict(found).notes).toContain('Left out: 2 without p50 on both sides.');
  // 40 answers have no 99th percentile: it is not known, and takes nothing from the others.
  expect(of(found, 'p99')).toMatchObject({
    blocks: 0,
    leftOut: 20,
    ratio: null,
    p: null,
    adjustedP: null,
    finding: 'unknown',
  });
  expect(found.family).toBe(3);
});

test('throughput is left out where it is given, and is no hypothesis of its own where it is not', () => {
  const segments = slower(4, 1.1);
  const open = comparePaired(segments, ARMS, { ...OPTIONS, load: { kind: 'open' } });
  expect(open.changes.map(({ figure }) => figure)).toEqual(['mean', 'p50', 'p95', 'p99']);
  const closed = comparePaired(segments, ARMS, OPTIONS);
  expect(closed.family).toBe(open.family);
  expect(of(closed, 'mean').adjustedP).toBe(of(open, 'mean').adjustedP);
  expect(of(closed, 'throughput')).toMatchObject({ finding: 'slower' });
  expect(of(closed, 'throughput').ratio! * of(closed, 'mean').ratio!).toBeCloseTo(1, 9);
  expect(of(closed, 'throughput').adjustedP).toBeGreaterThanOrEqual(of(closed, 'mean').adjustedP!);
  // Where it is what is asked, the mean is the other side of it.
  const primary = comparePaired(segments, ARMS, { ...OPTIONS, primary: 'throughput' });
  expect(primary.family).toBe(3);
  expect(verdict(primary).finding).toBe('slower');
  expect(
    verdict(comparePaired(segments, ARMS, { ...OPTIONS, primary: 'throughput', load: { kind: 'open' } })).finding,
  ).toBe('unknown');
});

test('each figure pays for the others: alone in its family, p is not adjusted', () => {
  const few = interleaved(5, { blocks: 20, ratio: 1.02, answers: 15 });
  const found = comparePaired(few, ARMS, { ...OPTIONS, load: { kind: 'open' } });
  // 15 answers: mean and p50 only.
  expect(found.family).toBe(2);
  const [smaller, larger] = [of(found, 'mean'), of(found, 'p50')].sort((a, b) => a.p! - b.p!);
  expect(smaller.adjustedP).toBeCloseTo(Math.min(1, 2 * smaller.p!), 12);
  expect(larger.adjustedP).toBeCloseTo(Math.max(larger.p!, smaller.adjustedP!), 12);
});

test('five blocks say nothing, not even of a change that is plain to see', () => {
  const found = comparePaired(interleaved(6, { blocks: 5, ratio: 3, answers: 40 }), ARMS, OPTIONS);
  expect(of(found, 'p50')).toMatchObject({ ratio: null, p: null, finding: 'unknown', blocks: 5 });
  expect(of(found, 'p50').second! / of(found, 'p50').first!).toBeGreaterThan(2.5);
  expect(verdict(found).sentence).toBe("Can't tell: p50 of 5 paired blocks; at least 8 are needed.");
});

test('an arm that gives up early is not called faster', () => {
  const gaveUp = slower(7, 0.7).map((segment) =>
    segment.arm === 'after'
      ? {
          ...segment,
          due: segment.due + 10,
          sent: segment.sent + 10,
          statements: { only: { ...segment.statements.only, errors: { '57014': 10 } } },
        }
      : segment,
  );
  const found = comparePaired(gaveUp, ARMS, OPTIONS);
  expect(found.failures).toMatchObject({ first: 0, second: 0.2 });
  expect(verdict(found)).toMatchObject({
    finding: 'unknown',
    sentence: "Can't tell: 20 % of what after was asked failed or was not sent in time, of what before was asked 0 %.",
  });
  const unsent = slower(7, 0.7).map((segment) =>
    segment.arm === 'after' ? { ...segment, due: segment.due + 10 } : segment,
  );
  expect(verdict(comparePaired(unsent, ARMS, OPTIONS)).finding).toBe('unknown');
  // The same on both sides is the workload's.
  const both = slower(7, 0.7).map((segment) => ({ ...segment, due: segment.due + 10 }));
  expect(verdict(comparePaired(both, ARMS, OPTIONS)).finding).toBe('faster');
});

test('an arm that answers nothing at all is not passed over', () => {
  const dead = slower(8, 1).map((segment) =>
    segment.arm === 'after' ? { ...segment, statements: { only: recordOf([], 40) } } : segment,
  );
  expect(verdict(comparePaired(dead, ARMS, OPTIONS)).sentence).toMatch(
    /^Can't tell: 100 % of what after was asked failed/,
  );
});

test('with so small a margin nothing is too small, with a wider one the same difference is none', () => {
  const segments = interleaved(9, { blocks: 60, ratio: 1.03, segmentNoise: 0.01, answers: 60 });
  expect(verdict(comparePaired(segments, ARMS, { ...OPTIONS, margin: 0.001 })).finding).toBe('slower');
  const wide = comparePaired(segments, ARMS, { ...OPTIONS, margin: 0.1 });
  expect(of(wide, 'p50').adjustedP).toBeLessThan(0.01);
  expect(verdict(wide).finding).toBe('same');
});

test('a change is called one where both say so: neither a small p nor an interval beside 1 is enough', () => {
  const sides = { first: 2000, second: 2100, spread: 0.05, blocks: 20, leftOut: 0 };
  const found = (p: number, low: number) =>
    judge([{ figure: 'p50', ...sides, ratio: 1.05, low, high: 1.1, p }], 'p50', 0.03)[0][0];
  expect(found(0.01, 0.999).finding).toBe('unknown');
  expect(found(0.06, 1.01).finding).toBe('unknown');
  expect(found(0.05, 1.01).finding).toBe('slower');
});

test('blocks that differ by the same ratio at different speeds are ties, whatever logarithms do in their last digits', () => {
  const segments = Array.from({ length: 32 }, (_, at) => {
    const block = at >> 2;
    const arm = ARMS[[0, 1, 1, 0][at % 4]];
    const slow = (arm === 'after') !== (block === 3);
    return segmentOf({ block, position: at % 4, arm }, [(300 + 37 * block) * (slow ? 1.25 : 1)]);
  });
  // One of eight equal ranks against the others: 9 of the 256 choices of signs, twice.
  expect(of(comparePaired(segments, ARMS, OPTIONS), 'mean').p).toBeCloseTo(18 / 256, 12);
});
