import fc from 'fast-check';
import type { PlanNode } from '../../src/contract/index.ts';
import { loadParser } from '../../src/statements/parse.ts';
import { planFingerprint } from '../../src/statements/fingerprint.ts';
import { diffPlans } from '../../src/statements/plan_diff.ts';
import { nodesOf } from '../../src/statements/plan_tree.ts';
import { titleOf } from '../../src/statements/remarks.ts';

beforeAll(loadParser);

const node = (type: string, more: Partial<PlanNode> = {}): PlanNode => ({
  type,
  relation: null,
  index: null,
  conditions: {},
  startupCost: 0,
  totalCost: 10,
  planRows: 1,
  planWidth: 8,
  actualRows: null,
  loops: null,
  selfSeconds: null,
  selfCost: 1,
  rowsRemovedByFilter: null,
  estimateError: null,
  sharedHitBlocks: null,
  sharedReadBlocks: null,
  tempBlocks: null,
  children: [],
  ...more,
});

const leaf = fc
  .record({
    type: fc.constantFrom('Seq Scan', 'Index Scan', 'Bitmap Heap Scan'),
    relation: fc.constantFrom('a', 'b', 'c'),
    index: fc.constantFrom(null, 'i', 'j'),
    filter: fc.constantFrom('(x = $1)', '(y > 5)', ''),
  })
  .map(({ type, filter, ...more }) => node(type, { ...more, conditions: filter === '' ? {} : { Filter: filter } }));

const { tree } = fc.letrec<{ tree: PlanNode }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'plan' },
    leaf,
    fc
      .record({
        type: fc.constantFrom('Hash Join', 'Nested Loop', 'Sort', 'Limit', 'Append', 'Aggregate'),
        children: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      })
      .map(({ type, children }) => node(type, { children })),
  ),
}));

const titles = (root: PlanNode): string[] => nodesOf(root).map(titleOf).sort();

it('two plans that are equal are the same in every row, in the order of the tree', () => {
  fc.assert(
    fc.property(tree, (plan) => {
      const { rows } = diffPlans(plan, structuredClone(plan));
      expect(rows.map(({ state }) => state)).toEqual(nodesOf(plan).map(() => 'same'));
      expect(rows.map(({ a }) => a)).toEqual(nodesOf(plan).map(titleOf));
    }),
  );
});

it('every node of both plans is in exactly one row', () => {
  fc.assert(
    fc.property(tree, tree, (a, b) => {
      const { rows } = diffPlans(a, b);
      expect(rows.flatMap((row) => row.a ?? []).sort()).toEqual(titles(a));
      expect(rows.flatMap((row) => row.b ?? []).sort()).toEqual(titles(b));
      // What is new stands in the order of the new plan.
      expect(rows.flatMap((row) => row.b ?? [])).toEqual(nodesOf(b).map(titleOf));
      for (const row of rows) {
        expect(row.a === null).toBe(row.state === 'added');
        expect(row.b === null).toBe(row.state === 'removed');
        expect(row.changes.length > 0).toBe(row.state === 'changed' || row.state === 'moved');
      }
      expect(rows[0].depth).toBe(0);
      // Rows of the new plan are below those of their parents.
      const placed = rows.filter((row) => row.b !== null);
      const depths = new Map(nodesOf(b).map((value, i) => [value, placed[i].depth]));
      for (const parent of nodesOf(b)) {
        for (const child of parent.children) expect(depths.get(child)).toBeGreaterThan(depths.get(parent)!);
      }
    }),
    { numRuns: 500 },
  );
});

it('says in words what an index changed', () => {
  const before = node('Sort', {
    totalCost: 1234,
    children: [node('Seq Scan', { relation: 'm.t', conditions: { Filter: '(a = $1)' } })],
  });
  const after = node('Sort', {
    totalCost: 8.5,
    children: [node('Index Scan', { relation: 'm.t', index: 't_a', conditions: { 'Index Cond': '(a = $1)' } })],
  });
  const { rows, summary } = diffPlans(before, after);
  expect(rows.map(({ depth, state }) => [depth, state])).toEqual([
    [0, 'same'],
    [1, 'changed'],
  ]);
  expect(rows[1].changes).toEqual([
    'Seq Scan became Index Scan',
    'uses index t_a',
    'Filter is gone: (a = $1)',
    'Index Cond is new: (a = $1)',
  ]);
  expect(summary).toBe(
    'Nodes changed: 1. Seq Scan on m.t became Index Scan using t_a on m.t. Estimated cost 1,234 → 8.5.',
  );
});

it('sees a node put in above, one taken away, and one that moved', () => {
  const [a, b] = ['a', 'b'].map((relation) => node('Seq Scan', { relation }));
  const plain = node('Hash Join', { children: [a, b] });
  const gathered = diffPlans(plain, node('Gather', { children: [plain] }));
  expect(gathered.rows.map(({ state, depth }) => [state, depth])).toEqual([
    ['added', 0],
    ['same', 1],
    ['same', 2],
    ['same', 2],
  ]);
  const back = diffPlans(node('Gather', { children: [plain] }), plain);
  expect(back.rows.map(({ state, depth }) => [state, depth])).toEqual([
    ['removed', 0],
    ['same', 1],
    ['same', 2],
    ['same', 2],
  ]);
  const swapped = diffPlans(plain, node('Hash Join', { children: [b, a] }));
  expect(swapped.rows.map(({ state }) => state).sort()).toEqual(['moved', 'same', 'same']);
});

it('a fingerprint does not know literals, parameters and costs, but everything else', () => {
  const base = node('Seq Scan', { relation: 't', conditions: { Filter: '((a = $1) AND (b > 5))' } });
  const same = { ...base, totalCost: 99, conditions: { Filter: "((a = $7) AND (b > 'x'::text))" } };
  expect(planFingerprint({ ...same, conditions: { Filter: '((a = $7) AND (b > 6))' } })).toBe(planFingerprint(base));
  for (const other of [
    { ...base, type: 'Index Scan' },
    { ...base, relation: 'u' },
    { ...base, index: 'i' },
    { ...base, conditions: { Filter: '((a = $1) OR (b > 5))' } },
    { ...base, children: [base] },
  ]) {
    expect(planFingerprint(other)).not.toBe(planFingerprint(base));
  }
});
