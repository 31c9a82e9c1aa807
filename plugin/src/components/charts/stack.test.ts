import { stacked, type StackPoint } from './stack';

const series = [
  { id: 'CPU', title: 'CPU', colour: 'green' },
  { id: 'Lock', title: 'Lock', colour: 'red' },
];

it('lays each series upon those below it, the uppermost first, with room for the last step', () => {
  const points: StackPoint[] = [
    { at: 0, values: { Lock: 2, CPU: 1 } },
    { at: 1000, values: { Lock: 3 } },
    { at: 2000, values: {} },
  ];
  expect(stacked(points, series, 1)).toEqual([
    [0, 1000, 2000, 3000],
    [3, 3, 0, null],
    [1, 0, 0, null],
  ]);
});
it('leaves gaps', () => {
  expect(stacked([{ at: 0, values: null }], series, 5)).toEqual([
    [0, 5000],
    [null, null],
    [null, null],
  ]);
  expect(stacked([], series, 5)).toEqual([[], [], []]);
});
