/** How a client pool is set up: one table of names, defaults and limits. */

export interface PoolOptions {
  /** Connections that are kept. */
  readonly size: number;
  /** Connections beyond `size` while they are needed; closed when they have been idle for `overflowIdleMs`. */
  readonly overflow: number;
  readonly overflowIdleMs: number;
  /** Age at which a connection is replaced, when nobody is using it. Up to a tenth less, so that not all go at once. */
  readonly recycleSeconds: number;
  /** Ask a connection whether it is alive before handing it out; a dead one is replaced unnoticed. */
  readonly prePing: boolean;
  /** Connections that were used less than this long ago are taken to be alive. 0: all are asked. */
  readonly pingAfterIdleMs: number;
  /** Without an answer by then, this connection and all older ones are replaced. */
  readonly pingTimeoutMs: number;
  /** How long a caller waits for a connection in all: in line, while one is made, while the server restarts. */
  readonly checkoutTimeoutMs: number;
  /** The server ends a session that has kept a transaction open this long without a statement. */
  readonly idleInTransactionTimeoutMs: number;
  /** The server cancels a statement that takes longer. 0: never. */
  readonly statementTimeoutMs: number;
  /** A connection that is silent for this long is probed by TCP, so that firewalls do not forget it. */
  readonly keepAliveMs: number;
  /** What sessions call themselves in pg_stat_activity. */
  readonly applicationName: string;
  /** Where names without a schema are looked up, for all sessions. A pooler that drops it is refused. Default: as the server says. */
  readonly searchPath?: string;
}

export const POOL_DEFAULTS: PoolOptions = {
  size: 50,
  overflow: 100,
  overflowIdleMs: 10_000,
  recycleSeconds: 1800,
  prePing: true,
  pingAfterIdleMs: 0,
  pingTimeoutMs: 5000,
  checkoutTimeoutMs: 10_000,
  idleInTransactionTimeoutMs: 60_000,
  statementTimeoutMs: 0,
  keepAliveMs: 30_000,
  applicationName: 'pgvigil',
};

/** A timer of Node's takes no more: 24.8 days. */
const LONGEST_MS = 2 ** 31 - 1;

const whole = (least: number, most: number) => ({ least, most });
const LIMITS: Readonly<Partial<Record<keyof PoolOptions, { least: number; most: number }>>> = {
  size: whole(1, 10_000),
  overflow: whole(0, 10_000),
  overflowIdleMs: whole(1, LONGEST_MS),
  recycleSeconds: whole(1, Math.floor(LONGEST_MS / 1000)),
  pingAfterIdleMs: whole(0, LONGEST_MS),
  pingTimeoutMs: whole(1, LONGEST_MS),
  checkoutTimeoutMs: whole(1, LONGEST_MS),
  idleInTransactionTimeoutMs: whole(0, LONGEST_MS),
  statementTimeoutMs: whole(0, LONGEST_MS),
  keepAliveMs: whole(0, LONGEST_MS),
};

/** @throws RangeError naming the option. */
export function poolOptions(given: Partial<PoolOptions>): PoolOptions {
  const options = { ...POOL_DEFAULTS, ...given };
  for (const [name, { least, most }] of Object.entries(LIMITS)) {
    const value = options[name as keyof PoolOptions];
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) continue;
    throw new RangeError(`pool: ${name} is ${String(value)}; give a whole number from ${least} to ${most}`);
  }
  return options;
}
