-- MusicDB: which tracks lack what, where it could be had from, and how the ingestion is going.

-- The rules are data, the worst first; the functions below are built from them. `broken` is a condition on a track t.
-- `cure` is a text, or NULL where nothing is known, from the track's album al, its artist ar and another row o with the
-- same recording code, each of which may be absent.
create or replace function musicdb.incomplete_rules()
  returns table (rule text, severity text, broken text, cure text)
  language sql immutable parallel safe
as $$
  values
    ('missing_artist', 'high', 't.artist_credit is null',
     '''artist_credit = '' || quote_literal(coalesce(ar.name, o.artist_credit))'),
    -- The length is looked at first: that costs next to nothing and settles most rows.
    ('placeholder_artist', 'high',
     'octet_length(t.artist_credit) <= 15 and lower(t.artist_credit) in (''unknown artist'', ''unknown'', ''[unknown]'', ''various artists'', ''n/a'')',
     '''artist_credit = '' || quote_literal(coalesce(ar.name, o.artist_credit))'),
    ('placeholder_title', 'high',
     'octet_length(t.title) <= 16 and t.title ~* ''^((audio )?track ?\d+|\[?(unknown|untitled|no title)\]?)$''',
     '''title = '' || quote_literal(o.title)'),
    ('missing_album', 'medium', 't.album_title is null',
     '''album_title = '' || quote_literal(coalesce(al.title, o.album_title))'),
    ('missing_year', 'medium', 't.release_year is null',
     '''release_year = '' || coalesce(al.release_year, o.release_year)'),
    -- 1900 is what programs write that know no NULL; a release is announced a year ahead at most.
    ('implausible_year', 'medium',
     't.release_year <= 1900 or make_date(t.release_year - 1, 1, 1) > t.created_at at time zone ''UTC''',
     '''release_year = '' || coalesce(al.release_year, o.release_year)'),
    ('missing_duration', 'medium', 't.duration_ms is null',
     '''duration_ms = '' || o.duration_ms'),
    -- Between five seconds and three hours.
    ('implausible_duration', 'medium', 't.duration_ms not between 5000 and 10800000',
     '''duration_ms = '' || o.duration_ms'),
    ('missing_isrc', 'low', 't.isrc is null', 'null'),
    ('missing_genres', 'low', 't.genres = ''{}''',
     '''genres = '' || quote_literal(coalesce(nullif(al.genres, ''{}''), nullif(ar.genres, ''{}''), nullif(o.genres, ''{}''))::text)')
$$;
comment on function musicdb.incomplete_rules() is
  'What makes a track incomplete: the rule''s name, how bad that is (high, medium, low), when it is broken, what may mend it.';

create or replace function musicdb.identify_incomplete_tracks(rules text[] default null, lim integer default 100)
  returns table (track_id bigint, external_id text, title text, violated text[], severity text, suggestion text)
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  known constant text[] := array(select r.rule from musicdb.incomplete_rules() r);
  unknown constant text[] := array(select c from unnest(rules) c where c is null or c <> all (known));
  conditions text;
  cures text;
begin
  if unknown <> '{}' then
    raise invalid_parameter_value using
      message = format('rules: there is no rule %s', array_to_string(unknown, ', ', 'NULL')),
      hint = format('There are: %s. Without any, all are applied.', array_to_string(known, ', '));
  end if;
  select string_agg(format('case when %s then %L end', r.broken, r.rule), ', ' order by r.place),
         string_agg(format('case when %L = any (f.violated) then %s end', r.rule, r.cure), ', ' order by r.place)
    into conditions, cures
    from musicdb.incomplete_rules() with ordinality r (rule, severity, broken, cure, place)
   where rules is null or r.rule = any (rules);
  if conditions is null then
    return;
  end if;
  -- What could mend a row is looked up for those alone that are given out.
  return query execute format($query$
    with faulty as (
      select t.*, array_remove(array[%s], null) as violated from musicdb.tracks t
    ),
    worst as (
      select f.*, r.severity, array_position(array['high', 'medium', 'low'], r.severity) as rank
        from faulty f
        join musicdb.incomplete_rules() r on r.rule = f.violated[1]
       order by rank, f.track_id
       limit $1
    )
    select f.track_id, f.external_id, f.title, f.violated, f.severity, nullif(concat_ws('; ', %s), '')
      from worst f
      left join musicdb.albums al on al.album_id = f.album_id
      left join musicdb.artists ar on ar.artist_id = f.artist_id
      left join lateral (select * from musicdb.tracks o
                          where o.isrc = f.isrc and o.track_id <> f.track_id
                          order by o.track_id limit 1) o on true
     order by f.rank, f.track_id$query$, conditions, cures)
    using lim;
end
$$;
comment on function musicdb.identify_incomplete_tracks(text[], integer) is
  'Tracks that break one of the rules (all of musicdb.incomplete_rules() unless named), the worst first, with the rules '
  'they break and what could mend them: the value of their album, their artist or a row with the same recording code.';

create or replace function musicdb.incomplete_summary()
  returns table (rule text, tracks bigint)
  language plpgsql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
declare
  known constant text[] := array(select r.rule from musicdb.incomplete_rules() r);
  counts text;
begin
  select string_agg(format('count(*) filter (where %s)', r.broken), ', ' order by r.place)
    into counts
    from musicdb.incomplete_rules() with ordinality r (rule, severity, broken, cure, place);
  return query execute format($query$
    select s.rule, s.tracks
      from (select array[%s] as found from musicdb.tracks t) c
     cross join unnest($1, c.found) as s (rule, tracks)$query$, counts)
    using known;
end
$$;
comment on function musicdb.incomplete_summary() is
  'How many tracks break each rule; a track that breaks several is counted in each. Reads the table once.';

create or replace function musicdb.ingestion_summary()
  returns table (
    rows_read bigint, rows_inserted bigint, rows_updated bigint, rows_unchanged bigint, rows_rejected bigint,
    runs bigint, runs_running bigint, runs_done bigint, runs_failed bigint, runs_interrupted bigint,
    last_heartbeat_at timestamptz, last_finished_at timestamptz, last_rows_per_second double precision)
  language sql stable security definer
  set search_path = pg_catalog, pg_temp
as $$
  select coalesce(sum(l.rows_read), 0)::bigint,
         coalesce(sum(l.rows_inserted), 0)::bigint,
         coalesce(sum(l.rows_updated), 0)::bigint,
         coalesce(sum(l.rows_unchanged), 0)::bigint,
         coalesce(sum(l.rows_rejected), 0)::bigint,
         count(*),
         count(*) filter (where l.state = 'running'),
         count(*) filter (where l.state = 'done'),
         count(*) filter (where l.state = 'failed'),
         count(*) filter (where l.state = 'interrupted'),
         max(l.heartbeat_at),
         max(l.finished_at),
         (select f.rows_read / nullif(extract(epoch from f.finished_at - f.started_at), 0)::double precision
            from musicdb.ingestion_log f
           where f.state = 'done' and f.finished_at is not null
           order by f.finished_at desc, f.run_id desc
           limit 1)
    from musicdb.ingestion_log l
$$;
comment on function musicdb.ingestion_summary() is
  'All runs together: the rows are counters as long as no run is deleted from musicdb.ingestion_log, the runs by state '
  'are not. The rate is of the run that was done last.';

-- Whoever may read the tables may be given identify_incomplete_tracks; the exporter gets numbers only.
revoke all on function
  musicdb.incomplete_rules(), musicdb.identify_incomplete_tracks(text[], integer),
  musicdb.incomplete_summary(), musicdb.ingestion_summary()
  from public;
grant usage on schema musicdb to pgvigil_monitor;
grant execute on function musicdb.incomplete_summary(), musicdb.ingestion_summary() to pgvigil_monitor;
