import type { Change, Comparison } from '../../../src/contract/benchmarks.ts';
import { changeInWords, percent, rangeInWords } from '../../../src/benchmark/compare/percent.ts';
import { verdict } from '../../../src/benchmark/compare/verdict.ts';

const CHANGE: Change = {
  figure: 'p50',
  first: 2000,
  second: 1764,
  ratio: 0.882,
  low: 0.854,
  high: 0.911,
  p: 0.001,
  adjustedP: 0.004,
  spread: 0.05,
  blocks: 20,
  leftOut: 0,
  finding: 'faster',
};

const saying = (change: Partial<Change>, more: Partial<Comparison> = {}): Comparison => ({
  design: 'paired',
  first: 'before',
  second: 'after',
  primary: change.figure ?? 'p50',
  margin: 0.03,
  changes: [{ ...CHANGE, ...change }],
  failures: { first: 0, second: 0, p: 1 },
  family: 4,
  ...more,
});

const said = (change: Partial<Change>, more: Partial<Comparison> = {}) => verdict(saying(change, more)).sentence;

test('a verdict is one sentence', () => {
  expect(said({})).toBe('after is 11.8 % faster (8.9 … 14.6 %), p50 of 20 paired blocks.');
  expect(said({ ratio: 1.1, low: 1.07, high: 1.125, finding: 'slower' })).toBe(
    'after is 10 % slower (7 … 12.5 %), p50 of 20 paired blocks.',
  );
  expect(said({ ratio: 1.001, low: 0.992, high: 1.011, finding: 'same' })).toBe(
    'No change larger than 3 %: between 0.8 % faster and 1.1 % slower, p50 of 20 paired blocks.',
  );
  expect(said({ ratio: 1.03, low: 0.98, high: 1.09, finding: 'unknown' })).toBe(
    "Can't tell: between 2 % faster and 9 % slower, p50 of 20 paired blocks; about 260 are needed.",
  );
  expect(said({ figure: 'throughput', ratio: 1.1, low: 1.07, high: 1.125 })).toBe(
    'after has 10 % more throughput (7 … 12.5 %), throughput of 20 paired blocks.',
  );
  expect(said({ blocks: 4, ratio: null, low: null, high: null, finding: 'unknown' })).toBe(
    "Can't tell: p50 of 4 paired blocks; at least 8 are needed.",
  );
  expect(said({ ratio: 1.03, low: 0.7, high: 1.5, finding: 'unknown' }, { design: 'sequential' })).toBe(
    "Can't tell: between 30 % faster and 50 % slower, p50 of two runs one after the other; more of the same does not help, taking turns does.",
  );
});

test('what is needed is said as a number as well, where more blocks help', () => {
  const unknown = { ratio: 1.03, low: 0.98, high: 1.09, finding: 'unknown' } as const;
  expect(verdict(saying(unknown)).needs).toBe(260);
  expect(verdict(saying(unknown, { design: 'sequential' })).needs).toBeNull();
  expect(verdict(saying({})).needs).toBeNull();
  // Only the other figures stand against it: as many as make it stand out among four.
  expect(verdict(saying({ ratio: 1.05, low: 1.001, high: 1.1, finding: 'unknown' })).needs).toBe(33);
});

test('a per cent is one of the first arm, and swapping the arms swaps the words', () => {
  expect(changeInWords('mean', 0.9, 0.88, 0.92)).toBe('10 % faster (8 … 12 %)');
  expect(changeInWords('mean', 1.1, 1.08, 1.12)).toBe('10 % slower (8 … 12 %)');
  expect(changeInWords('throughput', 0.9, 0.88, 0.92)).toBe('10 % less throughput (8 … 12 %)');
  // From twice on per cents mislead: 99.2 % faster and 99.6 % faster are 125 and 250 times.
  expect(changeInWords('mean', 1 / 120, 1 / 126, 1 / 115)).toBe('120 times as fast (115 … 126)');
  expect(changeInWords('mean', 120, 115, 126)).toBe('120 times as slow (115 … 126)');
  expect(changeInWords('throughput', 2.5, 2.4, 2.6)).toBe('2.5 times the throughput (2.4 … 2.6)');
  expect(changeInWords('throughput', 1 / 2.5, 1 / 2.6, 1 / 2.4)).toBe('2.5 times less throughput (2.4 … 2.6)');
  expect(rangeInWords('mean', 0.4, 1)).toBe('between 2.5 times as fast and equal');
  expect([percent(0.03), percent(0.0004), percent(1.234), percent(-0.02)]).toEqual(['3 %', '0 %', '123 %', '−2 %']);
});

test('beside it: what other figures say against it, and failures that are too few to forbid it', () => {
  const p99: Change = { ...CHANGE, figure: 'p99', ratio: 1.4, low: 1.2, high: 1.66, finding: 'slower' };
  const alike: Change = { ...CHANGE, figure: 'p95' };
  const failures = { first: 0.001, second: 0.006, p: 0.01 };
  const { sentence, notes } = verdict(saying({}, { changes: [CHANGE, alike, p99], failures }));
  expect(sentence).toMatch(/^after is 11.8 % faster/);
  expect(notes).toEqual([
    'after is 40 % slower (20 … 66 %) in p99.',
    'Failed or not sent in time: 0.1 % of before, 0.6 % of after.',
  ]);
  expect(verdict(saying({}, { changes: [CHANGE, alike] })).notes).toEqual([]);
  expect(verdict(saying({}, { failures: { first: 0, second: 0.3, p: 0.2 } })).finding).toBe('faster');
  expect(verdict(saying({}, { failures: { first: 0.3, second: 0, p: 0.001 } })).finding).toBe('unknown');
});
