-- MusicDB: how tracks come in, many at a time. Two ways lead here, COPY (pgvigil etl load) and jsonb (bulk_insert_tracks):
--
--   stage      rows go into pg_temp.staged_tracks, columns typed as the target's but wider; one transaction is one batch
--   check      they go on into pg_temp.checked_tracks: those that break the rule with all their reasons, the others with
--              the ids of artist and album, and whether the track is there already
--   merge      what has no reasons is inserted, or updated where it says something new, by external_id
--   log_batch  rejects, counters and the position in the source are written down
--
-- Batches merge one after the other, and stage and check while others merge: what can be done early is done early.
-- All four stand in one transaction, so a batch is there with its rejects and its position, or not at all. Staging is a
-- temporary table: it writes no WAL, a killed session leaves nothing behind, and two sessions stage side by side. On a
-- commit it empties itself.
--
-- Who reads text into types? COPY could, but then one "2020x" ends the batch: ON_ERROR came with 17 and keeps no reason,
-- and neither pg_input_is_valid nor any other test of JSON is there before 16. Staging text and casting it here costs
-- regular expressions per row where rows must wait for one another. So whoever stages says of each value only whether it
-- can be read (an integer is /^-?[0-9]{1,18}$/, JSON is what a JSON parser takes) and names in `unreadable` the fields that
-- cannot; `broken` is a row without fields. What is allowed, and every word of a reason, is in check_staged_tracks() alone.
-- Both lists may err on the side of trust: what PostgreSQL itself then refuses becomes a reject with its message.

create or replace function musicdb.stage_tracks() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
begin
  create temporary table if not exists staged_tracks (
    line               bigint not null,
    external_id        text,
    title              text,
    artist_credit      text,
    album_title        text,
    artist_external_id text,
    album_external_id  text,
    track_number       bigint,
    duration_ms        bigint,
    release_year       bigint,
    isrc               text,
    genres             text[],
    popularity         bigint,
    metadata           jsonb,
    source             text,
    processing_status  text,
    unreadable         text[],
    broken             text
  ) on commit delete rows;
  create temporary table if not exists checked_tracks (
    like pg_temp.staged_tracks, artist_id bigint, album_id bigint, known boolean not null, reasons text[]
  ) on commit delete rows;
  -- An earlier call in the same transaction may have left its rows.
  if exists (select from pg_temp.staged_tracks) then
    truncate pg_temp.staged_tracks, pg_temp.checked_tracks;
  end if;
end
$$;
comment on function musicdb.stage_tracks() is
  'Makes the session''s empty pg_temp.staged_tracks: fill it, then check_staged_tracks(), merge_staged_tracks(), log_batch(), commit.';

-- The rule. NULL is "not given", and no rule speaks of it but the first two. The limits of length keep a damaged file's
-- half megabyte out of the indexes, whose entries end at 2704 bytes.
-- Lookups go by index, a batch against a catalogue. The planner, which knows nothing of a table filled a moment ago, or
-- remembers the catalogue as it was when it was empty, would read all artists once per batch, or once per row.
create or replace function musicdb.check_staged_tracks() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
begin
  insert into pg_temp.checked_tracks
  select s.*, a.artist_id, b.album_id, t.track_id is not null, nullif(case when s.broken is not null then array[s.broken]
  else array_remove(array[
    case when s.external_id is null and not 'external_id' = any (coalesce(s.unreadable, '{}'))
         then 'external_id: missing' end,
    case when length(s.external_id) > 200 then 'external_id: longer than 200 characters' end,
    case when s.title is null and not 'title' = any (coalesce(s.unreadable, '{}')) then 'title: missing' end,
    case when length(s.title) > 500 then 'title: longer than 500 characters' end,
    case when length(s.artist_credit) > 500 then 'artist_credit: longer than 500 characters' end,
    case when length(s.album_title) > 500 then 'album_title: longer than 500 characters' end,
    case when length(s.source) > 200 then 'source: longer than 200 characters' end,
    case when s.track_number not between 1 and 32767 then 'track_number: not between 1 and 32767' end,
    case when s.duration_ms not between 1 and 2147483647 then 'duration_ms: not between 1 and 2147483647' end,
    case when s.release_year not between 1000 and 2100 then 'release_year: not between 1000 and 2100' end,
    case when s.popularity not between 0 and 100 then 'popularity: not between 0 and 100' end,
    case when s.isrc !~ '^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$'
         then 'isrc: not two letters, three letters or digits and seven digits' end,
    case when jsonb_typeof(s.metadata) <> 'object' then 'metadata: not a JSON object' end,
    case when s.processing_status not in ('pending', 'processed', 'failed')
         then 'processing_status: not pending, processed or failed' end,
    case when s.artist_external_id is not null and a.artist_id is null
         then 'artist_external_id: no such artist' end,
    case when s.album_external_id is not null and b.album_id is null
         then 'album_external_id: no such album' end
  ], null) || case when s.unreadable is not null then array(
    select name || case
             when name in ('track_number', 'duration_ms', 'release_year', 'popularity')
             then ': not a whole number of at most 18 digits'
             when name = 'genres' then ': not a list of texts'
             when name = 'metadata' then ': not JSON'
             when to_jsonb(s) - '{line,unreadable,broken}'::text[] ? name then ': not a text'
             else ': no such field' end
      from unnest(s.unreadable) name
  ) else '{}' end end, '{}')
    from pg_temp.staged_tracks s
    left join musicdb.artists a on a.external_id = s.artist_external_id
    left join musicdb.albums b on b.external_id = s.album_external_id
    left join musicdb.tracks t on t.external_id = s.external_id;

  -- The same id several times in one batch is as if its rows came one after the other (what the later one leaves out
  -- stays as the earlier one said), but the row is written once: an UPDATE may change a row only once per statement.
  if exists (select from pg_temp.checked_tracks c where c.reasons is null group by c.external_id having count(*) > 1) then
    with repeated as (
      delete from pg_temp.checked_tracks c
       where c.ctid = any (array(
               select r.place
                 from (select i.ctid as place, count(*) over (partition by i.external_id) as times
                         from pg_temp.checked_tracks i where i.reasons is null) r
                where r.times > 1))
      returning c.*
    )
    insert into pg_temp.checked_tracks
    select folded.*
      from (select jsonb_object_agg(field.key, field.value order by r.line) as fields
              from repeated r, jsonb_each(to_jsonb(r)) field
             where field.value <> 'null'
             group by r.external_id) last,
           jsonb_populate_record(null::pg_temp.checked_tracks, last.fields) folded;
  end if;
