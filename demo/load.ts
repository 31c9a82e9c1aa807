/** Live load on MusicDB, through PgBouncer, until it is told to end: see load/patterns.ts for who does what. */
import { setTimeout } from 'node:timers/promises';
import { parseDsn } from '../exporter/src/config/dsn.ts';
import { type ClientPool, openPool } from '../exporter/src/db/pool.ts';
import { type Catalogue, readCatalogue } from './load/catalogue.ts';
import { type Pattern, patterns, type Visit } from './load/patterns.ts';

const END_WITHIN_MS = 2000;

/**
 * @param url of MusicDB.
 * @returns a function that ends the load.
 * @throws DatabaseFailure when there is no connection; Error when MusicDB is empty.
 */
export async function startLoad(url: string): Promise<() => Promise<void>> {
  const dsn = parseDsn(url, { env: {} });
  const end = new AbortController();
  const pools: ClientPool[] = [];
  const stop = async (): Promise<void> => {
    end.abort();
    await Promise.all(pools.map((pool) => pool.end(END_WITHIN_MS)));
  };
  try {
    for (const { name, workers } of patterns) {
      // A connection to PgBouncer is PgBouncer's to keep alive: asking before each statement would double its work.
      pools.push(await openPool(dsn, { applicationName: name, size: workers, overflow: 0, pingAfterIdleMs: 1000 }));
    }
    const catalogue = await readCatalogue(pools[0]);
    patterns.forEach((pattern, i) => {
      for (let n = 0; n < pattern.workers; n++) void work(pattern, pools[i], catalogue, end.signal);
    });
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function work(pattern: Pattern, pool: ClientPool, catalogue: Catalogue, signal: AbortSignal): Promise<void> {
  const named = (sql: string): string => `${sql} /* ${pattern.name} */`;
  const visit: Visit = {
    ask: ([sql, ...values]) => pool.use((client) => client.query(named(sql), values)),
    pool,
    named,
    catalogue,
    signal,
  };
  while (!signal.aborted) {
    // A cancelled statement, a terminated session, a restarted server: all part of the show. The pool finds its way back.
    await pattern.run(visit).catch(() => undefined);
    await setTimeout(pattern.pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
  }
}
