import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ActionInfo, Activity, Session } from '@pgvigil/exporter/contract';
import React from 'react';
import { answerWith } from '../../components/action/testing/api';
import { scope, status, vacuum } from '../../components/action/testing/samples';
import { ScopeContext } from '../../lib/scope';
import { BlockingTree } from './BlockingTree';
import { found, grouped, victimsOf } from './groups';
import { SessionActions, SessionRights } from './SessionActions';
import { Sessions } from './Sessions';
import { answerOf } from './summary';

jest.mock('../../api/client');

const session = (pid: number, more: Partial<Session> = {}): Session => ({
  pid,
  backendStart: '2026-11-23T10:00:00.123456Z',
  database: 'shop',
  user: 'app',
  application: 'web',
  client: null,
  backendType: 'client backend',
  background: false,
  leaderPid: null,
  signals: ['cancel', 'terminate'],
  state: 'active',
  stateSeconds: 5,
  transactionSeconds: 10,
  querySeconds: 5,
  waitType: null,
  waitEvent: null,
  queryId: null,
  query: `select ${pid}`,
  xminAge: null,
  locks: 0,
  blockedBy: [],
  waitingSeconds: null,
  own: false,
  ...more,
});
const waits = (pid: number, by: number[], seconds: number) =>
  session(pid, { waitType: 'Lock', waitEvent: 'tuple', blockedBy: by, waitingSeconds: seconds });

const idleInTransaction = session(1, {
  state: 'idle in transaction',
  transactionSeconds: 3600,
  locks: 7,
  xminAge: 1234,
});
const activity: Activity = {
  at: '2026-11-23T10:00:00.000Z',
  sessions: [idleInTransaction, waits(2, [1], 90), waits(3, [2], 42), session(4, { own: true, user: 'monitor' })],
  blocking: [
    { pid: 1, victims: 2, children: [{ pid: 2, victims: 1, children: [{ pid: 3, victims: 0, children: [] }] }] },
  ],
  waits: [],
  problem: '',
};
const cancel: ActionInfo = {
  ...vacuum,
  id: 'cancel',
  title: 'Cancel query',
  description: 'Its statement is lost.',
  kind: 'session',
  lock: '',
  params: [],
};
const terminate: ActionInfo = {
  ...cancel,
  id: 'terminate',
  title: 'Terminate session',
  description: 'All of it is lost.',
  role: 'Admin',
};

const SESSION = 'POST /api/v1/actions/:action/session';
const show = async (children: React.ReactNode, within = scope, result: unknown = undefined) => {
  const calls = answerWith({
    'GET /api/v1/actions': () => ({ items: [vacuum, cancel, terminate] }),
    [SESSION]: () => result,
  });
  render(
    <ScopeContext.Provider value={within}>
      <SessionActions onActed={() => undefined} refresh={() => undefined}>
        <SessionRights />
        {children}
      </SessionActions>
    </ScopeContext.Provider>,
  );
  // What may be done is asked for, and known from the next turn on.
  await act(() => new Promise((resolve) => setTimeout(resolve)));
  return calls;
};
const tree = <BlockingTree activity={activity} onOpen={() => undefined} />;

it('answers in a sentence who waits for whom and how long', () => {
  expect(answerOf(activity)).toBe('2 sessions wait for session 1, for up to 1 min 30 s.');
  const brief = { ...activity, sessions: [idleInTransaction, waits(2, [1], 0.2), waits(3, [2], 0.1)] };
  expect(answerOf(brief)).toBe('2 sessions wait for session 1, for up to 1 s.');
  expect(answerOf({ ...activity, blocking: [] })).toBe('Nobody waits for anybody.');
  const prepared = {
    ...activity,
    blocking: [{ pid: 0, victims: 1, children: [{ pid: 2, victims: 0, children: [] }] }],
  };
  expect(answerOf(prepared)).toBe('1 session waits for a prepared transaction, for up to 1 min 30 s.');
});

