import React, { type ReactNode, useEffect, useState } from 'react';
import { dateTime } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import type { SlowQueries, Target } from '@pgvigil/exporter/contract';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Router } from 'react-router-dom';
import { call } from '../../api/client';
import { Failure } from '../../api/failure';
import { aList, aStatement } from '../../components/statements/statement.fixture';
import { type Scope, ScopeContext } from '../../lib/scope';
import QueriesPage from './QueriesPage';

jest.mock('../../api/client');
const called = call as unknown as jest.Mock;

const range = { from: dateTime('2026-11-23T09:00:00Z'), to: dateTime('2026-11-23T10:00:00Z') };
const SCOPE: Scope = {
  target: 'shop',
  database: undefined,
  range: { ...range, raw: { from: 'now-1h', to: 'now' } },
  info: { name: 'shop', database: 'musicdb', databases: ['musicdb'] } as unknown as Target,
  status: undefined,
};

/** The address is Grafana's own, as in the app. */
function Address({ children }: { children: ReactNode }) {
  const history = locationService.getHistory();
  const [location, setLocation] = useState(history.location);
  useEffect(() => history.listen((next) => setLocation(next)), [history]);
  return (
    <Router location={location} navigator={history as never}>
      {children}
    </Router>
  );
}

async function open(search: string, answer: SlowQueries | Failure) {
  locationService.push(`/a/app/queries${search}`);
  called.mockImplementation(() => (answer instanceof Failure ? Promise.reject(answer) : Promise.resolve(answer)));
  render(
    <Address>
      <ScopeContext.Provider value={SCOPE}>
        <QueriesPage />
      </ScopeContext.Provider>
    </Address>,
  );
  await act(() => Promise.resolve());
}
const lastQuery = () => (called.mock.lastCall as [string, { query: Record<string, unknown> }])[1].query;
const address = () => locationService.getSearchObject();

beforeEach(() => called.mockReset());

const LIST = {
  ...aList([aStatement(), aStatement({ queryId: '7', text: 'select "we""ird 🎵"' })], 4948),
  facets: {
    ...aList([]).facets,
    database: [
      { value: 'musicdb', share: 0.9, statements: 4000 },
      { value: 'other', share: 0.1, statements: 950 },
    ],
    user: [
      { value: 'app', share: 0.8, statements: 10 },
      { value: 'report "x"', share: 0.2, statements: 2 },
    ],
  },
};

it('asks for what the address says, in the database that the bar names', async () => {
  await open('?search=tracks&user=app&sort=calls&order=asc&page=3', LIST);
  expect(lastQuery()).toEqual({
    target: 'shop',
    database: 'musicdb',
    from: '2026-11-23T09:00:00.000Z',
    to: '2026-11-23T10:00:00.000Z',
    search: 'tracks',
    user: 'app',
    kind: undefined,
    table: undefined,
    wait: undefined,
    sort: 'calls',
    order: 'asc',
    page: 3,
    pageSize: 50,
  });
  expect(screen.getByRole('columnheader', { name: /Calls/ })).toHaveAttribute('aria-sort', 'ascending');
  expect(screen.getByRole('searchbox')).toHaveValue('tracks');
  expect(screen.getByText('101–150 of 4,950 statements')).toBeInTheDocument();
  expect(
    screen.getByText('These 2 are 20 % of the load of all databases; the rest: 4,948 statements.'),
  ).toBeInTheDocument();
});

it('orders on the server, from the first page', async () => {
  await open('?page=3', LIST);
  await userEvent.click(screen.getByRole('button', { name: /Mean/ }));
  expect(address()).toEqual({ sort: 'mean' });
  expect(lastQuery()).toMatchObject({ sort: 'mean', order: 'desc', page: 1 });
});

it('is narrowed by a facet and widened again', async () => {
  await open('?page=2', LIST);
  await userEvent.click(screen.getByRole('button', { name: /^report "x"/ }));
  expect(address()).toEqual({ user: 'report "x"' });
  expect(screen.getByRole('button', { name: /^report "x"/ })).toHaveAttribute('aria-pressed', 'true');
  await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
  expect(address()).toEqual({});
});

