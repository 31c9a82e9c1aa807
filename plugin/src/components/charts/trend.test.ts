import { axisScale, gapsOf, isInGap } from './trend';

const points = (...values: (number | null)[]) => values.map((value, at) => ({ at: at * 60_000, value }));

it('joins neighbouring points without history to one gap', () => {
  expect(gapsOf(points(1, null, null, 2, null), 60, 0, 300_000)).toEqual([
    [60_000, 180_000],
    [240_000, 300_000],
  ]);
});
it('begins with a gap where the history begins after the window', () => {
  const late = points(1, 2).map(({ at, value }) => ({ at: at + 600_000, value }));
  expect(gapsOf(late, 60, 0, 720_000)).toEqual([[0, 600_000]]);
  expect(gapsOf(points(1), 60, -30_000, 60_000)).toEqual([]);
});
it('ends with a gap where the recording ended before the window', () => {
  expect(gapsOf(points(1, 2), 60, 0, 600_000)).toEqual([[120_000, 600_000]]);
  expect(gapsOf(points(1, 2), 60, 0, 240_000)).toEqual([]);
});
it('is a gap as a whole where nothing was recorded', () => expect(gapsOf([], 60, 0, 600_000)).toEqual([[0, 600_000]]));
it('knows what lies in one', () => {
  expect(isInGap([[10, 20]], 10)).toBe(true);
  expect(isInGap([[10, 20]], 20)).toBe(false);
});
it('has an axis in one unit', () => {
  expect(axisScale('seconds', points(0.002, null, 0.05)).unit).toBe('ms');
  expect(axisScale('seconds', points(null)).unit).toBe('s');
});
