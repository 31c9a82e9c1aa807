/** What actions that build or drop an index CONCURRENTLY say alike. */
import type { Subject } from './types.ts';
import { type InvalidIndex, invalidIndexes } from './facts.ts';
import type { ActionSession } from './types.ts';

export const MIB = 1024 ** 2;

export const CONCURRENT_LOCK =
  'Blocks nobody who reads or writes; keeps out other maintenance and changes of the table meanwhile.';

export const WAITS = 'every transaction in this database that is older than each of its phases, readers included';

export const waitsFor = (oldTransactions: readonly string[]): string[] => [WAITS, ...oldTransactions];

/** Of the action that takes an invalid index away. */
export const LEFTOVER_TITLE = 'Drop leftover index';

export const dropHint = (left: readonly InvalidIndex[]): string =>
  left.length === 0
    ? ''
    : `Invalid and of no use: ${left.map(({ name }) => name).join(', ')}. Once nothing blocks it, drop it with “${LEFTOVER_TITLE}”.`;

/** Invalid indexes that were not there when the plan was made. */
export async function newlyInvalid(
  session: ActionSession,
  { lockOid, invalidBefore = [] }: Subject,
): Promise<InvalidIndex[]> {
  const found = await invalidIndexes(session, lockOid);
  return found.filter(({ name }) => !invalidBefore.includes(name));
}
