import { locationService } from '@grafana/runtime';
import { act, renderHook } from '@testing-library/react';
import React, { type PropsWithChildren } from 'react';
import { MemoryRouter } from 'react-router-dom';
import { readWindow, useUrlState, writeWindow } from './url_state';

/** Silences the router's advice for its next version. */
const FUTURE = { v7_startTransition: true, v7_relativeSplatPath: true };

test.each([
  ['now-1h', 'now'],
  ['now-7d/d', 'now'],
  ['1763890000000', '1763893600000'],
])('the window %s … %s is written as it was read', (from, to) => {
  const range = readWindow(from, to);
  expect(range.from.isBefore(range.to)).toBe(true);
  expect(writeWindow(range.raw)).toEqual({ from, to });
});

test('ISO 8601 is understood, too', () => {
  const range = readWindow('2026-11-23T10:00:00.000Z', '2026-11-23T11:00:00.000Z');
  expect(range.from.toISOString()).toBe('2026-11-23T10:00:00.000Z');
  expect(range.to.toISOString()).toBe('2026-11-23T11:00:00.000Z');
});

test.each([
  [null, null],
  ['rubbish', 'now'],
  ['now', 'now-1h'],
  ['', ''],
])('%j … %j is the last hour', (from, to) => {
  expect(readWindow(from, to).raw).toEqual({ from: 'now-1h', to: 'now' });
});

test('a page keeps in the address what differs from its defaults, and leaves the rest of it alone', () => {
  const defaults = { sort: 'load', search: '' };
  locationService.push('/?target=shop&sort=calls');
  const wrapper = ({ children }: PropsWithChildren) => (
    <MemoryRouter initialEntries={['/?target=shop&sort=calls']} future={FUTURE}>
      {children}
    </MemoryRouter>
  );
  const { result } = renderHook(() => useUrlState(defaults), { wrapper });
  expect(result.current[0]).toEqual({ sort: 'calls', search: '' });
  act(() => result.current[1]({ sort: 'load', search: 'tracks' }));
  expect(locationService.getSearchObject()).toEqual({ target: 'shop', search: 'tracks' });
});
