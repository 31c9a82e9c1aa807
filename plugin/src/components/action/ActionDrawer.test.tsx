import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { ScopeContext } from '../../lib/scope';
import { ActionLife } from './ActionLife';
import { answerWith, failure } from './testing/api';
import { job, plan, scope, vacuum } from './testing/samples';

jest.mock('../../api/client');

const PLAN = 'POST /api/v1/actions/:action/plan';
const RUN = 'POST /api/v1/actions/:action/run';
const JOB = 'GET /api/v1/jobs/:id';
const base = { 'GET /api/v1/actions': () => ({ items: [vacuum] }), [PLAN]: () => plan };

const show = () =>
  render(
    <ScopeContext.Provider value={scope}>
      <ActionLife action="vacuum" target="shop" database="shop" params={{ table: 42 }} onClose={() => undefined} />
    </ScopeContext.Provider>,
  );
const deed = () => screen.findByRole('button', { name: 'Vacuum shop.orders' });
const confirm = async () => {
  const button = await deed();
  await waitFor(() => expect(button).toBeEnabled());
  await userEvent.click(button);
};

it('shows what will run, the lock in words and how long, and sends what it was asked with', async () => {
  const calls = answerWith(base);
  show();
  expect(await screen.findByText(/vacuum \(verbose\) shop.orders/)).toBeVisible();
  expect(screen.getByText(/Blocks nobody who reads or writes/)).toBeVisible();
  expect(screen.getByText(/about 1 min 35 s/)).toBeVisible();
  expect(screen.getByText('3.7 GiB at 40 MiB/s')).toBeVisible();
  const asked = calls.find(({ key }) => key === PLAN);
  expect(asked?.input.body).toEqual({ target: 'shop', database: 'shop', params: { table: 42 } });
});

it('is not confirmed by the second half of a double click', async () => {
  answerWith(base);
  show();
  const button = await deed();
  expect(button).toBeDisabled();
  await waitFor(() => expect(button).toBeEnabled());
});

it('says what is missing and its cure, and stays off', async () => {
  const missing = {
    title: 'Grants',
    state: 'missing' as const,
    message: 'no MAINTAIN',
    cure: 'grant maintain on shop.orders',
  };
  answerWith({
    ...base,
    [PLAN]: () => ({ ...plan, runnable: false, preconditions: [...plan.preconditions, missing] }),
  });
  show();
  expect(await screen.findByText('grant maintain on shop.orders')).toBeVisible();
  expect(screen.getByText("Can't run yet: Grants.")).toBeVisible();
  await act(() => new Promise((resolve) => setTimeout(resolve, 700)));
  // Grafana's button with a tooltip says it by aria-disabled, so that the tooltip can be reached.
  expect(await deed()).toHaveAttribute('aria-disabled', 'true');
});

it('says when the window is closed', async () => {
  const window = { open: false, words: 'opens at 22:00', closesAt: null };
  answerWith({ ...base, [PLAN]: () => ({ ...plan, runnable: false, window }) });
  show();
  expect(await screen.findByText("Can't run now: opens at 22:00")).toBeVisible();
});

it('confirms by the id of the plan, then shows phase, percent, time left and who blocks', async () => {
  const blockedBy = ['pid 4711 (nightly, user report, idle in transaction)'];
  const running = { ...job, progress: { ...job.progress!, blockedBy } };
  const calls = answerWith({ ...base, [RUN]: () => running, [JOB]: () => running });
  show();
  await confirm();
  expect(await screen.findByText('scanning heap · 42 % · about 1 min 35 s left')).toBeVisible();
  expect(screen.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '43');
  expect(screen.getByText(/waits for pid 4711/)).toBeVisible();
  expect(calls.find(({ key }) => key === RUN)?.input.body).toEqual({ planId: 'plan-1' });
  expect(await screen.findByRole('button', { name: 'Cancel' })).toBeEnabled();
});

it('cancels once', async () => {
  const calls = answerWith({
    ...base,
    [RUN]: () => job,
    [JOB]: () => job,
    'POST /api/v1/jobs/:id/cancel': () => ({ ...job, cancelRequested: true }),
  });
  show();
  await confirm();
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }));
  expect(await screen.findByRole('button', { name: 'Cancelling…' })).toBeDisabled();
  expect(calls.filter(({ key }) => key.includes('cancel'))).toHaveLength(1);
});

it('asks to plan again when the plan has expired, and does so', async () => {
  const calls = answerWith({
    ...base,
    [RUN]: () => {
      throw failure('plan_expired', 'The plan has expired.', 'Plan again.');
    },
  });
  show();
  await confirm();
  expect(await screen.findByText(/Plan expired/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Vacuum shop.orders' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Plan again' }));
  expect(await deed()).toBeVisible();
  expect(calls.filter(({ key }) => key === PLAN)).toHaveLength(2);
});

it('shows the effect, what was verified and where the audit row is', async () => {
  const done = {
    ...job,
    state: 'done' as const,
    finishedAt: '2026-11-23T10:01:01.000Z',
    progress: null,
    effect: [{ title: 'Dead rows', unit: 'rows' as const, before: 12_000, after: 600 }],
    verified: [{ title: 'Vacuumed', state: 'ok' as const, message: '', cure: '' }],
  };
  answerWith({ ...base, [RUN]: () => done, [JOB]: () => done });
  show();
  await confirm();
  const row = await screen.findByRole('row', { name: /Dead rows/ });
  expect(row).toHaveTextContent('Dead rows12 k600−95 %');
  expect(screen.getByRole('status')).toHaveTextContent('done after 1 min');
  expect(screen.getByRole('link', { name: /audit/ })).toHaveAttribute('href', expect.stringContaining('tab=audit'));
  expect(screen.queryByRole('button', { name: 'Cancel' })).toBeNull();
});

it('offers the follow-up for what a failed build left behind, and nothing else of the table', async () => {
  const dropLeftover = { ...vacuum, id: 'drop_leftover', title: 'Drop leftover index' };
  const failed = {
    ...job,
    action: 'reindex',
    state: 'failed' as const,
    finishedAt: '2026-11-23T10:01:01.000Z',
    message: 'deadlock detected',
    hint: 'Invalid and of no use: shop."o""x_ccnew".',
    verified: [{ title: 'Nothing left behind', state: 'missing' as const, message: '', cure: '', left: [43] }],
  };
  const finding = (oid: number, name: string, action: string) => ({
    id: name,
    action,
    params: { index: oid },
    database: 'shop',
    relation: { oid, kind: 'index' as const, schema: 'shop', name },
    state: 'warn' as const,
    message: `About ${name}.`,
    gain: null,
    heldBack: '',
    since: null,
  });
  answerWith({
    ...base,
    'GET /api/v1/actions': () => ({ items: [vacuum, dropLeftover] }),
    'GET /api/v1/maintenance': () => ({
      items: [
        finding(42, 'orders', 'vacuum'),
        finding(43, 'o"x_ccnew', 'drop_leftover'),
        finding(44, 'other', 'vacuum'),
      ],
    }),
    [RUN]: () => failed,
    [JOB]: () => failed,
  });
  show();
  await confirm();
  expect(await screen.findByText('deadlock detected')).toBeVisible();
  expect(await screen.findByRole('button', { name: /Drop leftover index…/ })).toBeVisible();
  expect(screen.queryByText('About orders.')).toBeNull();
  expect(screen.queryByText('About other.')).toBeNull();
});
