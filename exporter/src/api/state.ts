/** The state database as a part of an answer that is worth giving without it. */
import { DatabaseFailure } from '../db/errors.ts';
import { StateMissing, StateUnavailable, type Store } from '../store/store.ts';
import type { Services } from './services.ts';

/** @returns `otherwise` where there is no state database, or none that answers: GET /api/v1/status says why. */
export async function fromState<T>(
  { store }: Pick<Services, 'store'>,
  otherwise: T,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  if (store === undefined) return otherwise;
  try {
    return await work(store);
  } catch (error) {
    if (error instanceof StateUnavailable || error instanceof StateMissing || error instanceof DatabaseFailure) {
      return otherwise;
    }
    throw error;
  }
}