it('draws the root at the top and whom it blocks within it', async () => {
  await show(tree);
  const [root, child, grandchild] = screen.getAllByRole('listitem');
  expect(root).toContainElement(child);
  expect(child).toContainElement(grandchild);
  expect(within(grandchild).getByText(/waits 42 s for tuple lock/)).toBeVisible();
  expect(root).toHaveTextContent(/^Session 1 app · web idle in transaction for 5 s, transaction 1 h old, 7 locks/);
  expect(within(root).getByText('blocks 2 sessions')).toBeVisible();
});

it('a session in a circle is counted once', () => {
  const circle = [
    {
      pid: 1,
      victims: 2,
      children: [
        { pid: 2, victims: 1, children: [{ pid: 3, victims: 1, children: [{ pid: 2, victims: 0, children: [] }] }] },
      ],
    },
  ];
  expect([...victimsOf(circle)]).toEqual([2, 3]);
});

it('cancel and terminate are apart, each says what is lost; cancel is off where no query runs', async () => {
  await show(tree);
  const [root] = screen.getAllByRole('listitem');
  const off = await within(root).findByRole('button', { name: 'Cancel query… session 1' });
  expect(off).toHaveAttribute('aria-disabled', 'true');
  await userEvent.click(within(root).getByRole('button', { name: 'Terminate session… session 1' }));
  expect(await screen.findByText('All of it is lost.')).toBeVisible();
  expect(screen.queryByText('Its statement is lost.')).toBeNull();
});

it('sends pid and start, and shows in place that the session had ended', async () => {
  const result = { done: false, message: 'the session had ended by itself', audited: false };
  const calls = await show(tree, scope, result);
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel query… session 2' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel query (pid 2)' }));
  expect(await screen.findByText('the session had ended by itself')).toBeVisible();
  expect(screen.getByText(/waits on the disk of the exporter/)).toBeVisible();
  const sent = calls.find(({ key }) => key === SESSION)?.input;
  expect(sent?.params).toEqual({ action: 'cancel' });
  expect(sent?.body).toEqual({
    target: 'shop',
    database: 'shop',
    params: { session: { pid: 2, backendStart: '2026-11-23T10:00:00.123456Z' } },
  });
});

it.each([
  ['Viewer', [/Editors and admins may use “Cancel query”/, /Admins may use “Terminate session”/], 0],
  ['Editor', [/Admins may use “Terminate session”/], 3],
] as const)('a %s has only its buttons, and reads which role may do the rest', async (role, lines, buttons) => {
  await show(tree, { ...scope, status: { ...status, you: { login: 'x', role } } });
  for (const line of lines) expect(await screen.findByText(line)).toBeVisible();
  expect(screen.queryAllByRole('button', { name: /Cancel query…/ })).toHaveLength(buttons);
  expect(screen.queryByRole('button', { name: /Terminate/ })).toBeNull();
});

it('groups by state, oldest transaction first, background last', () => {
  const sessions = [
    session(1, { state: null, background: true, transactionSeconds: null }),
    session(2, { state: 'idle', transactionSeconds: null }),
    session(3, { transactionSeconds: 10 }),
    session(4, { transactionSeconds: null }),
    session(5, { transactionSeconds: 99 }),
    session(6, { state: 'idle in transaction' }),
    session(7, { backendType: 'walsender', background: true }),
    session(8, { backendType: 'parallel worker', leaderPid: 3, transactionSeconds: 10 }),
    session(9, { state: null, backendType: '' }),
  ];
  expect(grouped(sessions).map((group) => [group.state, group.sessions.map(({ pid }) => pid)])).toEqual([
    ['active', [5, 3, 8, 4]],
    ['idle in transaction', [6]],
    ['idle', [2]],
    ['state not visible', [9]],
    ['background processes', [7, 1]],
  ]);
});

it('searches every word anywhere', () => {
  expect(found(activity.sessions, 'APP idle').map(({ pid }) => pid)).toEqual([1]);
  expect(found(activity.sessions, 'nothing')).toEqual([]);
});

