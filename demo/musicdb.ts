/** The demo's database: MusicDB with its indexes, pgvigil's functions, 20,000 tracks that are the same every time, and neglect. */
import pg from 'pg';
import { loadMusicDb } from '../exporter/src/sample/musicdb/load.ts';
import { functionsBundle, sampleBundle } from '../exporter/src/sql/bundles.ts';
import { installBundles } from '../exporter/src/sql/install.ts';
import { VERSION } from '../exporter/src/version.ts';
import { neglect } from './neglect.ts';
import type { PostgresServer } from './servers/index.ts';

const TRACKS = 20_000;
const SEED = 1;

export async function createMusicDb(postgres: PostgresServer): Promise<void> {
  await postgres.query('create database musicdb');
  await postgres.query('create extension pg_stat_statements', 'musicdb');
  await fillMusicDb(postgres);
}

/** The same in an empty database that is there already. */
export async function fillMusicDb(postgres: Pick<PostgresServer, 'query' | 'url'>): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url('musicdb'), application_name: 'pgvigil demo' });
  await client.connect();
  try {
    const bundles = [functionsBundle(), sampleBundle('musicdb')];
    await installBundles(client, bundles, { version: VERSION, report: () => undefined });
    await loadMusicDb(client, { tracks: TRACKS, seed: SEED });
  } finally {
    await client.end();
  }
  await neglect(postgres);
}
