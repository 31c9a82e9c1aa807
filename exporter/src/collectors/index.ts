import type { Collector } from '../metrics/types.ts';
import { locks } from './locks.ts';
import { pgbouncer_lists } from './pgbouncer_lists.ts';

/** Every collector, in the order in which its metrics are exposed. A test compares the list with the folder. */
export const collectors: readonly Collector[] = [locks, pgbouncer_lists];
