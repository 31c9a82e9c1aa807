import { aligned } from './course';

const series = (name: string, ...points: Array<readonly [number, number | null]>) => ({
  name,
  colour: 'blue',
  points: points.map(([at, value]) => ({ at, value })),
});

it('has the times of all together; what is not there breaks a line, what is another’s does not', () => {
  expect(aligned([series('a', [0, 1], [2, null], [4, 3]), series('b', [1, 10], [4, 30])])).toEqual([
    [0, 1, 2, 4],
    [1, undefined, null, 3],
    [undefined, 10, undefined, 30],
  ]);
});

it('of nothing is nothing', () => {
  expect(aligned([])).toEqual([[]]);
});
