/** How a pool makes a connection: what pg's Pool is given instead of settings, so that no secret is ever in them. */
import pg from 'pg';
import type { Dsn } from '../config/types.ts';
import { clientConfig, openClient } from './connect.ts';
import { DatabaseFailure, poolerFailure } from './errors.ts';
import { startupOptions } from './session.ts';
import { tlsAttempts } from './tls.ts';

export type ClientClass = new () => pg.Client;

/** Settings of a session, in milliseconds, by the names that PostgreSQL and pg have in common. */
export type Timeouts = Readonly<Partial<Record<'idle_in_transaction_session_timeout' | 'statement_timeout', number>>>;

export interface Findings {
  /** Which of sslmode's attempts the server took. */
  readonly encrypted: boolean;
  /** Whether settings in the startup packet come into force; behind a pooler they do not. */
  readonly keepsSettings: boolean;
}

/** What each connection begins with beside the timeouts. */
export const settingsOf = (searchPath: string | undefined): pg.ClientConfig =>
  searchPath === undefined ? {} : { options: startupOptions({ search_path: searchPath }) };

/**
 * Opens one connection to see what the other end is. A transaction pooler refuses settings in the startup packet or
 * drops them without a word, as it is configured: what counts is whether they are in force afterwards.
 * @throws DatabaseFailure, also where a search path is asked for and does not come into force.
 */
export async function explore(
  dsn: Dsn,
  timeouts: Timeouts,
  extra: pg.ClientConfig,
  searchPath: string | undefined,
): Promise<Findings> {
  const open = async (config: pg.ClientConfig): Promise<Findings> => {
    const { client, tls } = await openClient(dsn, config);
    try {
      const wanted: Record<string, string> = { ...(searchPath !== undefined && { search_path: searchPath }) };
      for (const [name, value] of Object.entries(timeouts)) wanted[name] = String(value);
      // With the path of somebody else, `=` may be theirs.
      const found = await client.query<{ name: string; setting: string }>(
        'select name, setting from pg_catalog.pg_settings where name operator(pg_catalog.=) any ($1::pg_catalog.text[])',
        [Object.keys(wanted)],
      );
      const inForce = new Map(found.rows.map(({ name, setting }) => [name, setting]));
      const keepsSettings = Object.entries(wanted).every(([name, value]) => inForce.get(name) === value);
      if (!keepsSettings && searchPath !== undefined) throw poolerFailure();
      return { encrypted: tls !== false, keepsSettings };
    } finally {
      await client.end();
    }
  };
  try {
    return await open({ ...extra, ...timeouts });
  } catch (error) {
    if (!(error instanceof DatabaseFailure && error.reason === 'unsupported')) throw error;
    if (searchPath !== undefined) throw error;
    return { ...(await open(extra)), keepsSettings: false };
  }
}

/** Password and certificates are read at each connection, so that renewed ones need no restart. */
export function clientClass(dsn: Dsn, encrypted: boolean, extra: pg.ClientConfig): ClientClass {
  return class extends pg.Client {
    readonly #problem: unknown;

    constructor() {
      let config: pg.ClientConfig = {};
      let problem: unknown;
      try {
        const tls = tlsAttempts(dsn).find((attempt) => (attempt !== false) === encrypted)!;
        config = clientConfig(dsn, tls, extra);
      } catch (error) {
        // A file that is gone is why this connection fails; thrown here, it would come out of pg's Pool and end the process.
        problem = error;
      }
      super(config);
      this.#problem = problem;
    }

    override connect(): Promise<void>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<void> | void {
      if (this.#problem === undefined) return callback ? super.connect(callback) : super.connect();
      if (callback === undefined) return Promise.reject(this.#problem as Error);
      process.nextTick(callback, this.#problem);
    }
  };
}
