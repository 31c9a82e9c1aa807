/** What a page shows is in its address, so that a pasted link shows the same to the next person. */
import { dateMath, dateTime, type RawTimeRange, type TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { useCallback, useMemo } from 'react';
import { useLocation } from 'react-router-dom';

/** Parameters that every page has, with Grafana's own names for the window. */
export const SCOPE_PARAMS = ['target', 'database', 'from', 'to', 'refresh'] as const;
export const DEFAULT_WINDOW = { from: 'now-1h', to: 'now' } as const;

/**
 * A page's own part of the address. Values that equal their default are left out of it.
 * @param defaults the same object at each rendering: a constant of the module.
 * @returns the values, and a function that changes some of them (`replace`: no entry in the browser's history).
 */
export function useUrlState<T extends Record<string, string>>(
  defaults: T,
): readonly [T, (patch: Partial<T>, replace?: boolean) => void] {
  const { search } = useLocation();
  const values = useMemo(() => {
    const params = new URLSearchParams(search);
    const entries = Object.entries(defaults).map(([name, value]) => [name, params.get(name) ?? value]);
    return Object.fromEntries(entries) as T;
  }, [search, defaults]);
  const patch = useCallback(
    (changes: Partial<T>, replace = false) => {
      const given = Object.entries(changes as Record<string, string>);
      const entries = given.map(([name, value]) => [name, value === defaults[name] ? null : value] as const);
      locationService.partial(Object.fromEntries(entries), replace);
    },
    [defaults],
  );
  return [values, patch];
}

/** Grafana's addresses hold `now-1h`, milliseconds since 1970, or ISO 8601. */
const parseTime = (text: string, roundUp: boolean) =>
  /^\d+$/.test(text) ? dateTime(Number(text)) : (dateMath.toDateTime(text, { roundUp }) ?? dateTime(Number.NaN));

/** A window from the address, as of now; the default where it cannot be read. */
export function readWindow(fromText: string | null, toText: string | null): TimeRange {
  const raw = { from: fromText ?? DEFAULT_WINDOW.from, to: toText ?? DEFAULT_WINDOW.to };
  const [from, to] = [parseTime(raw.from, false), parseTime(raw.to, true)];
  if (!from.isValid() || !to.isValid() || !from.isBefore(to)) return readWindow(null, null);
  return {
    from,
    to,
    raw: { from: raw.from.includes('now') ? raw.from : from, to: raw.to.includes('now') ? raw.to : to },
  };
}

/** What the picker gave, as the address has it. */
export function writeWindow({ from, to }: RawTimeRange): { from: string; to: string } {
  const text = (time: RawTimeRange['from']) => (typeof time === 'string' ? time : String(time.valueOf()));
  return { from: text(from), to: text(to) };
}
