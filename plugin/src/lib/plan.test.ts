import { aNode } from './plan.fixture';
import { estimateDirection, nodeObject, planRows, standouts } from './plan';

const tree = aNode({
  type: 'Hash Join',
  selfCost: 10,
  children: [
    aNode({ type: 'Seq Scan', relation: 'tracks', selfCost: 80 }),
    aNode({
      type: 'Hash',
      selfCost: 0,
      children: [aNode({ type: 'Index Scan', relation: 'albums', index: 'albums_pkey', selfCost: 10 })],
    }),
  ],
});

it('flattens parents before children, with the lines of a drawn tree', () => {
  const rows = planRows(tree);
  expect(rows.map((row) => [row.path, row.depth, row.lines, row.part])).toEqual([
    ['0', 0, [], 0.1],
    ['0.0', 1, [true], 0.8],
    ['0.1', 1, [false], 0],
    ['0.1.0', 2, [false, false], 0.1],
  ]);
});

it('weighs by time where the plan ran, by cost where it did not', () => {
  const ran = aNode({
    selfCost: 1,
    actualRows: 1,
    loops: 1,
    selfSeconds: 3,
    children: [aNode({ selfCost: 99, actualRows: 1, loops: 1, selfSeconds: 1 })],
  });
  expect(planRows(ran).map((row) => row.part)).toEqual([0.75, 0.25]);
});

it('makes no parts of nothing', () => expect(planRows(aNode({ selfCost: 0 }))[0].part).toBe(0));

it('names the costliest node and the worst estimate, if any stands out', () => {
  expect(standouts(planRows(tree))).toEqual({ costliest: '0.0', worst: null });
  const off = aNode({
    children: [aNode({ estimateError: 3 }), aNode({ estimateError: 400 }), aNode({ estimateError: 40 })],
  });
  expect(standouts(planRows(off)).worst).toBe('0.1');
  expect(standouts(planRows(aNode({ selfCost: 5 }))).costliest).toBeNull();
});

it('says what a node works on', () => {
  expect(nodeObject({ relation: 'tracks', index: 'tracks_pkey' })).toBe('on tracks using tracks_pkey');
  expect(nodeObject({ relation: null, index: null })).toBe('');
});

it('says in which direction an estimate is wrong', () => {
  expect(estimateDirection(aNode({ planRows: 1, actualRows: 1000 }))).toBe('too few');
  expect(estimateDirection(aNode({ planRows: 1000, actualRows: 1 }))).toBe('too many');
  expect(estimateDirection(aNode({ planRows: 5, actualRows: 5 }))).toBeNull();
  expect(estimateDirection(aNode({ planRows: 5, actualRows: null }))).toBeNull();
});
