-- MusicDB's indexes beside its keys: one for each documented query, and every foreign key among them.
-- The comment of an index names the query it serves; bench/sql/music_queries.ts has the queries. What has a unique
-- constraint (the external ids) needs no second index: a hash beside it would only cost every insert.

-- Trusted since PostgreSQL 13: the owner of the database may create it.
create extension if not exists pg_trgm schema public;

-- Composite: equality first, then the order that is asked for, so that nothing is sorted. The first three are the
-- foreign keys' indexes as well: without them, deleting an artist reads every album and every track.
create index if not exists tracks_artist_year_idx on musicdb.tracks (artist_id, release_year desc);
comment on index musicdb.tracks_artist_year_idx is 'Serves "tracks of an artist, newest first"; foreign key artist_id.';

create index if not exists tracks_album_number_idx on musicdb.tracks (album_id, track_number);
comment on index musicdb.tracks_album_number_idx is 'Serves "tracks of an album, in order"; foreign key album_id.';

create index if not exists albums_artist_year_idx on musicdb.albums (artist_id, release_year desc);
comment on index musicdb.albums_artist_year_idx is 'Serves "albums of an artist, newest first"; foreign key artist_id.';

create index if not exists tracks_source_created_idx on musicdb.tracks (source, created_at desc);
comment on index musicdb.tracks_source_created_idx is 'Serves "what a source delivered last".';

-- Partial: the few rows that somebody asks for again and again. Rows that leave the condition leave the index.
create index if not exists tracks_unprocessed_idx on musicdb.tracks (created_at)
  where processing_status <> 'processed';
comment on index musicdb.tracks_unprocessed_idx is 'Serves "the queue: tracks still to be processed, oldest first".';

create index if not exists tracks_popular_idx on musicdb.tracks (popularity desc, track_id)
  where popularity >= 40;
comment on index musicdb.tracks_popular_idx is 'Serves "the charts".';

create index if not exists tracks_incomplete_idx on musicdb.tracks (created_at desc)
  where artist_credit is null or album_title is null or release_year is null or duration_ms is null;
comment on index musicdb.tracks_incomplete_idx is 'Serves "tracks that lack something, newest first".';

-- Covering: what is shown comes from the index, and the table isn't read where VACUUM has been.
create index if not exists tracks_year_popularity_idx on musicdb.tracks (release_year, popularity desc)
  include (title, artist_credit);
comment on index musicdb.tracks_year_popularity_idx is 'Serves "the hits of a year", from the index alone.';

create index if not exists albums_label_year_idx on musicdb.albums (label, release_year desc)
  include (title, album_type);
comment on index musicdb.albums_label_year_idx is 'Serves "releases of a label", from the index alone.';

-- Hash: equality of a code that has no order worth keeping.
create index if not exists tracks_isrc_hash_idx on musicdb.tracks using hash (isrc);
comment on index musicdb.tracks_isrc_hash_idx is 'Serves "rows with the recording code of a track".';

-- GIN. jsonb_path_ops knows only @> (and paths), and is smaller and faster for it than the default.
create index if not exists tracks_metadata_idx on musicdb.tracks using gin (metadata jsonb_path_ops);
comment on index musicdb.tracks_metadata_idx is 'Serves "tracks by key, tempo and language".';

create index if not exists tracks_genres_idx on musicdb.tracks using gin (genres);
comment on index musicdb.tracks_genres_idx is 'Serves "tracks of two genres".';

-- The extension may have been put into any schema.
do $$
declare
  trgm constant name := (select extnamespace::regnamespace::name from pg_catalog.pg_extension where extname = 'pg_trgm');
begin
  execute format('create index if not exists tracks_title_trgm_idx on musicdb.tracks using gin (title %I.gin_trgm_ops)', trgm);
  execute format('create index if not exists albums_title_trgm_idx on musicdb.albums using gin (title %I.gin_trgm_ops)', trgm);
end
$$;
comment on index musicdb.tracks_title_trgm_idx is 'Serves "titles that contain a text".';
comment on index musicdb.albums_title_trgm_idx is 'Serves "albums whose title contains a text".';

-- Expression: the query must use the same expression.
create index if not exists tracks_credit_title_idx on musicdb.tracks (lower(artist_credit), lower(title));
comment on index musicdb.tracks_credit_title_idx is 'Serves "the same artist and title, whatever the case".';

create index if not exists tracks_page_idx on musicdb.tracks ((metadata -> 'links' ->> 'page'));
comment on index musicdb.tracks_page_idx is 'Serves "what links to the page of a track".';
