/** How often one person may ask for a change. */
import { ApiFailure } from './failure.ts';

/** At once, and then one more every second: nobody who clicks gets there, a script gone wrong does. */
const BURST = 60;
const PER_SECOND = 1;
/** Logins that are remembered; beyond it the ones that have been quiet are forgotten. */
const MOST_LOGINS = 1000;

export class RateLimit {
  /** Login → how much is used up, and when that was worked out. */
  readonly #used = new Map<string, { used: number; at: number }>();

  /** @throws ApiFailure too_many_requests */
  take(login: string, now = performance.now()): void {
    const last = this.#used.get(login);
    const used = last === undefined ? 0 : Math.max(0, last.used - ((now - last.at) / 1000) * PER_SECOND);
    if (used + 1 > BURST)
      throw new ApiFailure(
        'too_many_requests',
        `${login} has asked for more than ${BURST} changes within a minute`,
        'Wait some seconds.',
      );
    // Set anew, so that the map's order is by last use.
    this.#used.delete(login);
    this.#used.set(login, { used: used + 1, at: now });
    if (this.#used.size > MOST_LOGINS) this.#used.delete(this.#used.keys().next().value!);
  }
}
