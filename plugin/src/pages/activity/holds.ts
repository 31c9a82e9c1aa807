import type { Session } from '@pgvigil/exporter/contract';
import { formatExact, plural } from '../../lib/format';

/** What it keeps from others: locks, and dead rows that vacuum must leave because its snapshot may see them. */
export function holdsOf({ state, locks, xminAge }: Session): string[] {
  if (state === null || state === 'idle') return [];
  return [
    locks > 0 ? plural(locks, 'lock') : '',
    xminAge !== null && xminAge > 0 ? `snapshot ${formatExact(xminAge)} xacts old` : '',
  ].filter(Boolean);
}
