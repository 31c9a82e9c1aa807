/** What the load can ask for: how much there is, and values that occur. */
import type { ClientPool } from '../../exporter/src/db/pool.ts';

/** A track as its source delivered it; any of it may be missing there. */
export interface Example {
  readonly title: string;
  readonly artist_credit: string;
  readonly album_title: string;
  readonly isrc: string;
  readonly genres: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Catalogue {
  /** Ids run from 1 to these. */
  readonly tracks: number;
  readonly albums: number;
  readonly artists: number;
  readonly examples: readonly Example[];
}

const COUNTS = `select (select max(track_id) from musicdb.tracks)::int as tracks,
                       (select max(album_id) from musicdb.albums)::int as albums,
                       (select max(artist_id) from musicdb.artists)::int as artists`;
const EXAMPLES = `select title, artist_credit, album_title, isrc, genres, metadata from musicdb.tracks
                   where artist_credit <> '' and album_title <> '' and isrc is not null and cardinality(genres) > 0
                     and length(title) > 3 and track_id % 31 = 0`;

/** @throws Error when MusicDB is empty. */
export async function readCatalogue(pool: ClientPool): Promise<Catalogue> {
  return pool.use(async (client) => {
    const counts = (await client.query<Omit<Catalogue, 'examples'>>(COUNTS)).rows[0];
    const examples = (await client.query<Example>(EXAMPLES)).rows;
    if (examples.length === 0) throw new Error('MusicDB is empty: load it before the demo asks it');
    return { ...counts, examples };
  });
}

export const below = (n: number): number => Math.floor(Math.random() * n);
export const anyId = (most: number): number => 1 + below(most);
/** The first are wanted far more often: every ninth draw from 20,000 is one of the first three. */
export const popularId = (most: number): number => 1 + Math.floor(most * Math.random() ** 4);
export const pick = <T>(items: readonly T[]): T => items[below(items.length)];