it('with its filters closed says what it is narrowed to, and is widened there', async () => {
  await open('?filters=off&user=app&wait=Lock%3Atuple', LIST);
  expect(screen.queryByRole('complementary', { name: 'Filters' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Filters' })).toHaveAttribute('aria-expanded', 'false');
  expect(screen.getByRole('button', { name: 'Main wait: Lock:tuple, remove' })).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'User: app, remove' }));
  expect(address()).toEqual({ filters: 'off', wait: 'Lock:tuple' });
  await userEvent.click(screen.getByRole('button', { name: 'Filters' }));
  expect(screen.getByRole('complementary', { name: 'Filters' })).toBeInTheDocument();
});

it('has no column of changes where there is nothing to compare with, unless it is asked for', async () => {
  const unknown = { kind: 'unknown', meanRatio: null, callsRatio: null } as const;
  await open('', aList([aStatement({ change: unknown })]));
  expect(screen.queryByRole('columnheader', { name: 'Change' })).toBeNull();
  act(() => locationService.push('/a/app/queries?columns=change'));
  expect(await screen.findByRole('columnheader', { name: 'Change' })).toBeInTheDocument();
});

it('shows all databases where the one is no longer chosen, and says so', async () => {
  await open('', LIST);
  await userEvent.click(screen.getByRole('button', { name: /^musicdb/ }));
  expect(lastQuery()).toMatchObject({ target: 'shop', database: undefined });
  expect(screen.getByText(/^All databases\. /)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: /^other/ }));
  expect(address()).toEqual({ database: 'other' });
});

it('links a row to its statement with user, database and window', async () => {
  await open('', LIST);
  const link = new URL(screen.getByRole('link', { name: /we""ird/ }).getAttribute('href')!, 'http://grafana');
  expect(link.pathname).toMatch(/\/queries\/7$/);
  expect(Object.fromEntries(link.searchParams)).toEqual({
    target: 'shop',
    database: 'musicdb',
    user: 'app',
    from: 'now-1h',
    to: 'now',
  });
});

it('keeps its columns in the address', async () => {
  await open('?columns=calls,wal', LIST);
  const titles = screen.getAllByRole('columnheader').map((title) => title.textContent);
  expect(titles).toEqual(['Statement', 'Calls/s', 'WALB']);
});

it('without a state database says what is missing and the cure, and nothing else is made up', async () => {
  await open('', new Failure('state_missing', 'There is no state database.', 'Set PGVIGIL_STATE_URL.'));
  expect(await screen.findByText('Statements: there is no state database.')).toBeInTheDocument();
  expect(screen.getByText('Set PGVIGIL_STATE_URL.')).toBeInTheDocument();
  expect(screen.queryByRole('table')).toBeNull();
});

it('keeps the last answer when a later one fails', async () => {
  await open('', LIST);
  called.mockImplementation(() =>
    Promise.reject(new Failure('unreachable', 'Grafana cannot reach the exporter.', 'Is it running?')),
  );
  await userEvent.click(screen.getByRole('button', { name: /Calls/ }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Statements: Grafana cannot reach the exporter.');
  expect(screen.getAllByRole('link')).toHaveLength(2);
  called.mockImplementation(() => Promise.resolve(LIST));
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
});

it('keeps its layout while loading', async () => {
  locationService.push('/a/app/queries');
  called.mockImplementation(() => new Promise(() => undefined));
  render(
    <Address>
      <ScopeContext.Provider value={SCOPE}>
        <QueriesPage />
      </ScopeContext.Provider>
    </Address>,
  );
  await act(() => Promise.resolve());
  expect(screen.getByRole('table')).toHaveAttribute('aria-busy', 'true');
  expect(screen.getByRole('searchbox')).toBeInTheDocument();
});

it('goes to the first page from one beyond the last', async () => {
  await open('?page=90', { ...aList([]), total: 54 });
  await waitFor(() => expect(lastQuery()).toMatchObject({ page: 1 }));
  expect(address()).toEqual({});
});

it('tells nothing found from nothing recorded', async () => {
  await open('?search=nothing', aList([]));
  expect(screen.getByText('No statement of this window matches')).toBeInTheDocument();
  await userEvent.click(screen.getAllByRole('button', { name: 'Clear filters' })[0]);
  expect(await screen.findByText('No statements in this window')).toBeInTheDocument();
});
