import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { Finding, Role } from '@pgvigil/exporter/contract';
import React from 'react';
import { MemoryRouter } from 'react-router-dom';
import { answerWith } from '../../components/action/testing/api';
import { scope, status, vacuum } from '../../components/action/testing/samples';
import { ScopeContext } from '../../lib/scope';
import { FindingsTab } from './FindingsTab';

jest.mock('../../api/client');

const reindex = { ...vacuum, id: 'reindex', title: 'Rebuild index', role: 'Admin' as const, lock: 'Blocks nobody.' };
const finding = (oid: number, action: string): Finding => ({
  id: `${action}-${oid}`,
  action,
  params: { table: oid },
  database: 'shop',
  relation: { oid, kind: 'table', schema: 'shop', name: `t${oid}` },
  state: 'warn',
  message: `About t${oid}.`,
  gain: null,
  heldBack: '',
  since: null,
});
const items = [finding(1, 'vacuum'), finding(2, 'vacuum'), finding(3, 'reindex')];

const show = (role: Role, found = items) => {
  answerWith({
    'GET /api/v1/actions': () => ({ items: [vacuum, reindex] }),
    'GET /api/v1/maintenance': () => ({
      items: found,
      total: found.length,
      page: 1,
      pageSize: 25,
      counts: { vacuum: 12, reindex: 1 },
      ageSeconds: 0,
      problems: [],
    }),
  });
  return render(
    <MemoryRouter future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
      <ScopeContext.Provider value={{ ...scope, status: { ...status, you: { login: 'x', role } } }}>
        <FindingsTab />
      </ScopeContext.Provider>
    </MemoryRouter>,
  );
};

it('stand together by action, each with how many there are and whom it blocks', async () => {
  show('Admin');
  const heads = (await screen.findAllByRole('rowheader')).map((head) => head.textContent);
  expect(heads).toEqual(['Vacuum 12Blocks nobody who reads or writes.', 'Rebuild index 1Blocks nobody.']);
});

it('are chosen one by one or all of the page', async () => {
  show('Admin');
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Choose Vacuum shop.t2' }));
  expect(screen.getByRole('button', { name: 'Run 1 chosen action…' })).toBeEnabled();
  await userEvent.click(screen.getByRole('checkbox', { name: 'All 3 on this page' }));
  expect(screen.getByRole('button', { name: 'Run 3 chosen actions…' })).toBeEnabled();
  await userEvent.click(screen.getByRole('checkbox', { name: 'All 3 on this page' }));
  expect(screen.getByRole('button', { name: 'Run the chosen…' })).toBeDisabled();
});

it.each([
  ['Editor', 2],
  ['Viewer', 0],
] as const)('an %s can choose only what the role may run', async (role, boxes) => {
  show(role);
  const table = await screen.findByRole('table', { name: 'Findings' });
  await screen.findByText(/Admins may use/);
  expect(within(table).queryAllByRole('checkbox')).toHaveLength(boxes);
  expect(screen.queryAllByRole('checkbox', { name: /on this page/ })).toHaveLength(boxes > 0 ? 1 : 0);
});

it('a single one needs no choosing, and no head', async () => {
  show('Admin', [finding(1, 'vacuum')]);
  expect(await screen.findByRole('button', { name: 'Vacuum… shop.t1' })).toBeVisible();
  expect(screen.queryByRole('checkbox')).toBeNull();
  expect(screen.queryByRole('rowheader')).toBeNull();
});
