-- MusicDB: artists, albums and tracks as several catalogues deliver them, and a log of what was ingested.
-- Re-runnable: it creates what is missing and changes nothing that is there.
-- The keys are here; every other index is in 02-performance-indexes.sql, so that a load can run before them.

create schema if not exists musicdb;
comment on schema musicdb is 'Sample database of pgvigil: a music catalogue fed by several sources.';

create table if not exists musicdb.artists (
  artist_id   bigint generated always as identity primary key,
  external_id text not null unique check (external_id <> ''),
  name        text not null check (name <> ''),
  country     text check (country ~ '^[A-Z]{2}$'),
  formed_year smallint check (formed_year between 1000 and 2100),
  genres      text[] not null default '{}',
  metadata    jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now()
);

create table if not exists musicdb.albums (
  album_id     bigint generated always as identity primary key,
  external_id  text not null unique check (external_id <> ''),
  artist_id    bigint not null references musicdb.artists,
  title        text not null check (title <> ''),
  album_type   text not null default 'album' check (album_type in ('album', 'single', 'ep', 'compilation', 'live')),
  release_year smallint check (release_year between 1000 and 2100),
  label        text,
  genres       text[] not null default '{}',
  metadata     jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);

create table if not exists musicdb.tracks (
  track_id          bigint generated always as identity primary key,
  external_id       text not null unique check (external_id <> ''),
  title             text not null check (title <> ''),
  artist_credit     text,
  album_title       text,
  artist_id         bigint references musicdb.artists,
  album_id          bigint references musicdb.albums,
  track_number      smallint check (track_number > 0),
  duration_ms       integer check (duration_ms > 0),
  release_year      smallint check (release_year between 1000 and 2100),
  isrc              text check (isrc ~ '^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$'),
  genres            text[] not null default '{}',
  popularity        smallint not null default 0 check (popularity between 0 and 100),
  metadata          jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  source            text not null check (source <> ''),
  processing_status text not null default 'pending' check (processing_status in ('pending', 'processed', 'failed')),
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now()
);
comment on column musicdb.tracks.external_id is 'The source''s own id, prefixed by the source: what an upsert goes by.';
comment on column musicdb.tracks.artist_credit is 'The artist as the source spells it; artist_id is whom we take that to be.';
comment on column musicdb.tracks.album_title is 'The album as the source spells it; album_id is what we take that to be.';
comment on column musicdb.tracks.isrc is 'International Standard Recording Code, without hyphens.';

-- One row per run of an ingestion. What it counts only grows while the run lasts, so sums over it are counters.
create table if not exists musicdb.ingestion_log (
  run_id         bigint generated always as identity primary key,
  source         text not null,
  fingerprint    text,
  state          text not null default 'running' check (state in ('running', 'done', 'failed', 'interrupted')),
  rows_read      bigint not null default 0,
  rows_inserted  bigint not null default 0,
  rows_updated   bigint not null default 0,
  rows_unchanged bigint not null default 0,
  rows_rejected  bigint not null default 0,
  position_bytes bigint not null default 0,
  size_bytes     bigint,
  error          text,
  started_at     timestamptz not null default clock_timestamp(),
  heartbeat_at   timestamptz not null default clock_timestamp(),
  finished_at    timestamptz,
  check (rows_read = rows_inserted + rows_updated + rows_unchanged + rows_rejected)
);
comment on column musicdb.ingestion_log.source is 'The file''s name, or what called.';
comment on column musicdb.ingestion_log.fingerprint is 'Of the file''s content: the same file is taken up where it stopped.';
comment on column musicdb.ingestion_log.position_bytes is 'Everything before it is in the tables or among the rejects; a repeat goes on from here.';

create table if not exists musicdb.rejected_tracks (
  reject_id   bigint generated always as identity primary key,
  run_id      bigint not null references musicdb.ingestion_log on delete cascade,
  line        bigint not null,
  external_id text,
  reasons     text[] not null check (reasons <> '{}'),
  content     text not null,
  rejected_at timestamptz not null default clock_timestamp(),
  unique (run_id, line)
);
comment on table musicdb.rejected_tracks is 'Rows that were not taken, whole, each with every reason.';
comment on column musicdb.rejected_tracks.line is 'Line of the file where the record begins, from 1; of an array, the number of the element, from 1.';

-- Only the generator of the sample data writes here: what is true of the tracks it made.
create table if not exists musicdb.sample_truth (
  external_id text primary key,
  entity      bigint not null,
  kind        text not null,
  missing     text[] not null default '{}'
);
comment on table musicdb.sample_truth is 'For every generated track, which recording it really is. Tracks with the same entity are duplicates.';
comment on column musicdb.sample_truth.kind is 'original, the kind of corruption of a duplicate, or the kind of a hard negative (hard_…).';
comment on column musicdb.sample_truth.missing is 'Fields that the generator left out.';
