/**
 * Totals at points, kept in memory: a page that refreshes, sorts, searches or opens a statement asks for the same ones again.
 * They can be kept because a point is never changed, nor is one added before it. Which points there still are is asked of the
 * state database each time, so that nothing is shown of what retention has removed.
 */
import type { Store } from '../store/store.ts';
import { ByteCache } from './byte_cache.ts';
import type { Stream } from './columns.ts';
import type { Coverage } from './coverage.ts';
import { readLayers, toTotals } from './points.ts';
import type { KnownTotals } from './totals.ts';

/** Of one state database; some dozens of points of 5,000 statements. Part of docs/state.md. */
const MOST_BYTES = 32 << 20;

const caches = new WeakMap<Store, ByteCache<KnownTotals>>();

/** @param part `head`: at least the columns that trends need. */
export function totalsAt(
  store: Store,
  { target, created }: Pick<Coverage, 'target' | 'created'>,
  stream: Stream,
  at: Date,
  part: 'all' | 'head' = 'all',
): Promise<KnownTotals> {
  let cache = caches.get(store);
  if (cache === undefined) caches.set(store, (cache = new ByteCache(MOST_BYTES, bytesOf)));
  // A state database that is made anew may number its targets alike.
  const keyOf = (some: 'all' | 'head'): string => `${target} ${created.getTime()} ${stream} ${at.getTime()} ${some}`;
  const found = cache.has(keyOf('all')) ? 'all' : part;
  return cache.get(keyOf(found), async () =>
    toTotals(await readLayers((text, values) => store.query(text, values), target, stream, at, found)),
  );
}

const bytesOf = ({ ids, columns }: KnownTotals): number =>
  columns.reduce((sum, { byteLength }) => sum + byteLength, ids.byteLength);
