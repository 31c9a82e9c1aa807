/**
 * Who uses MusicDB, and how: one pattern for each habit, good and bad. Each has connections of its own, with its name as
 * application_name: PgBouncer hands that on to whichever server connection does the work. Statements end with it as a
 * comment, which pg_stat_statements keeps (a leading one it cuts off).
 */
import { setTimeout } from 'node:timers/promises';
import type { ClientPool } from '../../exporter/src/db/pool.ts';
import { anyId, below, type Catalogue, pick, popularId } from './catalogue.ts';
import { delivery } from './delivery.ts';

export interface Pattern {
  /** application_name. */
  readonly name: string;
  /** How many do this at a time, each with a connection. */
  readonly workers: number;
  /** What one of them waits between two runs, on average. */
  readonly pauseMs: number;
  run(visit: Visit): Promise<unknown>;
}

/** What a run works with. */
export interface Visit {
  /** Runs one statement, on any connection. */
  readonly ask: (statement: Statement) => Promise<unknown>;
  /** For several statements on the same connection. */
  readonly pool: ClientPool;
  /** The text with the pattern's name in it. */
  readonly named: (sql: string) => string;
  readonly catalogue: Catalogue;
  /** The demo ends: nobody waits any longer. */
  readonly signal: AbortSignal;
}

/** Text, and the values of $1, $2, … */
export type Statement = readonly [sql: string, ...values: unknown[]];

/** People who look around: each page is one statement, and an index has it ready. */
const listings: Pattern = {
  name: 'musicdb-listings',
  workers: 3,
  pauseMs: 60,
  run: ({ ask, catalogue: { artists, albums } }) => {
    const charts: Statement = [
      `select track_id, title, artist_credit, popularity from musicdb.tracks
        where popularity >= 40 order by popularity desc, track_id limit 100`,
    ];
    const hitsOfYear: Statement = [
      `select title, artist_credit, popularity from musicdb.tracks
        where release_year = $1 order by popularity desc limit 50`,
      1970 + below(54),
    ];
    const albumsOfArtist: Statement = [
      'select album_id, title, release_year from musicdb.albums where artist_id = $1 order by release_year desc',
      popularId(artists),
    ];
    const tracksOfAlbum: Statement = [
      'select track_number, title, duration_ms from musicdb.tracks where album_id = $1 order by track_number',
      popularId(albums),
    ];
    return ask(pick([charts, hitsOfYear, albumsOfArtist, tracksOfAlbum]));
  },
};

/** People who look for something: a trigram, array, JSON, hash and expression index, one for each question. */
const searches: Pattern = {
  name: 'musicdb-searches',
  workers: 3,
  pauseMs: 80,
  run: ({ ask, catalogue: { examples } }) => {
    const { title, artist_credit, isrc, genres, metadata } = pick(examples);
    const text = title.slice(0, 4 + below(6)).replaceAll(/[%_\\]/g, '');
    const byTitle: Statement = [
      'select track_id, title, artist_credit from musicdb.tracks where title ilike $1 limit 20',
      `%${text}%`,
    ];
    const byGenres: Statement = [
      `select track_id, title, artist_credit from musicdb.tracks
        where genres @> $1 order by popularity desc limit 20`,
      genres,
    ];
    const byTempo: Statement = [
      'select track_id, title, artist_credit from musicdb.tracks where metadata @> $1 limit 20',
      { key: metadata.key, bpm: metadata.bpm },
    ];
    const byCode: Statement = ['select track_id, source, title from musicdb.tracks where isrc = $1', isrc];
    const byArtistAndTitle: Statement = [
      `select track_id, source, duration_ms from musicdb.tracks
        where lower(artist_credit) = lower($1) and lower(title) = lower($2)`,
      artist_credit,
      title,
    ];
    return ask(pick([byTitle, byGenres, byTempo, byCode, byArtistAndTitle]));
  },
};

/** Players: a track that is heard rises, one that is skipped falls. The popular ones are everybody's. */
const plays: Pattern = {
  name: 'musicdb-plays',
  workers: 4,
  pauseMs: 120,
  run: ({ ask, catalogue: { tracks } }) =>
    ask([
      `update musicdb.tracks
          set popularity = greatest(0, least(100, popularity + $2)), updated_at = now() where track_id = $1`,
      popularId(tracks),
      Math.random() < 0.5 ? -1 : 1,
    ]),
};

/** Counts each play where no autovacuum cleans up: dead rows grow by some ten a second. */
const playCounts: Pattern = {
  name: 'musicdb-play-counts',
  workers: 1,
  pauseMs: 100,
  run: ({ ask, catalogue: { tracks } }) =>
    ask([
      'update musicdb.play_counts set plays = plays + 1, last_played = now() where track_id = $1',
      popularId(tracks),
    ]),
};

/** A source that delivers, some of it damaged, and a program that works off the queue. */
const ingestion: Pattern = {
  name: 'musicdb-ingestion',
  workers: 1,
  pauseMs: 1000,
  run: async ({ ask, catalogue }) => {
    await ask(['select musicdb.bulk_insert_tracks($1, $2)', JSON.stringify(delivery(catalogue, 20)), 'live']);
    await ask([
      `update musicdb.tracks set processing_status = 'processed', updated_at = now()
        where track_id in (select track_id from musicdb.tracks where processing_status <> 'processed'
                            order by created_at limit 20 for update skip locked)`,
    ]);
  },
};

/**
 * The slow query: the rows of an album by its title as the source spells it. No index has album_title, so all tracks are
 * read for the few that fit. The cure: create index on musicdb.tracks (album_title).
 */
const missingIndex: Pattern = {
  name: 'musicdb-missing-index',
  workers: 1,
  pauseMs: 250,
  run: ({ ask, catalogue: { examples } }) =>
    ask([
      `select track_id, source, track_number, title from musicdb.tracks
        where album_title = $1 order by track_number`,
      pick(examples).album_title,
    ]),
};

/** N+1: one statement finds the album's tracks, then each is fetched by a statement of its own. One could do it all. */
const nPlusOne: Pattern = {
  name: 'musicdb-n-plus-one',
  workers: 1,
  pauseMs: 300,
  run: ({ pool, named, catalogue: { albums } }) =>
    pool.use(async (client) => {
      const all = named('select track_id from musicdb.tracks where album_id = $1');
      const each = named('select title, artist_credit, duration_ms from musicdb.tracks where track_id = $1');
      const { rows } = await client.query<{ track_id: string }>(all, [anyId(albums)]);
      for (const { track_id } of rows) await client.query(each, [track_id]);
    }),
};

/** Somebody who locks the most played tracks, thinks for four seconds and only then goes on: plays queue up behind. */
const blocker: Pattern = {
  name: 'musicdb-blocker',
  workers: 1,
  pauseMs: 15_000,
  run: ({ pool, named, signal }) =>
    pool.transaction(async (client) => {
      await client.query(named('select popularity from musicdb.tracks where track_id <= 3 for update'));
      await setTimeout(4000, undefined, { signal });
    }),
};

export const patterns: readonly Pattern[] = [
  listings,
  searches,
  plays,
  playCounts,
  ingestion,
  missingIndex,
  nPlusOne,
  blocker,
];
