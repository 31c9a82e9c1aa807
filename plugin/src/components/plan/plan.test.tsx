import React from 'react';
import { render, screen, within } from '@testing-library/react';
import { aNode } from '../../lib/plan.fixture';
import { PlanDiff } from './PlanDiff';
import { PlanTree } from './PlanTree';

const row = (name: RegExp) => screen.getByRole('row', { name });

describe('a plan for any parameters', () => {
  beforeEach(() => {
    const scan = aNode({
      type: 'Seq Scan',
      relation: 'public."we""ird 🎵"',
      conditions: { Filter: '(a = $1)' },
      selfCost: 90,
      planRows: 1200,
    });
    render(<PlanTree label="Plan" root={aNode({ type: 'Sort', selfCost: 10, children: [scan] })} />);
  });
  it('shows cost, estimate and condition of each node, deeper ones as such', () => {
    expect(row(/Level 1: *Sort/)).toHaveTextContent('10 %');
    const scan = row(/Level 2: *Seq Scan on public."we""ird 🎵"/);
    expect(scan).toHaveTextContent('Filter: (a = $1)');
    expect(scan).toHaveTextContent('90 %');
    expect(scan).toHaveTextContent('1,200');
    expect(scan).toHaveTextContent('costliest');
    expect(row(/Sort/)).not.toHaveTextContent('costliest');
  });
  it('has no columns for what only a run can tell', () => {
    const titles = screen.getAllByRole('columnheader').map((title) => title.textContent);
    expect(titles).toEqual(['Node', 'Own cost', 'Rows estimated']);
  });
});

describe('a plan that ran', () => {
  const ran = { loops: 1, sharedHitBlocks: 0, sharedReadBlocks: 0, tempBlocks: 0 };
  it('shows how wrong the estimates were, and names the worst', () => {
    const off = aNode({
      type: 'Seq Scan',
      ...ran,
      planRows: 1,
      actualRows: 5000,
      estimateError: 5000,
      selfSeconds: 0.3,
      sharedReadBlocks: 128,
    });
    const fine = aNode({ type: 'Hash', ...ran, planRows: 10, actualRows: 11, estimateError: 1.1, selfSeconds: 0.001 });
    render(
      <PlanTree
        label="Plan"
        root={aNode({ type: 'Join', ...ran, actualRows: 1, estimateError: 1, selfSeconds: 0, children: [off, fine] })}
      />,
    );
    expect(row(/Seq Scan/)).toHaveTextContent('1 → 5,000×5,000 too few, the worst');
    expect(row(/Seq Scan/)).toHaveTextContent('1 MiB read');
    expect(row(/Hash/)).toHaveTextContent('10 → 11');
    expect(row(/Hash/)).not.toHaveTextContent('too');
  });
  it('says that a node never ran rather than that it took no time', () => {
    const idle = aNode({ type: 'Index Scan', loops: 0, actualRows: 0, selfSeconds: 0 });
    render(
      <PlanTree
        label="Plan"
        root={aNode({ type: 'Append', ...ran, actualRows: 0, selfSeconds: 1, children: [idle] })}
      />,
    );
    expect(row(/Index Scan/)).toHaveTextContent('never executed');
  });
});

it('a difference says in words what its colours say', () => {
  const common = { aCost: 1, bCost: 2, changes: [] };
  render(
    <PlanDiff
      diff={{
        summary: '',
        rows: [
          { depth: 0, state: 'same', a: 'Limit', b: 'Limit', ...common },
          { depth: 1, state: 'removed', a: 'Index Scan', b: null, ...common, bCost: null },
          { depth: 1, state: 'added', a: null, b: 'Seq Scan', ...common, aCost: null, changes: ['Filter: (a = $1)'] },
        ],
      }}
    />,
  );
  const [, ...rows] = screen.getAllByRole('row');
  expect(rows.map((one) => within(one).getAllByRole('cell')[0]?.textContent)).toEqual([' same', '−gone', '+new']);
  expect(rows[2]).toHaveTextContent('Seq ScanFilter: (a = $1)');
});
