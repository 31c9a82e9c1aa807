import { turnsOf } from '../../../src/benchmark/run/order.ts';
import { Pace } from '../../../src/benchmark/run/progress.ts';

const lettersOf = (seed: number, blocks: number): string[] =>
  [...Map.groupBy(turnsOf(['a', 'b'], blocks, seed), ({ block }) => block).values()].map((turns) =>
    turns.map(({ arm }) => arm).join(''),
  );

test('blocks are ABBA or BAAB, half of them each, by the seed', () => {
  const letters = lettersOf(1, 1000);
  expect(new Set(letters)).toEqual(new Set(['abba', 'baab']));
  const first = letters.filter((one) => one === 'abba').length;
  expect(first).toBeGreaterThan(420);
  expect(first).toBeLessThan(580);
  expect(lettersOf(1, 1000)).toEqual(letters);
  expect(lettersOf(2, 1000)).not.toEqual(letters);
});

test('both arms of a block are asked the same, other blocks something else', () => {
  const turns = turnsOf(['a', 'b'], 50, 7);
  const seeds = (arm: string, block: number): number[] =>
    turns.filter((turn) => turn.arm === arm && turn.block === block).map(({ seed }) => seed);
  for (let block = 0; block < 50; block++) expect(seeds('a', block)).toEqual(seeds('b', block));
  expect(new Set(turns.map(({ seed }) => seed)).size).toBe(100);
});

test('a plain run has a segment a block', () => {
  expect(turnsOf(['run'], 3, 1).map(({ block, position, arm }) => [block, position, arm])).toEqual([
    [0, 0, 'run'],
    [1, 0, 'run'],
    [2, 0, 'run'],
  ]);
});

test('the time that is left comes from the segments that were, with their switches', () => {
  let now = 0;
  const pace = new Pace({ warmupSeconds: 10, segmentSeconds: 2 }, 4, () => now);
  expect(pace.at('warming up').secondsLeft).toBe(18);
  const [turn] = turnsOf(['run'], 1, 1);
  now = 10_000;
  expect(pace.at('measuring', turn)).toMatchObject({ done: 0, of: 4, secondsLeft: 8, block: 0, arm: 'run' });
  now = 13_000;
  pace.finished();
  now = 14_000;
  expect(pace.at('measuring', turn, { count: 5, p99Us: 7 })).toMatchObject({
    ...{ done: 1, secondsLeft: 8, perSecond: 5, p99Us: 7 },
  });
  expect(new Pace({ warmupSeconds: 1, segmentSeconds: null }, 4).at('preparing').secondsLeft).toBeNull();
});
