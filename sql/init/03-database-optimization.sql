-- MusicDB: functions that keep the catalogue in order. Needs the files of schema pgvigil.
-- Others are where they belong: bulk_insert_tracks in 04-bulk-load.sql, identify_incomplete_tracks in 05-data-quality.sql,
-- analyze_query_performance and check_index_usage, for any database, in schema pgvigil.

-- Trusted since PostgreSQL 13: the owner of the database may create it.
create extension if not exists pg_trgm schema public;

-- Which column is what, for find_duplicate_tracks() and the exporter alike.
create or replace function musicdb.duplicate_track_columns() returns jsonb
language sql immutable parallel safe
return '{"key": "track_id", "title": "title", "artist": "artist_credit", "album": "album_title", "year": "release_year",
  "duration": "duration_ms", "duration_unit": "ms", "isrc": "isrc", "updated_at": "updated_at"}'::jsonb;
comment on function musicdb.duplicate_track_columns() is 'Columns of tracks, as pgvigil.find_duplicates() wants them named.';

-- In PL/pgSQL, whose body depends on nothing: removing schema pgvigil need not remove this.
create or replace function musicdb.find_duplicate_tracks(
  threshold double precision default 0.5, lim integer default 1000, since timestamptz default null)
returns table (
  track_id bigint, duplicate_track_id bigint, score double precision, cluster bigint,
  title text, duplicate_title text, artist text, duplicate_artist text, reasons text[])
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    select x.track_id, y.track_id, d.score, d.cluster_key::bigint, x.title, y.title, x.artist_credit, y.artist_credit, d.reasons
      from pgvigil.find_duplicates('musicdb.tracks', musicdb.duplicate_track_columns(), threshold, lim, since) d
      join musicdb.tracks x on x.track_id = d.left_key::bigint
      join musicdb.tracks y on y.track_id = d.right_key::bigint
      order by d.score desc, x.track_id, y.track_id;
end
$$;
comment on function musicdb.find_duplicate_tracks(double precision, integer, timestamptz) is
  'Pairs of tracks that are probably the same recording, the likeliest first: score from threshold to 1, the lowest track_id of the cluster they are in, and what speaks for and against. At most lim pairs (NULL: all); with since only pairs with a track updated since then.';

do $$
begin
  if pg_catalog.to_regclass('pgvigil.duplicate_watch') is not null then
    insert into pgvigil.duplicate_watch (relation, map) values ('musicdb.tracks', musicdb.duplicate_track_columns())
      on conflict do nothing;
  end if;
end
$$;

revoke all on function musicdb.duplicate_track_columns(), musicdb.find_duplicate_tracks(double precision, integer, timestamptz)
  from public;
grant execute on function musicdb.duplicate_track_columns(), musicdb.find_duplicate_tracks(double precision, integer, timestamptz)
  to pgvigil_maintain;
