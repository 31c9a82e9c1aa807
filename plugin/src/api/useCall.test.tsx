import { act, renderHook, waitFor } from '@testing-library/react';
import React, { type PropsWithChildren } from 'react';
import { fakeBackend, refusal } from './fake_backend';
import { RefreshContext, useCall } from './useCall';

const useList = (search: string) => useCall('GET /api/v1/database/slow-queries', { query: { search } });
const answerOf = (url: string) => ({ items: [], total: url.length });

test('nothing is called while the input is not known', () => {
  const asked = fakeBackend(() => ({}));
  const { result } = renderHook(() => useCall('GET /api/v1/status', undefined));
  expect(asked).toHaveLength(0);
  expect(result.current).toMatchObject({ loading: false, data: undefined, error: undefined });
});

test('old data stays, marked, while another input is asked about; what is no longer wanted is aborted', async () => {
  const answers: (() => void)[] = [];
  const asked = fakeBackend(({ url }) => new Promise((resolve) => answers.push(() => resolve(answerOf(url)))));
  const { result, rerender } = renderHook(({ search }) => useList(search), { initialProps: { search: 'a' } });
  expect(result.current).toMatchObject({ loading: true, data: undefined, stale: false });
  act(() => answers[0]());
  await waitFor(() => expect(result.current.loading).toBe(false));
  const first = result.current.data;

  rerender({ search: 'bb' });
  expect(result.current).toMatchObject({ loading: true, data: first, stale: true });
  rerender({ search: 'ccc' });
  expect(asked[1].abortSignal?.aborted).toBe(true);
  expect(asked[2].abortSignal?.aborted).toBe(false);
  // The late answer to a question withdrawn must not be shown as the answer to the present one.
  act(() => answers[2]());
  await waitFor(() => expect(result.current).toMatchObject({ stale: false, loading: false }));
  const third = result.current.data;
  await act(async () => {
    answers[1]();
    await Promise.resolve();
  });
  expect(result.current.data).toBe(third);
  expect(third).toEqual(answerOf(asked[2].url));
});

test('the same input in a new object is not called again', async () => {
  const asked = fakeBackend(({ url }) => answerOf(url));
  const { result, rerender } = renderHook(({ search }) => useList(search), { initialProps: { search: 'a' } });
  await waitFor(() => expect(result.current.data).toBeDefined());
  rerender({ search: 'a' });
  expect(asked).toHaveLength(1);
});

test('a failure is shown beside the old data, and gone after the next success', async () => {
  let fails = false;
  fakeBackend(({ url }) => {
    if (fails) throw refusal(503, 'database_unavailable');
    return answerOf(url);
  });
  const { result } = renderHook(() => useList('a'));
  await waitFor(() => expect(result.current.data).toBeDefined());
  fails = true;
  act(() => result.current.refresh());
  await waitFor(() => expect(result.current.error).toMatchObject({ code: 'database_unavailable' }));
  expect(result.current).toMatchObject({ loading: false, stale: false, data: expect.anything() as unknown });
  fails = false;
  act(() => result.current.refresh());
  await waitFor(() => expect(result.current.error).toBeUndefined());
});

test('polls after each answer, also after a failed one, and when the user refreshes; ends with the page', async () => {
  jest.useFakeTimers();
  try {
    const asked = fakeBackend(() => {
      throw { status: 502 };
    });
    let refreshes = 0;
    const wrapper = ({ children }: PropsWithChildren) => (
      <RefreshContext.Provider value={refreshes}>{children}</RefreshContext.Provider>
    );
    const { rerender, unmount } = renderHook(() => useCall('GET /api/v1/activity', {}, { everySeconds: 5 }), {
      wrapper,
    });
    await act(() => jest.advanceTimersByTimeAsync(4900));
    expect(asked).toHaveLength(1);
    await act(() => jest.advanceTimersByTimeAsync(5200));
    expect(asked).toHaveLength(3);
    refreshes++;
    rerender();
    expect(asked).toHaveLength(4);
    unmount();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(4);
  } finally {
    jest.useRealTimers();
  }
});

it('the last answer may say how soon it is asked again, also after a failure, or never', async () => {
  jest.useFakeTimers();
  try {
    const asked = fakeBackend(() => {
      if (asked.length === 2) throw refusal(503, 'state_unavailable');
      return { total: asked.length };
    });
    const everySeconds = (data: { total: number } | undefined) => (data && data.total < 3 ? 2 : undefined);
    renderHook(() => useCall('GET /api/v1/jobs', {}, { everySeconds }));
    await act(() => jest.advanceTimersByTimeAsync(1900));
    expect(asked).toHaveLength(1);
    await act(() => jest.advanceTimersByTimeAsync(60_000));
    expect(asked).toHaveLength(3);
  } finally {
    jest.useRealTimers();
  }
});