it('lists what idle in transaction holds, and marks its own sessions, which get no button', async () => {
  await show(<Sessions sessions={activity.sessions} search="" hideIdle={false} onOpen={() => undefined} />);
  const own = screen.getByRole('button', { name: 'Session 4' }).closest('tr')!;
  expect(within(own).getByText('pgvigil', { selector: 'span,div' })).toBeVisible();
  const holder = screen.getByRole('button', { name: 'Session 1' }).closest('tr')!;
  expect(holder).toHaveTextContent('7 lockssnapshot 1,234 xacts old');
  expect(await within(holder).findByRole('button', { name: /Terminate session… session 1/ })).toBeEnabled();
  expect(within(own).queryByRole('button', { name: /…/ })).toBeNull();
});

it('a background process has neither times nor a statement; what may not be seen is said', async () => {
  const none = { state: null, signals: [], stateSeconds: null, transactionSeconds: null, query: null };
  const sessions = [
    session(1, { ...none, backendType: 'checkpointer', background: true }),
    session(2, { ...none, backendType: '' }),
  ];
  await show(<Sessions sessions={sessions} search="" hideIdle={false} onOpen={() => undefined} />);
  const rows = sessions.map(({ pid }) => screen.getByRole('button', { name: `Session ${pid}` }).closest('tr')!);
  expect(rows[0]).not.toHaveTextContent(/0 s|statement/);
  expect(rows[1]).toHaveTextContent('statement not visible');
});

it('the server’s own processes are named by what they are, with the buttons that are for them', async () => {
  const sessions = [
    session(1, { backendType: 'walsender', background: true, user: 'replica', application: 'standby', signals: [] }),
    session(2, {
      backendType: 'autovacuum worker',
      background: true,
      user: null,
      application: '',
      signals: ['cancel'],
    }),
    session(3, { backendType: 'parallel worker', leaderPid: 4, signals: [] }),
    session(4),
  ];
  await show(<Sessions sessions={sessions} search="" hideIdle={false} onOpen={() => undefined} />);
  const row = (pid: number) => screen.getByRole('button', { name: `Session ${pid}` }).closest('tr')!;
  const deeds = (pid: number) => within(row(pid)).queryAllByRole('button', { name: /…/ });
  expect(row(1)).toHaveTextContent(/^1walsender replica · standby/);
  expect(row(3)).toHaveTextContent(/^3parallel worker of session 4/);
  expect(row(4).nextElementSibling).toBe(row(3));
  expect(deeds(2).map(({ textContent }) => textContent)).toEqual(['Cancel query…']);
  expect([...deeds(1), ...deeds(3)]).toEqual([]);
  expect(screen.getAllByRole('rowheader').map(({ textContent }) => textContent)).toEqual([
    'active 1',
    'background processes 2',
  ]);
});

it('its own idle sessions are one line until asked for, its active one is not', async () => {
  const sessions = [
    session(1, { own: true }),
    session(2, { own: true, state: 'idle' }),
    session(3, { own: true, state: 'idle' }),
    session(4, { state: 'idle' }),
  ];
  await show(<Sessions sessions={sessions} search="" hideIdle={false} onOpen={() => undefined} />);
  const shown = () => screen.getAllByRole('button', { name: /^Session/ }).map((button) => button.textContent);
  expect(shown()).toEqual(['1', '4']);
  await userEvent.click(screen.getByRole('button', { name: '2 sessions of pgvigil, idle' }));
  expect(shown()).toEqual(['1', '4', '2', '3']);
});

it('a state with many sessions shows the first hundred until asked', async () => {
  const many = Array.from({ length: 250 }, (_, at) => session(at + 1, { state: 'idle' }));
  await show(<Sessions sessions={many} search="" hideIdle={false} onOpen={() => undefined} />);
  expect(screen.getAllByRole('row')).toHaveLength(1 + 1 + 100 + 1);
  await userEvent.click(screen.getByRole('button', { name: 'Show all 250 sessions idle' }));
  expect(screen.getAllByRole('row')).toHaveLength(1 + 1 + 250);
});