end
$$;
comment on function musicdb.check_staged_tracks() is
  'The one rule of what a track may be: copies pg_temp.staged_tracks to pg_temp.checked_tracks, with the reasons against each row.';

-- What a row leaves out stays as it is, so that a file of two columns empties no others; erasing is an UPDATE's business.
-- A plain INSERT of what is missing beats ON CONFLICT, which locks and thereby writes every row that is there already,
-- changed or not. Another session, or the batch before, may have inserted the same id since the check: then what is known
-- is brought up to date, and all is tried again. Anything else that a table refuses (an index entry too long, somebody's
-- trigger) is found by halving the lines until one is left, and that one is refused.
create or replace function musicdb.upsert_staged_tracks(
  first_line bigint, last_line bigint, default_source text, out inserted bigint, out updated bigint
)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
declare
  middle constant bigint := (first_line + last_line) >> 1;
begin
  updated := 0;
  insert into musicdb.tracks (external_id, title, artist_credit, album_title, artist_id, album_id, track_number,
    duration_ms, release_year, isrc, genres, popularity, metadata, source, processing_status)
  select c.external_id, c.title, c.artist_credit, c.album_title, c.artist_id, c.album_id, c.track_number,
         c.duration_ms, c.release_year, c.isrc, coalesce(c.genres, '{}'), coalesce(c.popularity, 0),
         coalesce(c.metadata, '{}'), coalesce(c.source, default_source), coalesce(c.processing_status, 'pending')
    from pg_temp.checked_tracks c
   where c.reasons is null and not c.known and c.line between first_line and last_line;
  get diagnostics inserted = row_count;

  if exists (select from pg_temp.checked_tracks c
              where c.reasons is null and c.known and c.line between first_line and last_line) then
    update musicdb.tracks t
       set (title, artist_credit, album_title, artist_id, album_id, track_number, duration_ms, release_year, isrc,
            genres, popularity, metadata, source, processing_status, updated_at)
         = row (c.title, coalesce(c.artist_credit, t.artist_credit), coalesce(c.album_title, t.album_title),
            coalesce(c.artist_id, t.artist_id), coalesce(c.album_id, t.album_id),
            coalesce(c.track_number, t.track_number), coalesce(c.duration_ms, t.duration_ms),
            coalesce(c.release_year, t.release_year), coalesce(c.isrc, t.isrc), coalesce(c.genres, t.genres),
            coalesce(c.popularity, t.popularity), coalesce(c.metadata, t.metadata), coalesce(c.source, t.source),
            coalesce(c.processing_status, t.processing_status), now())
      from pg_temp.checked_tracks c
     where c.reasons is null and c.known and c.line between first_line and last_line
       and t.external_id = c.external_id
       and (c.title <> t.title
         or c.artist_credit is not null and c.artist_credit is distinct from t.artist_credit
         or c.album_title is not null and c.album_title is distinct from t.album_title
         or c.artist_id is not null and c.artist_id is distinct from t.artist_id
         or c.album_id is not null and c.album_id is distinct from t.album_id
         or c.track_number is not null and c.track_number is distinct from t.track_number
         or c.duration_ms is not null and c.duration_ms is distinct from t.duration_ms
         or c.release_year is not null and c.release_year is distinct from t.release_year
         or c.isrc is not null and c.isrc is distinct from t.isrc
         or c.genres is not null and c.genres <> t.genres
         or c.popularity is not null and c.popularity <> t.popularity
         or c.metadata is not null and c.metadata <> t.metadata
         or c.source is not null and c.source <> t.source
         or c.processing_status is not null and c.processing_status <> t.processing_status);
    get diagnostics updated = row_count;
  end if;
