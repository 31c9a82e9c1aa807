import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ActionInfo, Columns, IndexCandidate } from '@pgvigil/exporter/contract';
import React from 'react';
import { ScopeContext } from '../../lib/scope';
import { CreateIndexForm } from './CreateIndexForm';
import { answerWith } from './testing/api';
import './testing/layout';
import { plan, scope, vacuum } from './testing/samples';

jest.mock('../../api/client');

const PLAN = 'POST /api/v1/actions/:action/plan';
const param = (name: string, type: ActionInfo['params'][number]['type'], required = false) => ({
  name,
  label: name,
  type,
  required,
  options: type === 'choice' ? ['btree', 'gin'] : [],
  help: '',
});
const createIndex: ActionInfo = {
  ...vacuum,
  id: 'create_index',
  title: 'Create index',
  params: [
    param('table', 'table', true),
    param('columns', 'columns', true),
    param('method', 'choice'),
    param('include', 'column names'),
    param('unique', 'boolean'),
    param('predicate', 'predicate'),
  ],
};
const relation = { oid: 42, kind: 'table' as const, schema: 'shop', name: 'orders "🛒"' };
const column = (name: string) => ({ name, type: 'integer', notNull: true, nullFraction: 0, distinct: 10 });
const columns: Columns = {
  relation,
  columns: ['customer', 'at', 'total'].map(column),
  indexes: [
    {
      relation: { oid: 43, kind: 'index', schema: 'shop', name: 'orders_pkey' },
      definition: 'CREATE UNIQUE INDEX orders_pkey ON shop.orders USING btree (id)',
      sizeBytes: 8192,
      scans: 7,
      valid: false,
    },
  ],
};
const candidate: IndexCandidate = {
  table: relation,
  columns: [
    { name: 'customer', order: 'asc' },
    { name: 'at', order: 'desc' },
  ],
  method: 'btree',
  include: ['total'],
  reasons: [],
  coveredBy: null,
};

const show = () => {
  const calls = answerWith({
    'GET /api/v1/actions': () => ({ items: [createIndex] }),
    'GET /api/v1/columns': () => columns,
    [PLAN]: () => ({ ...plan, title: 'Create index on shop.orders' }),
  });
  render(
    <ScopeContext.Provider value={scope}>
      <div className="main-view">
        <CreateIndexForm target="shop" database="shop" candidate={candidate} onClose={() => undefined} />
      </div>
    </ScopeContext.Provider>,
  );
  return calls;
};
const chosen = async () => within(await screen.findByRole('list', { name: 'columns' })).getAllByRole('listitem');
const sent = async (calls: ReturnType<typeof show>) => {
  await userEvent.click(screen.getByRole('button', { name: 'Preview…' }));
  await screen.findByRole('button', { name: 'Create index on shop.orders' });
  return (calls.find(({ key }) => key === PLAN)?.input.body as { params: unknown }).params;
};

it('is prefilled from a candidate, shows the indexes that exist, and sends what it shows', async () => {
  const calls = show();
  expect((await chosen()).map((item) => item.textContent)).toEqual(['customer', 'at']);
  expect(screen.getByText(/CREATE UNIQUE INDEX orders_pkey/)).toBeVisible();
  expect(screen.getByText(/8 KiB · 7 scans · invalid/)).toBeVisible();
  expect(await sent(calls)).toEqual({
    table: 42,
    columns: [
      { name: 'customer', order: 'asc' },
      { name: 'at', order: 'desc' },
    ],
    method: 'btree',
    include: ['total'],
  });
});

it('columns change places and are left out; "Change" leads back to what was chosen', async () => {
  const calls = show();
  const [, second] = await chosen();
  await userEvent.click(within(second).getByRole('button', { name: 'Move at up' }));
  expect((await chosen()).map((item) => item.textContent)).toEqual(['at', 'customer']);
  await userEvent.click(screen.getByRole('button', { name: 'Leave customer out' }));
  await userEvent.click(screen.getByRole('checkbox', { name: 'unique' }));
  expect(await sent(calls)).toMatchObject({ columns: [{ name: 'at', order: 'desc' }], unique: true });
  await userEvent.click(screen.getByRole('button', { name: 'Change' }));
  expect((await chosen()).map((item) => item.textContent)).toEqual(['at']);
});

it('cannot be previewed without a column, and says so', async () => {
  show();
  await chosen();
  await userEvent.click(screen.getByRole('button', { name: 'Leave customer out' }));
  await userEvent.click(screen.getByRole('button', { name: 'Leave at out' }));
  expect(screen.getByText('Still to choose: columns.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Preview…' })).toBeDisabled();
});
