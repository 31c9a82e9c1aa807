import type { TimeRange } from '@grafana/data';
import { useMemo } from 'react';
import type { Failure } from '../../api/failure';
import { useCall } from '../../api/useCall';
import type { Scope } from '../../lib/scope';

const EVERY_SECONDS = 30;

/** What a page gets from the app, for a panel: which target, what works there, and who looks. */
export function usePanelScope(
  target: string,
  database: string,
  range: TimeRange,
): { scope: Scope; error: Failure | undefined } {
  const targets = useCall('GET /api/v1/targets', {}, { everySeconds: EVERY_SECONDS });
  const status = useCall('GET /api/v1/status', {}, { everySeconds: EVERY_SECONDS });
  const info = target === '' ? targets.data?.[0] : targets.data?.find(({ name }) => name === target);
  const name = target === '' ? info?.name : target;
  const scope = useMemo(
    () => ({ target: name, database: database || info?.database, range, info, status: status.data }),
    [name, database, range, info, status.data],
  );
  return { scope, error: targets.error ?? status.error };
}
