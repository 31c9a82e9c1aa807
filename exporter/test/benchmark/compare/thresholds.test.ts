import { thresholdsReached } from '../../../src/benchmark/compare/thresholds.ts';
import type { Segment } from '../../../src/benchmark/recording.ts';
import { segmentOf } from './support.ts';

const half = (sessions: number | null): Segment => {
  // 100 answers of 40 ms, two rows each, in a second.
  const one = segmentOf({ block: 0, position: 0, arm: 'run' }, Array<number>(100).fill(40_000));
  const [[name, record]] = Object.entries(one.statements);
  return {
    ...one,
    seconds: 1,
    statements: { [name]: { ...record, rows: 200 } },
    server: { walBytes: null, checkpoints: null, sessions, waits: {} },
  };
};
const both = [half(1), half(3)];

test.each([
  ['rowsPerHour', 720_000, 720_000, true],
  ['rowsPerHour', 720_001, 720_000, false],
  ['meanMs', 40.1, 40, true],
  ['meanMs', 40, 40, false],
  ['p95Ms', 39, 40, false],
  ['errorRatio', 0.05, 0, true],
  ['poolEfficiency', 0.979, 0.98, true],
  ['poolEfficiency', 0.98, 0.98, false],
] as const)('%s of %d', (name, wanted, found, met) => {
  const [{ found: is, ...reached }] = thresholdsReached({ [name]: wanted }, both);
  expect(reached).toEqual({ name, wanted, met });
  // A percentile is as exact as its bucket.
  expect(is).toBeCloseTo(found, 1);
});

test('what is not known is neither reached nor missed', () => {
  expect(thresholdsReached({ poolEfficiency: 0.9 }, [half(null), half(1)])).toEqual([
    { name: 'poolEfficiency', wanted: 0.9, found: null, met: null },
  ]);
  expect(thresholdsReached({ meanMs: 1 }, [])).toEqual([]);
});
