import { render, screen, within } from '@testing-library/react';
import type { PastSessions as Past, Waits } from '@pgvigil/exporter/contract';
import React from 'react';
import { answerWith, failure } from '../../components/action/testing/api';
import { scope } from '../../components/action/testing/samples';
import { ScopeContext } from '../../lib/scope';
import { PastSessions } from './PastSessions';
import { WaitHistory } from './WaitHistory';

jest.mock('../../api/client');

const WAITS = 'GET /api/v1/activity/waits';
const PAST = 'GET /api/v1/activity/past';
const iso = (minute: number) => new Date(minute * 60_000).toISOString();
const window = { from: iso(0), to: iso(60), gapSeconds: 600, notes: [] };
const waits: Waits = {
  window,
  sampleSeconds: 1,
  stepSeconds: 1200,
  points: [
    { at: iso(0), waits: { CPU: 1.25, Lock: 2 } },
    { at: iso(20), waits: null },
    { at: iso(40), waits: {} },
  ],
  totals: [
    { type: 'Lock', seconds: 2400, sessions: 1 },
    { type: 'CPU', seconds: 1500, sessions: 0.625 },
  ],
};
const show = (children: React.ReactNode) =>
  render(<ScopeContext.Provider value={scope}>{children}</ScopeContext.Provider>);

it('says in a legend and a table what the bars say; a gap is said to be one', async () => {
  const calls = answerWith({ [WAITS]: () => waits });
  show(<WaitHistory live={false} />);
  const table = await screen.findByRole('table', { name: 'Active sessions by wait, shop only', hidden: true });
  const rows = within(table)
    .getAllByRole('row', { hidden: true })
    .map((row) => row.textContent);
  expect(rows).toEqual(['LockCPU', 'Jan 1, 00:00:0021.25', 'Jan 1, 00:20:00nothing recorded', 'Jan 1, 00:40:0000']);
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    ' Lock 1',
    ' CPU 0.625',
    'on average',
  ]);
  expect(calls[0].input.query).toEqual({ target: 'shop', database: 'shop', from: iso(0), to: iso(60) });
});

it.each([
  [
    'no state database',
    () => {
      throw failure('state_missing', 'there is no state database', 'Set PGVIGIL_STATE_URL.');
    },
    /No history of waits: there is no state database. Set PGVIGIL_STATE_URL./,
  ],
  ['no samples', () => ({ ...waits, sampleSeconds: 0, points: [] }), /Set --history.sample-interval/],
  [
    'nothing recorded',
    () => ({ ...waits, sampleSeconds: null, points: [], window: { ...window, notes: ['create the extension'] } }),
    /create the extension/,
  ],
])('says why there is none: %s', async (_, answer, words) => {
  answerWith({ [WAITS]: answer });
  show(<WaitHistory live={false} />);
  expect(await screen.findByText(words)).toBeVisible();
  expect(screen.queryByRole('alert')).toBeNull();
});

const seen: Past['items'][number] = {
  queryId: '42',
  text: 'update t set n = $1',
  database: 'shop',
  user: 'app',
  application: 'web',
  state: 'active',
  waitType: 'Lock',
  waitEvent: 'tuple',
  blockedBy: '43',
  blockedByText: 'delete from t',
  sessions: 1.5,
};

it('a paused link without its sessions shows what was recorded, and links to the statement', async () => {
  const others = {
    ...seen,
    queryId: '44',
    text: null,
    user: 'other',
    waitType: null,
    waitEvent: null,
    blockedByText: null,
  };
  const calls = answerWith({ [PAST]: () => ({ interval: { from: iso(1), to: iso(2) }, items: [seen, others] }) });
  show(<PastSessions at={iso(1.5)} search="" />);
  const rows = within(await screen.findByRole('table', { name: 'Sessions seen then' })).getAllByRole('row');
  expect(rows[1]).toHaveTextContent(/update t set n = \$1.*app · web.*shop.*active.*Lock · tuple.*delete from t.*1.50/);
  expect(within(rows[1]).getByRole('link')).toHaveAttribute('href', expect.stringMatching(/queries\/42\?.*user=app/));
  expect(rows[2]).toHaveTextContent('queryid 44, whose text is not recorded');
  expect(screen.getByText(/recorded from 00:01:00 to 00:02:00/)).toBeVisible();
  expect(calls[0].input.query).toEqual({ target: 'shop', database: 'shop', at: iso(1.5) });
});

it('says so where nothing is recorded of that time', async () => {
  answerWith({ [PAST]: () => ({ interval: null, items: [] }) });
  show(<PastSessions at={iso(1)} search="" />);
  expect(await screen.findByText(/Nothing is recorded of that time/)).toBeVisible();
  expect(screen.queryByRole('table')).toBeNull();
});
