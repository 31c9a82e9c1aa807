import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { Job } from '@pgvigil/exporter/contract';
import React from 'react';
import { ScopeContext } from '../../../lib/scope';
import { answerWith, failure } from '../testing/api';
import { job, plan, scope, vacuum } from '../testing/samples';
import { BulkJobs } from './BulkJobs';
import { BulkPlans } from './BulkPlans';
import { usePlans } from './usePlans';
import { countsOf, progressOf } from './words';

jest.mock('../../../api/client');

const PLAN = 'POST /api/v1/actions/:action/plan';
const RUN = 'POST /api/v1/actions/:action/run';
const JOBS = 'GET /api/v1/jobs';
const CANCEL = 'POST /api/v1/jobs/:id/cancel';

const requests = [1, 2, 3, 4].map((table) => ({
  action: 'vacuum',
  target: 'shop',
  database: 'shop',
  params: { table },
}));
const title = (table: number) => `Vacuum shop.t${table}`;
const planOf = (table: number) => ({
  ...plan,
  id: `plan-${table}`,
  title: title(table),
  statements: [`vacuum shop.t${table}`],
});
const jobOf = (table: number, more: Partial<Job> = {}): Job => ({
  ...job,
  id: `job-${table}`,
  title: title(table),
  ...more,
});

interface Body {
  body: { params: { table: number }; planId: string };
  params: { id: string };
}

/** The drawer without Grafana's frame, which needs a browser. */
function Drawer() {
  const { steps, stage, confirm } = usePlans(requests);
  return stage === 'planning' || stage === 'planned' ? (
    <>
      <BulkPlans steps={steps} />
      <button onClick={confirm} disabled={stage !== 'planned'}>
        Run
      </button>
    </>
  ) : (
    <BulkJobs steps={steps} target="shop" confirming={stage === 'confirming'} onClose={() => undefined} />
  );
}
const show = () =>
  render(
    <ScopeContext.Provider value={scope}>
      <Drawer />
    </ScopeContext.Provider>,
  );
const run = async () => {
  const button = screen.getByRole('button', { name: 'Run' });
  await waitFor(() => expect(button).toBeEnabled());
  await userEvent.click(button);
};

it('plans one after the other, runs what may, and one that fails stands beside the others', async () => {
  const missing = { title: 'Grants', state: 'missing' as const, message: 'no MAINTAIN', cure: 'grant maintain on t2' };
  const calls = answerWith({
    'GET /api/v1/actions': () => ({ items: [vacuum] }),
    [PLAN]: ({ body }: Body) => {
      if (body.params.table === 4) throw failure('bad_request', 'no such table', 'Look again.');
      const planned = planOf(body.params.table);
      return body.params.table === 2 ? { ...planned, runnable: false, preconditions: [missing] } : planned;
    },
    [RUN]: ({ body }: Body) => {
      if (body.planId === 'plan-3') throw failure('plan_expired', 'this plan has expired', 'Plan it again.');
      return jobOf(1);
    },
    [JOBS]: () => ({ items: [jobOf(1)] }),
  });
  show();
  expect(await screen.findByText('vacuum shop.t3;')).toBeVisible();
  const rows = screen.getAllByRole('listitem').filter((row) => within(row).queryByText(/shop.t\d;|no such table/));
  expect(rows).toHaveLength(4);
  expect(rows[0]).toHaveTextContent(/Blocks nobody who reads or writes/);
  expect(rows[1]).toHaveTextContent(/Left out. Can't run yet: Grants./);
  expect(within(rows[1]).getByText('grant maintain on t2')).toBeVisible();
  expect(within(rows[3]).getByText(/no such table/)).toBeVisible();

  await run();
  expect(await screen.findByText('1 running.')).toHaveFocus();
  expect(screen.getByText(/scanning heap · 42 %/)).toBeVisible();
  expect(screen.getByText(/Vacuum shop.t3: this plan has expired/)).toBeVisible();
  expect(screen.getByText('left out')).toBeVisible();
  const bodies = (key: string) => calls.filter((call) => call.key === key).map(({ input }) => (input as Body).body);
  expect(bodies(PLAN).map(({ params }) => params.table)).toEqual([1, 2, 3, 4]);
  expect(bodies(RUN).map(({ planId }) => planId)).toEqual(['plan-1', 'plan-3']);
});

it('shows each one’s end with its effect, and cancels what is left, the last first', async () => {
  const effect = [{ title: 'Dead rows', unit: 'rows' as const, before: 1000, after: 0 }];
  const finishedAt = '2026-11-23T10:01:01.000Z';
  const calls = answerWith({
    'GET /api/v1/actions': () => ({ items: [vacuum] }),
    [PLAN]: ({ body }: Body) => planOf(body.params.table),
    [RUN]: ({ body }: Body) => jobOf(Number(body.planId.slice(-1)), { state: 'confirmed', progress: null }),
    [JOBS]: () => ({
      items: [
        jobOf(4, { state: 'confirmed', message: 'waits for its turn: Vacuum shop.t3 runs in this database' }),
        jobOf(3),
        jobOf(2, { state: 'failed', finishedAt, message: 'deadlock detected' }),
        jobOf(1, { state: 'done', finishedAt, effect }),
      ],
    }),
    [CANCEL]: ({ params }: Body) => {
      // It ended in this moment.
      if (params.id === 'job-4') throw failure('conflict', 'the job has ended: done');
      return jobOf(3, { cancelRequested: true });
    },
  });
  show();
  await run();
  expect(await screen.findByText('2 of 4 ended: 1 done, 1 failed. 1 running, 1 waiting to start.')).toBeVisible();
  expect(screen.getByText('Dead rows: 1,000 → 0 (−100 %)')).toBeVisible();
  expect(screen.getByText('deadlock detected')).toBeVisible();
  expect(screen.getByText(/waits for its turn/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Cancel these 2' }));
  await waitFor(() => expect(calls.filter(({ key }) => key === CANCEL)).toHaveLength(2));
  expect(calls.filter(({ key }) => key === CANCEL).map(({ input }) => input.params)).toEqual([
    { id: 'job-4' },
    { id: 'job-3' },
  ]);
  expect(screen.queryByText(/the job has ended/)).toBeNull();
});

it('says how many of what', () => {
  expect(countsOf(['Vacuum'])).toBe('1 × Vacuum');
  expect(countsOf(['Vacuum', 'Analyze', 'Vacuum'])).toBe('2 × Vacuum and 1 × Analyze');
  expect(countsOf(['Vacuum', 'Analyze', 'Vacuum', 'Refresh'])).toBe('4 actions');
});

it('says how far they are', () => {
  expect(progressOf([{ state: 'confirmed' }, { state: 'confirmed' }])).toBe('2 waiting to start.');
  expect(progressOf([{ state: 'done' }, { state: 'done' }])).toBe('2 of 2 ended: 2 done.');
});
