/** What years of use leave in a database, for the page Maintenance to find and cure: each made as it comes about. */
import pg from 'pg';
import type { PostgresServer } from './servers/index.ts';

/** Of the build that is interrupted: by then it is built, and waits for the session in its way. */
const BUILD_TIMEOUT_MS = 300;

/**
 * A play count for each track, in a table whose autovacuum somebody switched off "for the import": the index on what
 * changes keeps updates from being heap-only. The load goes on updating it (musicdb-play-counts).
 */
const DEAD_ROWS = `
  create table musicdb.play_counts (
    track_id    bigint primary key,
    plays       int not null default 0,
    last_played timestamptz
  ) with (autovacuum_enabled = false);
  insert into musicdb.play_counts (track_id) select track_id from musicdb.tracks;
  create index play_counts_recent_idx on musicdb.play_counts (last_played desc);
  analyze musicdb.play_counts;
  update musicdb.play_counts set plays = 1, last_played = now() - random() * interval '30 days';
  update musicdb.play_counts set plays = 2, last_played = now() - random() * interval '9 days';
  update musicdb.play_counts set plays = 3, last_played = now() - random() * interval '3 days';`;

/** A log of which nine in ten rows were deleted: vacuum gives the table's pages back, the index keeps its own. */
const BLOATED_INDEX = `
  create table musicdb.play_log (track_id bigint not null, played_at timestamptz not null);
  insert into musicdb.play_log
  select track_id, now() - random() * interval '90 days' from musicdb.tracks, generate_series(1, 5);
  create index play_log_played_at_idx on musicdb.play_log (played_at);
  delete from musicdb.play_log where random() < 0.9;`;

/** A second index on what another begins with. */
const REDUNDANT_INDEX = 'create index tracks_album_idx on musicdb.tracks (album_id)';

/** Shows the tracks as they were; each play makes it older. */
const STALE_VIEW = `
  create materialized view musicdb.top_artists as
  select artist_credit, count(*) as tracks, avg(popularity)::numeric(5, 2) as popularity
    from musicdb.tracks where popularity >= 40 group by artist_credit with no data;
  create unique index top_artists_artist_idx on musicdb.top_artists (artist_credit);`;

/** After MusicDB is loaded. */
export async function neglect(postgres: Pick<PostgresServer, 'query' | 'url'>): Promise<void> {
  const run = (sql: string) => postgres.query(sql, 'musicdb');
  await run(DEAD_ROWS);
  await run(BLOATED_INDEX);
  await run(REDUNDANT_INDEX);
  await run(STALE_VIEW);
  // Nothing but what is neglected on purpose shall look so.
  for (const table of ['tracks', 'albums', 'artists', 'ingestion_log', 'sample_truth', 'play_log'])
    await run(`vacuum analyze musicdb.${table}`);
  await run("select * from pgvigil.refresh_matview('musicdb.top_artists')");
  await interruptedBuild(postgres);
}

/** CREATE INDEX CONCURRENTLY waits at its end for whoever has an older snapshot, is told to stop, and leaves what it has. */
async function interruptedBuild(postgres: Pick<PostgresServer, 'url'>): Promise<void> {
  const connectionString = postgres.url('musicdb');
  const [reader, builder] = [new pg.Client({ connectionString }), new pg.Client({ connectionString })];
  await Promise.all([reader.connect(), builder.connect()]);
  try {
    await reader.query('begin isolation level repeatable read');
    await reader.query('select count(*) from musicdb.artists');
    await builder.query(`set statement_timeout = ${BUILD_TIMEOUT_MS}`);
    await builder.query('create index concurrently albums_label_idx on musicdb.albums (label)').catch(ignoreTimeout);
  } finally {
    await Promise.all([reader.end(), builder.end()]);
  }
}

const QUERY_CANCELED = '57014';
function ignoreTimeout(error: Error & { code?: string }): void {
  if (error.code !== QUERY_CANCELED) throw error;
}
