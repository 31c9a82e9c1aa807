/** Fills MusicDB's tables with the generated rows. */
import type pg from 'pg';
import { copyRows, type Value, valuesOf } from '../copy.ts';
import { withoutIndexes } from '../indexes.ts';
import { emptyTables } from '../tables.ts';
import { generateMusicDb, type SampleSize } from './generate.ts';
import { COLUMNS } from './rows.ts';
import { RUN_COLUMNS, runsOf } from './runs.ts';

export interface MusicDbOptions extends SampleSize {
  /** Removes what is in the tables; otherwise they must be empty. */
  readonly replace?: boolean;
  /** Tracks: loaded so far, and to be loaded. */
  readonly onProgress?: (done: number, total: number) => void;
  /** What is being done once all rows are there. */
  readonly onStage?: (stage: string) => void;
}

export interface Loaded {
  readonly artists: number;
  readonly albums: number;
  readonly tracks: number;
}

const TABLES = ['artists', 'albums', 'tracks', 'ingestion_log', 'rejected_tracks', 'sample_truth'].map(
  (table) => `musicdb.${table}`,
);
/** Those whose rows bring their own numbers, and the column. */
const NUMBERED = { artists: 'artist_id', albums: 'album_id', tracks: 'track_id' } as const;

/**
 * One transaction: what is killed leaves nothing, and its repetition gives the same tables. Indexes that are there
 * before are dropped and built again.
 * @throws RangeError when an option makes no sense, TablesNotEmpty, pg.DatabaseError.
 */
export async function loadMusicDb(client: pg.Client, options: MusicDbOptions): Promise<Loaded> {
  const { tracks, seed, replace = false, onStage = () => undefined } = options;
  if (!Number.isInteger(tracks) || tracks < 1) throw new RangeError(`tracks is ${tracks}: it must be 1 or more`);
  if (!Number.isInteger(seed)) throw new RangeError(`seed is ${seed}: it must be an integer`);
  let loaded: Loaded = { artists: 0, albums: 0, tracks: 0 };
  // However short the role's statements are to be, this one lasts as long as it lasts.
  await client.query('begin; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0');
  try {
    await emptyTables(client, TABLES, replace);
    const load = async (): Promise<void> => {
      loaded = await copyDeliveries(client, options);
    };
    await withoutIndexes(client, TABLES, load, onStage);
    for (const [table, column] of Object.entries(NUMBERED)) {
      const last = loaded[table as keyof Loaded];
      await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [`musicdb.${table}`, column, last]);
    }
    onStage('statistics for the planner');
    await client.query(`analyze ${TABLES.join(', ')}`);
    onStage('commit');
    await client.query('commit');
  } catch (error) {
    // It fails only where the connection is gone, and the transaction with it.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
  return loaded;
}

async function copyDeliveries(client: pg.Client, { tracks, seed, onProgress }: MusicDbOptions): Promise<Loaded> {
  const loaded = { artists: 0, albums: 0, tracks: 0 };
  for (const delivery of generateMusicDb({ tracks, seed })) {
    const fill = <C extends string>(
      table: string,
      columns: readonly C[],
      rows: Iterable<Readonly<Record<C, Value>>>,
    ): Promise<void> => copyRows(client, { table: `musicdb.${table}`, columns, freeze: true }, valuesOf(rows, columns));
    await fill('artists', COLUMNS.artists, delivery.artists);
    await fill('albums', COLUMNS.albums, delivery.albums);
    await fill('tracks', COLUMNS.tracks, delivery.tracks);
    await fill('sample_truth', COLUMNS.sample_truth, delivery.truths);
    await fill('ingestion_log', RUN_COLUMNS, runsOf(delivery));
    loaded.artists += delivery.artists.length;
    loaded.albums += delivery.albums.length;
    loaded.tracks += delivery.tracks.length;
    onProgress?.(loaded.tracks, tracks);
  }
  return loaded;
}
