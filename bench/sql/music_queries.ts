/** MusicDB's documented queries. The comment of each index in sql/init/02-performance-indexes.sql names its query. */
import { englishSpeaker } from '../../exporter/src/sample/musicdb/names.ts';
import { GENRES, KEYS } from '../../exporter/src/sample/musicdb/words/vocabulary.ts';
import { Random } from '../../exporter/src/sample/random.ts';
import type { BenchQuery } from './query.ts';

type Chance = () => number;

const integer = (random: Chance, most: number): number => 1 + Math.floor(random() * most);
const pick = <T>(random: Chance, items: readonly T[]): T => items[Math.floor(random() * items.length)];
/** Of rows that the smallest sample has as well. */
const artist = (random: Chance): readonly unknown[] => [integer(random, 700)];
const album = (random: Chance): readonly unknown[] => [integer(random, 2500)];
const track = (random: Chance): readonly unknown[] => [integer(random, 20_000)];
const words = (random: Chance): Random => new Random(Math.floor(random() * 2 ** 31));
const sources = ['labelfeed', 'tunestore', 'musicwiki', 'radiolog', 'userlib'];
const languages = ['es', 'fr', 'de', 'pt', 'sv', 'pl', 'ru', 'ja'];

export const musicQueries: readonly BenchQuery[] = [
  {
    name: 'tracks of an artist, newest first',
    index: 'musicdb.tracks_artist_year_idx',
    sql: `select track_id, title, album_title, release_year from musicdb.tracks
           where artist_id = $1 order by release_year desc limit 50`,
    kind: 'filtered',
    parameters: artist,
  },
  {
    name: 'tracks of an album, in order',
    index: 'musicdb.tracks_album_number_idx',
    sql: `select track_number, title, duration_ms from musicdb.tracks where album_id = $1 order by track_number`,
    kind: 'filtered',
    parameters: album,
  },
  {
    name: 'albums of an artist, newest first',
    index: 'musicdb.albums_artist_year_idx',
    sql: `select album_id, title, release_year from musicdb.albums where artist_id = $1 order by release_year desc`,
    kind: 'filtered',
    parameters: artist,
  },
  {
    name: 'what a source delivered last',
    index: 'musicdb.tracks_source_created_idx',
    sql: `select track_id, title, artist_credit, created_at from musicdb.tracks
           where source = $1 and created_at < $2 order by created_at desc limit 50`,
    kind: 'filtered',
    parameters: (random) => [pick(random, sources), new Date(Date.UTC(2024, integer(random, 24), 1))],
  },
  {
    name: 'the queue: tracks still to be processed, oldest first',
    index: 'musicdb.tracks_unprocessed_idx',
    sql: `select track_id, external_id from musicdb.tracks
           where processing_status <> 'processed' and created_at > $1 order by created_at limit 100`,
    kind: 'filtered',
    parameters: (random) => [new Date(Date.UTC(2024, integer(random, 23), 1))],
  },
  {
    name: 'the charts',
    index: 'musicdb.tracks_popular_idx',
    sql: `select track_id, title, artist_credit, popularity from musicdb.tracks
           where popularity >= 40 order by popularity desc, track_id limit 100`,
    kind: 'filtered',
    parameters: () => [],
  },
  {
    name: 'tracks that lack something, newest first',
    index: 'musicdb.tracks_incomplete_idx',
    sql: `select track_id, external_id, title from musicdb.tracks
           where (artist_credit is null or album_title is null or release_year is null or duration_ms is null)
             and created_at < $1
           order by created_at desc limit 100`,
    kind: 'filtered',
    parameters: (random) => [new Date(Date.UTC(2024, integer(random, 24), 1))],
  },
  {
    name: 'the hits of a year',
    index: 'musicdb.tracks_year_popularity_idx',
    sql: `select title, artist_credit, popularity from musicdb.tracks
           where release_year = $1 order by popularity desc limit 50`,
    kind: 'filtered',
    parameters: (random) => [1970 + integer(random, 54)],
  },
  {
    name: 'releases of a label',
    index: 'musicdb.albums_label_year_idx',
    sql: `select title, album_type, release_year from musicdb.albums
           where label = (select label from musicdb.albums where album_id = $1) order by release_year desc limit 50`,
    kind: 'filtered',
    parameters: album,
  },
  {
    name: 'rows with the recording code of a track',
    index: 'musicdb.tracks_isrc_hash_idx',
    sql: `select track_id, source, title, artist_credit from musicdb.tracks
           where isrc = (select isrc from musicdb.tracks where track_id = $1)`,
    kind: 'filtered',
    parameters: track,
  },
  {
    name: 'tracks by key, tempo and language',
    index: 'musicdb.tracks_metadata_idx',
    sql: `select track_id, title, artist_credit from musicdb.tracks where metadata @> $1 limit 100`,
    kind: 'filtered',
    parameters: (random) => [
      { key: pick(random, KEYS), bpm: 100 + integer(random, 50), language: pick(random, languages) },
    ],
  },
  {
    name: 'tracks of two genres',
    index: 'musicdb.tracks_genres_idx',
    sql: `select track_id, title, artist_credit from musicdb.tracks
           where genres @> $1 order by popularity desc limit 50`,
    kind: 'filtered',
    parameters: (random) => [[pick(random, GENRES.slice(12, 24)), pick(random, GENRES.slice(24))]],
  },
  {
    name: 'titles that contain a text',
    index: 'musicdb.tracks_title_trgm_idx',
    sql: `select track_id, title, artist_credit from musicdb.tracks where title ilike $1 limit 50`,
    kind: 'filtered',
    parameters: (random) => [`%${englishSpeaker.name(words(random))}%`],
  },
  {
    name: 'albums whose title contains a text',
    index: 'musicdb.albums_title_trgm_idx',
    sql: `select album_id, title, release_year from musicdb.albums where title ilike $1 limit 20`,
    kind: 'filtered',
    parameters: (random) => [`%${englishSpeaker.name(words(random))}%`],
  },
  {
    name: 'the same artist and title, whatever the case',
    index: 'musicdb.tracks_credit_title_idx',
    sql: `select other.track_id, other.source, other.duration_ms
            from musicdb.tracks one
            join musicdb.tracks other
              on lower(other.artist_credit) = lower(one.artist_credit) and lower(other.title) = lower(one.title)
           where one.track_id = $1 and other.track_id <> one.track_id`,
    kind: 'filtered',
    parameters: track,
  },
  {
    name: 'what links to the page of a track',
    index: 'musicdb.tracks_page_idx',
    sql: `select track_id, title, source from musicdb.tracks
           where metadata -> 'links' ->> 'page' =
                 (select metadata -> 'links' ->> 'page' from musicdb.tracks where track_id = $1)`,
    kind: 'filtered',
    parameters: track,
  },
];
