import type { Target } from '@pgvigil/exporter/contract';
import { locationService } from '@grafana/runtime';
import { rangeUtil } from '@grafana/data';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'react-router-dom';
import type { Failure } from './api/failure';
import { useCall } from './api/useCall';
import type { Scope } from './lib/scope';
import { DEFAULT_WINDOW, readWindow } from './lib/url_state';

/** How often the line of truth is asked for again. */
const TRUTH_SECONDS = 15;
/** Of the address, so anything might be there: shorter ones than these would only burden the database. */
const INTERVAL = /^([5-9]s|\d{2,4}s|\d{1,3}[mh])$/;

export interface AppScope {
  readonly scope: Scope;
  /** Undefined until known. */
  readonly targets: readonly Target[] | undefined;
  /** Why there is no fresh answer of the exporter. */
  readonly failure: Failure | undefined;
  /** Of automatic refreshing, as in the address: `30s`; empty for none. */
  readonly interval: string;
  readonly refreshes: number;
  readonly refresh: () => void;
  /** Milliseconds since 1970: when `targets` arrived. */
  readonly at: number | undefined;
}

/** Reads the address, asks for the targets, and completes the address: what is shown must be in a copied link. */
export function useAppScope(defaultTarget: string | undefined): AppScope {
  const { search } = useLocation();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const [refreshes, setRefreshes] = useState(0);
  const refresh = useCallback(() => setRefreshes((count) => count + 1), []);
  const targets = useCall('GET /api/v1/targets', {}, { everySeconds: TRUTH_SECONDS });
  const status = useCall('GET /api/v1/status', {}, { everySeconds: TRUTH_SECONDS });

  const failure = targets.error ?? status.error;
  useWhenGone(failure, refresh);

  const target = chosen(targets.data, params.get('target'), defaultTarget);
  const from = params.get('from') ?? DEFAULT_WINDOW.from;
  const to = params.get('to') ?? DEFAULT_WINDOW.to;
  useCompletedAddress(target, from, to);

  const interval = params.get('refresh') ?? '';
  useEffect(() => {
    if (!INTERVAL.test(interval)) return;
    const timer = setInterval(refresh, rangeUtil.intervalToMs(interval));
    return () => clearInterval(timer);
  }, [interval, refresh]);

  // "The last hour" is another hour after each refresh.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `refreshes` is when "now" is read again
  const range = useMemo(() => readWindow(from, to), [from, to, refreshes]);
  const database = params.get('database') ?? undefined;
  const info = targets.data?.find(({ name }) => name === target);
  const scope = useMemo(
    () => ({ target, database, range, info, status: status.data }),
    [target, database, range, info, status.data],
  );
  return {
    scope,
    targets: targets.data,
    failure,
    interval,
    refreshes,
    refresh,
    at: targets.at,
  };
}

/** Parts of a page failed with the exporter, and most of them ask once only: when it is back, all ask again. */
function useWhenGone(failure: Failure | undefined, then: () => void) {
  const failed = useRef(false);
  useEffect(() => {
    if (failed.current && failure === undefined) then();
    failed.current = failure !== undefined;
  }, [failure, then]);
}

/** That of the address, even when there is no such target: the page then says so instead of showing another's figures. */
function chosen(targets: readonly Target[] | undefined, asked: string | null, usual: string | undefined) {
  if (asked) return asked;
  return targets?.find(({ name }) => name === usual)?.name ?? targets?.[0]?.name;
}

function useCompletedAddress(target: string | undefined, from: string, to: string) {
  useEffect(() => {
    if (target === undefined) return;
    const given = locationService.getSearch();
    if (['target', 'from', 'to'].every((name) => given.has(name))) return;
    locationService.partial({ target, from, to }, true);
  }, [target, from, to]);
}
