import type { Answer, EndpointKey } from '@pgvigil/exporter/contract';
import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { call, type CallInput } from './client';
import { type Failure, toFailure } from './failure';

/** Counts the user's presses of "Refresh" (and the picker's ticks): each asks every mounted `useCall` again. */
export const RefreshContext = createContext(0);

export interface CallState<T> {
  /** The last good answer: kept while a newer one is on its way, and when that one fails. */
  readonly data: T | undefined;
  /** Of the last call; undefined when it succeeded. */
  readonly error: Failure | undefined;
  readonly loading: boolean;
  /** `data` answers an earlier input: show it greyed. */
  readonly stale: boolean;
  /** When `data` arrived, ms since 1970; undefined before. */
  readonly at: number | undefined;
  /** Asks again now. */
  readonly refresh: () => void;
}

interface Held<T> {
  data?: T;
  error?: Failure;
  loading: boolean;
  /** Which input `data` answers. */
  input?: string;
  at?: number;
}

/** How often to ask; a function: by the last answer, undefined before the first. Nothing: not again. */
type Every<T> = number | ((data: T | undefined) => number | undefined);

const secondsOf = <T>(every: Every<T> | undefined, data: T | undefined): number | undefined =>
  typeof every === 'function' ? every(data) : every;

/**
 * Calls an endpoint now, whenever its input or the refresh count changes, and every `everySeconds`.
 * A call that is no longer wanted is aborted; a poll waits for the answer before it.
 * @param input undefined: not yet known, so nothing is called.
 */
export function useCall<K extends EndpointKey>(
  key: K,
  input: CallInput<K> | undefined,
  { everySeconds }: { everySeconds?: Every<Answer<K>> } = {},
): CallState<Answer<K>> {
  const [held, setHeld] = useState<Held<Answer<K>>>({ loading: input !== undefined });
  const [asked, setAsked] = useState(0);
  const refreshes = useContext(RefreshContext);
  // Pages write the input in place, a new object at each rendering: it is compared by what it says.
  const text = input && JSON.stringify([key, input]);
  const latest = useRef({ key, input, everySeconds });
  latest.current = { key, input, everySeconds };
  const polls = everySeconds !== undefined;

  useEffect(() => {
    if (text === undefined) {
      setHeld((before) => (before.loading ? { ...before, loading: false } : before));
      return;
    }
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let seconds: number | undefined;
    const ask = async () => {
      setHeld((before) => ({ ...before, loading: true }));
      try {
        const data = await call(latest.current.key, latest.current.input!, abort.signal);
        if (abort.signal.aborted) return;
        setHeld({ data, loading: false, input: text, at: Date.now() });
        seconds = secondsOf(latest.current.everySeconds, data);
      } catch (error) {
        if (abort.signal.aborted) return;
        setHeld((before) => ({ ...before, loading: false, error: toFailure(error) }));
        seconds ??= secondsOf(latest.current.everySeconds, undefined);
      }
      if (seconds) timer = setTimeout(ask, seconds * 1000);
    };
    void ask();
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, asked, refreshes, polls]);

  return {
    data: held.data,
    error: held.error,
    loading: held.loading,
    stale: held.data !== undefined && held.input !== text,
    at: held.at,
    refresh: useCallback(() => setAsked((count) => count + 1), []),
  };
}
