import { secondsOf } from './needs';

it.each([
  ['run', 10, 3, 1, 5 + 10 * (3 + 0.3)],
  ['ab', 20, 3, 1, 10 + 20 * (12 + 0.6)],
  ['aa', 20, 0.5, 10, 10 + 200 * (2 + 0.2)],
  ['run', 1, 60, 1, 5 + 61],
] as const)('%s of %d blocks of %d s', (kind, blocks, seconds, comparisons, expected) => {
  expect(secondsOf({ warmupSeconds: 5 }, { kind, blocks, seconds, comparisons })).toBeCloseTo(expected);
});
