/** Ordinary work on MusicDB, so that counters move: short reads and writes, no habit worth an alert. */
import { setTimeout } from 'node:timers/promises';
import { parseDsn } from '../../../exporter/src/config/dsn.ts';
import { openPool } from '../../../exporter/src/db/pool.ts';

const CLIENTS = 3;
const PAUSE_MS = 100;
const END_WITHIN_MS = 2000;

const STATEMENTS = [
  'select title, artist_credit from musicdb.tracks where track_id = 1 + floor(random() * 900)::int',
  'select count(*) from musicdb.albums where artist_id = 1 + floor(random() * 50)::int',
  'update musicdb.tracks set popularity = least(100, popularity + 1) where track_id = 1 + floor(random() * 900)::int',
];

/** @returns a function that ends it. @throws DatabaseFailure when there is no connection */
export async function startLoad(url: string): Promise<() => Promise<void>> {
  const end = new AbortController();
  const dsn = parseDsn(url, { env: {} });
  const pool = await openPool(dsn, {
    applicationName: 'musicdb-web',
    size: CLIENTS,
    overflow: 0,
    pingAfterIdleMs: 1000,
  });
  const work = async (): Promise<void> => {
    for (let turn = 0; !end.signal.aborted; turn++) {
      const sql = STATEMENTS[turn % STATEMENTS.length];
      // A fault may take the server away: the pool finds its way back.
      await pool.use((client) => client.query(sql)).catch(() => undefined);
      await setTimeout(PAUSE_MS, undefined, { signal: end.signal }).catch(() => undefined);
    }
  };
  const all = Array.from({ length: CLIENTS }, work);
  return async () => {
    end.abort();
    await pool.end(END_WITHIN_MS);
    await Promise.all(all);
  };
}
