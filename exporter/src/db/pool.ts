/**
 * A pool of connections that outlives its connections: whoever takes one gets one that works, or a clear error in time.
 * pg's Pool keeps the connections (how many, how long idle, how old); who is served when, and with what, is decided here.
 */
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import type { Dsn } from '../config/types.ts';
import { destroy } from './connect.ts';
import { DatabaseFailure, describeFailure, type Reason } from './errors.ts';
import { Permits, type Waiting } from './permits.ts';
import { ping } from './ping.ts';
import { clientClass, explore, settingsOf, type Timeouts } from './pool_client.ts';
import { type PoolOptions, poolOptions } from './pool_options.ts';

/** Gauges of this moment, then counters since the start. */
export interface PoolStatistics {
  /** Connections there may be: size and overflow. */
  readonly limit: number;
  /** Connections there are, those being made included. */
  readonly open: number;
  readonly idle: number;
  /** In use, or being made or asked for somebody. */
  readonly checkedOut: number;
  /** Callers without a connection yet. */
  readonly waiting: number;
  readonly checkouts: number;
  /** Seconds that all callers together have waited for a connection. */
  readonly waitSeconds: number;
  /** Checkouts that ended in an error. */
  readonly failedCheckouts: number;
  readonly created: number;
  readonly failedConnects: number;
  /** Closed for their age. */
  readonly recycled: number;
  /** Ended by the server or the network. */
  readonly lost: number;
  /** Found dead or silent before they were handed out. */
  readonly failedPings: number;
}

/** Reasons that pass: the next attempt may succeed. A wrong password does not become right by waiting. */
const PASSING: readonly Reason[] = [
  'refused',
  'unreachable',
  'timeout',
  'too_many_connections',
  'starting_up',
  'connection_lost',
];
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;
const END_WITHIN_MS = 10_000;

/** What pg's client knows and its types do not say. */
interface Internals {
  readonly readyForQuery: boolean;
  getTransactionStatus(): 'I' | 'T' | 'E' | null;
}

interface ClientFacts {
  readonly born: number;
  readonly lifetimeMs: number;
  /** When it came back for the last time; none as long as it is with whom it was made for. */
  returned?: number;
  lost?: Error;
}

/**
 * Makes one connection to see that it works and what the other end is; no other is made before it is needed.
 * @throws DatabaseFailure naming the cause; RangeError naming the option.
 */
export async function openPool(dsn: Dsn, given: Partial<PoolOptions> = {}): Promise<ClientPool> {
  const options = poolOptions({ applicationName: dsn.applicationName, ...definedOnly(given) });
  const timeouts: Timeouts = {
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs,
    ...(options.statementTimeoutMs > 0 && { statement_timeout: options.statementTimeoutMs }),
  };
  const extra = {
    application_name: options.applicationName,
    keepAliveInitialDelayMillis: options.keepAliveMs,
    ...settingsOf(options.searchPath),
  };
  const { encrypted, keepsSettings } = await explore(dsn, timeouts, extra, options.searchPath);
  const Client = clientClass(dsn, encrypted, keepsSettings ? { ...extra, ...timeouts } : extra);
  return new ClientPool(Client, options, keepsSettings ? 'begin' : beginWith(timeouts));
}

const definedOnly = (given: Partial<PoolOptions>): Partial<PoolOptions> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** One message, one round trip. SET LOCAL ends with its transaction, so nothing stays on a connection that others share. */
const beginWith = (timeouts: Timeouts): string =>
  ['begin', ...Object.entries(timeouts).map(([name, value]) => `set local ${name} = ${value}`)].join('; ');

