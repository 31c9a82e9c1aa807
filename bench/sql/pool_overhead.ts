/** What a connection costs: to PostgreSQL for each request, against one that is kept open to the pooler. */
import type pg from 'pg';
import { parseDsn } from '../../exporter/src/config/dsn.ts';
import { openClient } from '../../exporter/src/db/connect.ts';
import { median, quantile } from '../statistics.ts';

/**
 * Milliseconds for one request, `select 1`, TLS and SCRAM everywhere: the median of the rounds, of each the quickest tenth.
 * The other nine are, on a busy machine, mostly waiting for a processor, which no pool saves.
 */
export interface Overhead {
  /** On an open connection to PostgreSQL: the request itself. */
  readonly open: number;
  /** Connect to PostgreSQL, ask, close. */
  readonly direct: number;
  /** On an open connection to the pooler. */
  readonly pooled: number;
  /** Connect to the pooler, ask, close. */
  readonly throughPooler: number;
}

const ROUNDS = 5;
const REQUESTS = 40;

const ask = async (client: pg.Client): Promise<void> => void (await client.query('select 1'));

/** The four in turn, request by request, so that a busy moment of the machine hits them alike. */
export async function measureOverhead(directUrl: string, pooledUrl: string): Promise<Overhead> {
  const connect = async (url: string): Promise<pg.Client> => (await openClient(parseDsn(url, { env: {} }), {})).client;
  const visit = async (url: string): Promise<void> => {
    const client = await connect(url);
    await ask(client);
    await client.end();
  };
  const direct = await connect(directUrl);
  const pooled = await connect(pooledUrl);
  const kinds = {
    open: () => ask(direct),
    direct: () => visit(directUrl),
    pooled: () => ask(pooled),
    throughPooler: () => visit(pooledUrl),
  };
  const quickest: Record<keyof Overhead, number[]> = { open: [], direct: [], pooled: [], throughPooler: [] };
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const times: Record<keyof Overhead, number[]> = { open: [], direct: [], pooled: [], throughPooler: [] };
      for (let n = 0; n < REQUESTS; n++) {
        for (const [kind, request] of Object.entries(kinds)) {
          const began = performance.now();
          await request();
          times[kind as keyof Overhead].push(performance.now() - began);
        }
      }
      for (const [kind, all] of Object.entries(times)) quickest[kind as keyof Overhead].push(quantile(all, 0.1));
    }
  } finally {
    await Promise.allSettled([direct.end(), pooled.end()]);
  }
  const of = (kind: keyof Overhead): number => median(quickest[kind]);
  return { open: of('open'), direct: of('direct'), pooled: of('pooled'), throughPooler: of('throughPooler') };
}