exception
  when data_exception or integrity_constraint_violation or program_limit_exceeded or raise_exception then
    update pg_temp.checked_tracks c set known = true
      from musicdb.tracks t
     where not c.known and c.line between first_line and last_line and t.external_id = c.external_id;
    if found then
      select u.inserted, u.updated into inserted, updated
        from musicdb.upsert_staged_tracks(first_line, last_line, default_source) u;
    elsif first_line < last_line then
      select sum(u.inserted), sum(u.updated) into inserted, updated
        from (values (first_line, middle), (middle + 1, last_line)) half (first, last),
             musicdb.upsert_staged_tracks(half.first, half.last, default_source) u;
    else
      update pg_temp.checked_tracks c set reasons = array['refused by the table: ' || sqlerrm]
       where c.line = first_line and c.reasons is null;
      inserted := 0;
      updated := 0;
    end if;
end
$$;
comment on function musicdb.upsert_staged_tracks(bigint, bigint, text) is
  'Inserts or updates the good rows of pg_temp.checked_tracks in these lines; what the table refuses gets its reason.';

create or replace function musicdb.merge_staged_tracks(
  default_source text, out inserted bigint, out updated bigint, out refused bigint[]
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  select u.inserted, u.updated into inserted, updated
    from (select coalesce(min(c.line), 0) as first, coalesce(max(c.line), 0) as last from pg_temp.checked_tracks c) lines,
         musicdb.upsert_staged_tracks(lines.first, lines.last, default_source) u;
  refused := array(select c.line from pg_temp.checked_tracks c where c.reasons is not null order by c.line);
end
$$;
comment on function musicdb.merge_staged_tracks(text) is
  'Inserts or updates what check_staged_tracks() left; gives how many rows it wrote, and the lines that were refused.';

-- Whoever staged the rows has them whole, so only the refused ones travel again. One that is left out violates NOT NULL:
-- a reject cannot be forgotten. first_byte is where the run must stand: a process that has lost the lock of its file to
-- another, and does not know yet, must not count a batch twice.
create or replace function musicdb.log_batch(
  run_id bigint, first_byte bigint, position_bytes bigint, rows_read bigint, inserted bigint, updated bigint,
  lines bigint[], contents text[]
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  rejected bigint;
begin
  insert into musicdb.rejected_tracks (run_id, line, external_id, reasons, content)
  select log_batch.run_id, c.line, c.external_id, c.reasons, given.content
    from pg_temp.checked_tracks c
    left join unnest(log_batch.lines, log_batch.contents) given (line, content) using (line)
   where c.reasons is not null;
  get diagnostics rejected = row_count;

  update musicdb.ingestion_log l
     set rows_read = l.rows_read + log_batch.rows_read,
         rows_inserted = l.rows_inserted + inserted,
         rows_updated = l.rows_updated + updated,
         rows_unchanged = l.rows_unchanged + log_batch.rows_read - inserted - updated - rejected,
         rows_rejected = l.rows_rejected + rejected,
         position_bytes = log_batch.position_bytes,
         heartbeat_at = clock_timestamp()
   where l.run_id = log_batch.run_id and l.position_bytes = first_byte and l.state = 'running';
  if not found then
    raise object_not_in_prerequisite_state using
      message = format('run %s does not stand at byte %s any more', log_batch.run_id, first_byte),
      hint = 'Another load of the same file has taken it over, or its row in musicdb.ingestion_log was deleted.';
  end if;
end
$$;
comment on function musicdb.log_batch(bigint, bigint, bigint, bigint, bigint, bigint, bigint[], text[]) is
  'Writes a merged batch down: its rejects with their contents, what it counted, and how far the source is read.';

-- The jsonb reader: fields by kind, as the reader of files does it.
create or replace function musicdb.stage_json_tracks(tracks jsonb) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform musicdb.stage_tracks();
  insert into pg_temp.staged_tracks
  select e.line, t.external_id, t.title, t.artist_credit, t.album_title, t.artist_external_id, t.album_external_id,
         t.track_number, t.duration_ms, t.release_year, t.isrc, t.genres, t.popularity, t.metadata, t.source,
         t.processing_status, nullif(f.unreadable, '{}'),
         case when jsonb_typeof(e.track) <> 'object' then 'not a JSON object' end
    from jsonb_array_elements(stage_json_tracks.tracks) with ordinality e (track, line)
   cross join lateral (
     select jsonb_object_agg(v.key, v.value) filter (where v.readable) as fields,
            array_agg(v.key order by v.key) filter (where not v.readable) as unreadable
       from (select field.key, field.value,
                    case
                      when field.key in ('external_id', 'title', 'artist_credit', 'album_title', 'artist_external_id',
                                         'album_external_id', 'isrc', 'source', 'processing_status')
                      then jsonb_typeof(field.value) in ('string', 'number')
                      when field.key in ('track_number', 'duration_ms', 'release_year', 'popularity')
                      then field.value #>> '{}' ~ '^-?[0-9]{1,18}$'
                      when field.key = 'genres'
                      then jsonb_typeof(field.value) = 'array'
                       and not jsonb_path_exists(field.value, 'strict $[*] ? (@.type() <> "string")')
                      else field.key = 'metadata'
                    end as readable
               from jsonb_each(case jsonb_typeof(e.track) when 'object' then e.track else '{}' end) field
              where field.value not in ('null', '""')) v
   ) f
   cross join lateral jsonb_populate_record(null::pg_temp.staged_tracks, coalesce(f.fields, '{}')) t;
end
$$;
comment on function musicdb.stage_json_tracks(jsonb) is 'Fills pg_temp.staged_tracks from an array of objects.';

-- Who may load is whom the owner of the tables lets write them: these functions run with their caller's rights.
revoke all on function
  musicdb.stage_tracks(), musicdb.stage_json_tracks(jsonb), musicdb.check_staged_tracks(),
  musicdb.upsert_staged_tracks(bigint, bigint, text), musicdb.merge_staged_tracks(text),
  musicdb.log_batch(bigint, bigint, bigint, bigint, bigint, bigint, bigint[], text[]) from public;

-- Many tracks in one call: a batch of its own, with a run of its own in the log.
create or replace function musicdb.bulk_insert_tracks(tracks jsonb, source text default 'bulk_insert_tracks')
returns table (
  run_id bigint, rows_read bigint, inserted bigint, updated bigint, unchanged bigint, rejected bigint
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  most constant integer := 100000;
  run bigint;
  merged record;
begin
  if jsonb_typeof(bulk_insert_tracks.tracks) is distinct from 'array' then
    raise invalid_parameter_value using
      message = format('tracks is not a JSON array but %s', coalesce(jsonb_typeof(bulk_insert_tracks.tracks), 'NULL')),
      hint = 'Give an array of objects: [{"external_id": "…", "title": "…"}, …].';
  elsif jsonb_array_length(bulk_insert_tracks.tracks) > most then
    raise program_limit_exceeded using
      message = format('tracks has %s elements, more than %s', jsonb_array_length(bulk_insert_tracks.tracks), most),
      hint = 'Cut it into several calls, or load it as a file: pgvigil etl load.';
  elsif coalesce(bulk_insert_tracks.source, '') = '' then
    raise invalid_parameter_value using message = 'source is empty', hint = 'Say where the tracks come from.';
  end if;

  insert into musicdb.ingestion_log (source) values (bulk_insert_tracks.source) returning run_id into run;
  perform musicdb.stage_json_tracks(bulk_insert_tracks.tracks);
  perform musicdb.check_staged_tracks();
  select * into merged from musicdb.merge_staged_tracks(bulk_insert_tracks.source);
  perform musicdb.log_batch(run, 0, 0, jsonb_array_length(bulk_insert_tracks.tracks), merged.inserted, merged.updated,
    merged.refused, array(select (bulk_insert_tracks.tracks -> (line - 1)::integer)::text
                            from unnest(merged.refused) with ordinality refused (line, place) order by place));
  return query
    update musicdb.ingestion_log l set state = 'done', finished_at = clock_timestamp() where l.run_id = run
    returning l.run_id, l.rows_read, l.rows_inserted, l.rows_updated, l.rows_unchanged, l.rows_rejected;
end
$$;
comment on function musicdb.bulk_insert_tracks(jsonb, text) is
  'Inserts or updates an array of tracks by external_id, all in one statement; bad ones go to musicdb.rejected_tracks with '
  'every reason. A repeat changes nothing. rows_read = inserted + updated + unchanged + rejected.';
revoke all on function musicdb.bulk_insert_tracks(jsonb, text) from public;
