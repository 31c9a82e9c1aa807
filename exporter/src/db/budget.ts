/** How many connections one exporter has to one server, whoever of its parts needs them. */
import type { Waiting } from './permits.ts';

/** Beside that of the scrape and the one reserved for cancelling: five in all. */
const SHARED = 3;

interface PartOptions {
  /** Nobody else takes these. */
  readonly least: number;
  readonly most: number;
}

/**
 * Background metrics and pages share what there is: each has one of its own and may have a second while there is one.
 * Metrics come first. A permit is for as long as a connection is in use; idle ones are kept until somebody needs the room.
 */
export class ConnectionBudget {
  readonly metrics: Share = new Share(this, { least: 1, most: 2 });
  readonly pages: Share = new Share(this, { least: 1, most: 2 });
  readonly #closing = new Set<Promise<unknown>>();

  /** In the order in which they are served. */
  get #shares(): readonly Share[] {
    return [this.metrics, this.pages];
  }

  /** Gives as many permits as there are to those who wait. */
  serve(): void {
    for (const share of this.#shares) while (share.waits && this.#mayTake(share)) share.next();
  }

  #mayTake(share: Share): boolean {
    const others = this.#shares.filter((other) => other !== share);
    const kept = others.reduce((sum, { taken, least }) => sum + Math.max(taken, least), 0);
    return share.taken < share.most && share.taken + 1 + kept <= SHARED;
  }

  /**
   * Closes idle connections until one more may be opened by somebody who has a permit: `first`'s own before others'. Resolves
   * when all that are being closed are gone: the server never sees more than there may be.
   */
  async makeRoom(first: Share): Promise<void> {
    const shares = [first, ...this.#shares.filter((share) => share !== first)];
    const held = (): number => shares.reduce((sum, { taken, idle }) => sum + taken + idle, 0);
    for (let from: Share | undefined; held() > SHARED; ) {
      from = shares.find(({ idle }) => idle > 0);
      if (from === undefined) break;
      from.closeIdle();
    }
    await Promise.all(this.#closing);
  }

  closes(gone: Promise<unknown>): void {
    const one = gone.catch(() => undefined).finally(() => this.#closing.delete(one));
    this.#closing.add(one);
  }
}

/** What a part of the exporter has of it. */
export class Share {
  readonly #budget: ConnectionBudget;
  readonly least: number;
  readonly most: number;
  readonly #line = new Set<Waiting<void>>();
  #keeper: IdleKeeper | undefined;
  taken = 0;

  constructor(budget: ConnectionBudget, { least, most }: PartOptions) {
    this.#budget = budget;
    this.least = least;
    this.most = most;
  }

  /** Who holds its idle connections. */
  keptBy(keeper: IdleKeeper): void {
    this.#keeper = keeper;
  }

  get idle(): number {
    return this.#keeper?.idle ?? 0;
  }

  get waits(): boolean {
    return this.#line.size > 0;
  }

  /** Resolves with a permit in hand. @throws what `giveUp` rejects with, and then nothing is held. */
  async take(giveUp?: Promise<never>): Promise<void> {
    const place = Promise.withResolvers<void>();
    this.#line.add(place);
    this.#budget.serve();
    try {
      await (giveUp === undefined ? place.promise : Promise.race([place.promise, giveUp]));
    } catch (error) {
      // Served in the same moment: the permit goes to the next in line, or it would be lost for ever.
      if (!this.#line.delete(place)) this.give();
      throw error;
    }
  }

  give(): void {
    this.taken--;
    this.#budget.serve();
  }

  /** To be called with a permit in hand, before a connection is opened. */
  makeRoom(): Promise<void> {
    return this.#budget.makeRoom(this);
  }

  /** The first in line has a permit. */
  next(): void {
    const [first] = this.#line;
    this.#line.delete(first);
    this.taken++;
    first.resolve();
  }

  closeIdle(): void {
    this.closes(this.#keeper!.closeIdle());
  }

  /** An idle connection is on its way out. */
  closes(gone: Promise<unknown>): void {
    this.#budget.closes(gone);
  }
}

export interface IdleKeeper {
  /** Connections that nobody uses. */
  readonly idle: number;
  /** Closes the one used longest ago; it is no longer idle when this returns, and gone when it resolves. */
  closeIdle(): Promise<void>;
}