export class ClientPool {
  readonly #pool: pg.Pool;
  readonly #options: PoolOptions;
  readonly #begin: string;
  readonly #permits: Permits;
  readonly #facts = new WeakMap<pg.ClientBase, ClientFacts>();
  readonly #leased = new Set<pg.PoolClient>();
  readonly #waiting = new Set<Waiting<never>>();
  readonly #counters = {
    checkouts: 0,
    waitSeconds: 0,
    failedCheckouts: 0,
    created: 0,
    failedConnects: 0,
    recycled: 0,
    lost: 0,
    failedPings: 0,
  };
  /** Connections older than this are not to be trusted: one of their age did not answer. */
  #suspectBefore = 0;
  #ending: Promise<void> | undefined;

  /** Use `openPool`. */
  constructor(Client: new () => pg.Client, options: PoolOptions, begin: string) {
    this.#options = options;
    this.#begin = begin;
    this.#permits = new Permits(options.size + options.overflow);
    this.#pool = new pg.Pool({
      Client,
      max: options.size + options.overflow,
      min: options.size,
      idleTimeoutMillis: options.overflowIdleMs,
      maxLifetimeSeconds: this.#lifetimeSeconds(),
    });
    this.#pool.on('connect', (client) => this.#welcome(client));
    this.#pool.on('remove', (client) => this.#farewell(client));
    // A connection that is lost while idle; it is out of the pool already, and counted by its own listener.
    this.#pool.on('error', () => {});
  }

  statistics(): PoolStatistics {
    return {
      limit: this.#options.size + this.#options.overflow,
      open: this.#pool.totalCount,
      idle: this.#pool.idleCount,
      checkedOut: this.#permits.taken,
      waiting: this.#waiting.size,
      ...this.#counters,
    };
  }

  /**
   * Runs `work` with a connection of its own. One that comes back inside a transaction, or busy, is closed.
   * @throws DatabaseFailure when there is no connection in time, or when it was lost; else whatever `work` throws.
   */
  async use<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const client = await this.#checkout();
    try {
      return await work(client);
    } catch (error) {
      throw this.#explain(client, error);
    } finally {
      this.#checkin(client);
    }
  }

  /**
   * Runs `work` in a transaction: committed when it resolves, rolled back when it throws.
   * @throws as `use`; also when the server rolled back because a statement had failed and `work` did not pass that on.
   */
  transaction<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.use(async (client) => {
      await client.query(this.#begin);
      let result: T;
      try {
        result = await work(client);
      } catch (error) {
        await client.query('rollback').catch(() => {});
        throw error;
      }
      const { command } = await client.query('commit');
      if (command !== 'COMMIT') {
        const message = 'nothing was committed: a statement of the transaction had failed';
        throw new DatabaseFailure('other', message, { fatal: false });
      }
      return result;
    });
  }

  /** Takes no more callers, waits for those who hold a connection, and ends what they still do after `withinMs`. */
  end(withinMs = END_WITHIN_MS): Promise<void> {
    this.#ending ??= this.#close(withinMs);
    return this.#ending;
  }

  async #close(withinMs: number): Promise<void> {
    for (const caller of this.#waiting) caller.reject(closed());
    const ended = this.#pool.end();
    const timer = setTimeout(() => {
      for (const client of this.#leased) this.#discard(client);
    }, withinMs);
    await ended;
    clearTimeout(timer);
  }

  /** A connection that works. The caller keeps its permit through every replacement, and with it its place in the line. */
  async #checkout(): Promise<pg.PoolClient> {
    if (this.#ending) throw closed();
    const began = performance.now();
    const deadline = began + this.#options.checkoutTimeoutMs;
    const waiting = Promise.withResolvers<never>();
    // It may be rejected while nobody looks, as during a ping; the next look finds out.
    waiting.promise.catch(() => {});
    let last: DatabaseFailure | undefined;
    const timer = setTimeout(() => waiting.reject(this.#tooLate(last)), this.#options.checkoutTimeoutMs);
    this.#waiting.add(waiting);
    let holdsPermit = false;
    try {
      await this.#permits.take(waiting.promise);
      holdsPermit = true;
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        try {
          const client = await this.#working(waiting.promise, deadline);
          this.#leased.add(client);
          this.#counters.checkouts++;
          return client;
        } catch (error) {
          const failure = describeFailure(error);
          if (failure instanceof CheckoutFailure) throw failure;
          this.#counters.failedConnects++;
          if (!PASSING.includes(failure.reason)) throw failure;
          last = failure;
        }
        // Spread, or everyone who was waiting for a restarted server would come back in the same millisecond.
        await Promise.race([sleep(pauseMs * (0.5 + Math.random())), waiting.promise]);
      }
    } catch (error) {
      this.#counters.failedCheckouts++;
      if (holdsPermit) this.#permits.give();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
      this.#counters.waitSeconds += (performance.now() - began) / 1000;
    }
  }

  /** Discards connections until one answers; a new one is known to work. */
  async #working(giveUp: Promise<never>, deadline: number): Promise<pg.PoolClient> {
    for (;;) {
      const client = await this.#next(giveUp);
      const facts = this.#facts.get(client)!;
      if (facts.lost === undefined && facts.born >= this.#suspectBefore) {
        const { prePing, pingAfterIdleMs, pingTimeoutMs } = this.#options;
        const now = performance.now();
        if (facts.returned === undefined || !prePing || now - facts.returned < pingAfterIdleMs) return client;
        const pong = await ping(client, Math.max(1, Math.min(pingTimeoutMs, deadline - now)));
        if (pong === 'alive') return client;
        this.#counters.failedPings++;
        // Where one gets no answer, the others of its age won't either, and asking each would take as long again.
        if (pong === 'silent' && deadline - now >= pingTimeoutMs) this.#suspectBefore = now;
      }
      dispose(client);
    }
  }

  async #next(giveUp: Promise<never>): Promise<pg.PoolClient> {
    const connecting = this.#pool.connect();
    try {
      return await Promise.race([connecting, giveUp]);
    } catch (error) {
      connecting.then(
        (client) => this.#putBack(client),
        () => {},
      );
      throw error;
    }
  }

  #checkin(client: pg.PoolClient): void {
    const inside = client as unknown as Internals;
    const isClean = inside.readyForQuery && inside.getTransactionStatus() === 'I';
    if (!isClean) return this.#discard(client);
    // Not there: `end` has taken it back already.
    if (!this.#leased.delete(client)) return;
    this.#putBack(client);
    this.#permits.give();
  }

  #putBack(client: pg.PoolClient): void {
    this.#facts.get(client)!.returned = performance.now();
    client.release();
  }

  #discard(client: pg.PoolClient): void {
    if (!this.#leased.delete(client)) return;
    dispose(client);
    this.#permits.give();
  }

  #welcome(client: pg.PoolClient): void {
    const born = performance.now();
    const lifetimeMs = this.#pool.options.maxLifetimeSeconds * 1000;
    const facts: ClientFacts = { born, lifetimeMs };
    this.#facts.set(client, facts);
    this.#counters.created++;
    // Also while it is checked out, when pg's Pool does not listen: without a listener the process would end.
    client.on('error', (error) => this.#lose(facts, error));
    this.#pool.options.maxLifetimeSeconds = this.#lifetimeSeconds();
  }

  #farewell(client: pg.PoolClient): void {
    const facts = this.#facts.get(client);
    if (facts && performance.now() - facts.born >= facts.lifetimeMs) this.#counters.recycled++;
  }

  /** Another for each connection: made together, they shall not all be replaced together. */
  #lifetimeSeconds(): number {
    return this.#options.recycleSeconds * (1 - 0.1 * Math.random());
  }

  #lose(facts: ClientFacts, error: Error): void {
    if (facts.lost === undefined) this.#counters.lost++;
    facts.lost ??= error;
  }

  /** After a connection is lost, pg only says that it cannot be used; what the server's last words were helps more. */
  #explain(client: pg.PoolClient, error: unknown): unknown {
    const facts = this.#facts.get(client)!;
    const { severity } = error as { severity?: unknown };
    if (severity === 'FATAL' || severity === 'PANIC') this.#lose(facts, error as Error);
    const saysWhy = severity !== undefined || error instanceof DatabaseFailure;
    return facts.lost === undefined || saysWhy ? error : describeFailure(facts.lost);
  }

  #tooLate(last: DatabaseFailure | undefined): CheckoutFailure {
    const within = `no connection within ${this.#options.checkoutTimeoutMs} ms`;
    if (last) return new CheckoutFailure(last.reason, `${within}: ${last.message}`, { fatal: true, cause: last });
    const { checkedOut, limit, waiting } = this.statistics();
    const state = `${checkedOut} of ${limit} are in use, callers waiting: ${waiting}`;
    const cure = 'hold connections for a shorter time, or raise size or overflow of the pool';
    return new CheckoutFailure('timeout', `${within}: ${state}; ${cure}`, { fatal: false });
  }
}

/** At once: a polite goodbye on a dead connection would wait for an answer. */
function dispose(client: pg.PoolClient): void {
  destroy(client as pg.PoolClient & pg.Client);
  client.release(true);
}

/** The end of a checkout, as opposed to the end of one attempt. */
class CheckoutFailure extends DatabaseFailure {}

const closed = (): CheckoutFailure => new CheckoutFailure('other', 'the pool is closed', { fatal: true });

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
