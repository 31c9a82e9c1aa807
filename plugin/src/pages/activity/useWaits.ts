import { useEffect, useMemo, useState } from 'react';
import { useCall } from '../../api/useCall';
import { useOfDatabase, useScope } from '../../lib/scope';
import { readWindow, writeWindow } from '../../lib/url_state';

const EVERY_SECONDS = 30;

/**
 * The history of waits in the page's window.
 * @param live a window up to now moves on, as the sessions beside it do.
 */
export function useWaits(live: boolean) {
  const where = useOfDatabase();
  const { range } = useScope();
  const [ticks, setTicks] = useState(0);
  const moves = live && range.raw.to === 'now';
  useEffect(() => {
    if (!moves) return;
    const timer = setInterval(() => setTicks((count) => count + 1), EVERY_SECONDS * 1000);
    return () => clearInterval(timer);
  }, [moves]);
  const now = useMemo(() => {
    if (ticks === 0) return range;
    const { from, to } = writeWindow(range.raw);
    return readWindow(from, to);
  }, [range, ticks]);
  const [from, to] = [now.from.toISOString(), now.to.toISOString()];
  return useCall('GET /api/v1/activity/waits', where && { query: { ...where, from, to } });
}
