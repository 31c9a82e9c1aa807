import type { Activity } from '@pgvigil/exporter/contract';
import { useCallback, useEffect } from 'react';
import type { Failure } from '../../api/failure';
import { useCall } from '../../api/useCall';
import { useOfDatabase } from '../../lib/scope';

const EVERY_SECONDS = 3;

/** Paused snapshots of this visit, by target and time. Never stored: they hold what people typed into their statements. */
const frozen = new Map<string, Activity>();
const KEPT = 10;

export interface Snapshot {
  readonly data: Activity | undefined;
  readonly error: Failure | undefined;
  readonly stale: boolean;
  /** A paused link whose snapshot is not known here: only what was recorded of that time can be shown. */
  readonly lost: boolean;
  readonly refresh: () => void;
  /** Keeps what is shown; gives its time for the address. */
  readonly freeze: () => string;
}

/** @param paused time of the snapshot to show, ISO 8601; empty: now, again and again. */
export function useSnapshot(paused: string): Snapshot {
  const where = useOfDatabase();
  const key = useCallback((at: string) => JSON.stringify([where, at]), [where]);
  const isLive = paused === '';
  const kept = isLive ? undefined : frozen.get(key(paused));
  const input = where === undefined || !isLive ? undefined : { query: { ...where } };
  const live = useCall('GET /api/v1/activity', input, { everySeconds: isLive ? EVERY_SECONDS : undefined });
  const data = isLive ? live.data : kept;
  useEffect(() => {
    for (const old of [...frozen.keys()].slice(0, -KEPT)) frozen.delete(old);
  });
  return {
    data,
    error: isLive ? live.error : undefined,
    // After "Resume" the old answer would flash up as if it were of now.
    stale: isLive && live.stale,
    lost: !isLive && kept === undefined && where !== undefined,
    refresh: live.refresh,
    freeze: useCallback(() => {
      if (data === undefined) return '';
      frozen.set(key(data.at), data);
      return data.at;
    }, [data, key]),
  };
}
