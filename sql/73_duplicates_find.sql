-- Duplicates, 4 of 4: the functions that people and the exporter call.

-- The statement that reads the records. Every mistake in the map ends here, with its cure.
create or replace function pgvigil.duplicate_source(relation regclass, map jsonb) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  roles constant text[] := array['key', 'title', 'artist', 'album', 'year', 'duration', 'duration_unit', 'isrc', 'updated_at'];
  -- Categories of pg_type: S text, N number, D date, T interval, E enum, U others (such as uuid).
  allowed constant jsonb := '{"key": "SNDTEUI", "title": "SE", "artist": "SE", "album": "SE",
    "year": "SND", "duration": "SNT", "isrc": "S", "updated_at": "D"}';
  expressions jsonb := '{}';
  role text;
  name text;
  typ regtype;
  category text;
begin
  if relation is null then
    raise exception 'relation is NULL' using errcode = 'null_value_not_allowed', hint = 'Name the table whose rows are to be compared.';
  elsif map is null or jsonb_typeof(map) <> 'object' then
    raise exception 'map is not a JSON object' using errcode = 'invalid_parameter_value',
      hint = 'Give one such as {"key": "id", "title": "name", "artist": "artist"}.';
  end if;
  for role, name in select * from jsonb_each_text(map) loop
    if role <> all (roles) then
      raise exception 'map: unknown role "%"', role using errcode = 'invalid_parameter_value',
        hint = 'Roles are ' || array_to_string(roles, ', ') || '.';
    elsif jsonb_typeof(map -> role) <> 'string' then
      raise exception 'map: "%" is not the name of a column', role using errcode = 'invalid_parameter_value',
        hint = 'Give a string, or leave the role out.';
    elsif role = 'duration_unit' then
      if name not in ('s', 'ms') then
        raise exception 'map: duration_unit is "%"', name using errcode = 'invalid_parameter_value',
          hint = 'It is s or ms; without it, plain numbers are seconds, from 10,000 on milliseconds.';
      end if;
      continue;
    end if;
    select a.atttypid, t.typcategory into typ, category
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = relation and a.attname = name and a.attnum > 0 and not a.attisdropped;
    if not found then
      raise exception 'map: % has no column "%" for %', relation, name, role using errcode = 'undefined_column',
        hint = (select 'Its columns are ' || string_agg(attname, ', ' order by attnum) || '.' from pg_attribute
          where attrelid = relation and attnum > 0 and not attisdropped);
    elsif strpos(allowed ->> role, category) = 0 or typ in ('json'::regtype, 'jsonb'::regtype, 'bytea'::regtype) then
      raise exception 'map: column "%" is of type %, which cannot be %', name, typ, role using errcode = 'datatype_mismatch',
        hint = case role when 'updated_at' then 'It is a timestamp or a date.' when 'year' then 'It is a number, a date or a text.'
          when 'duration' then 'It is a number, an interval or a text.' else 'It is a text.' end;
    end if;
    expressions := expressions || jsonb_build_object(role, format('%I', name)
      || case when role <> 'updated_at' then '::text' else '' end);
  end loop;
  if not map ?& array['key', 'title'] then
    raise exception 'map: % is missing', case when map ? 'key' then 'title' else 'key' end using errcode = 'invalid_parameter_value',
      hint = 'The column that identifies a row ("key") and the one that names it ("title") are needed; all others help.';
  end if;
  name := expressions ->> 'year';
  expressions := expressions || jsonb_build_object('year',
    case when name ~ '::text$' then format('pgvigil.duplicate_year(%s)', name) else name end);
  name := expressions ->> 'duration';
  expressions := expressions || jsonb_build_object('duration',
    case when name is not null then format('pgvigil.duplicate_seconds(%s, %L)', name, map ->> 'duration_unit') end);
  return format(
    'select %s as key, %s as changed, pgvigil.duplicate_features(%s, %s, %s, %s, %s, %s) as f from %s where %s is not null',
    expressions ->> 'key',
    coalesce((expressions ->> 'updated_at') || ' >= $1', 'null::boolean'),
    expressions ->> 'title',
    -- Where no column says who plays, nobody is missing: all are by the same.
    coalesce(expressions ->> 'artist', quote_literal('anybody')), coalesce(expressions ->> 'album', 'null'),
    coalesce(expressions ->> 'year', 'null'), coalesce(expressions ->> 'duration', 'null'),
    coalesce(expressions ->> 'isrc', 'null'), relation, expressions ->> 'key');
end
$$;
comment on function pgvigil.duplicate_source(regclass, jsonb) is 'The statement by which find_duplicates reads a relation; raises what is wrong with the map.';

create or replace function pgvigil.duplicate_likeness(field text, likeness real) returns text
language sql immutable parallel safe
return case when likeness >= 0.999 then 'same ' || field
  when likeness >= 0.5 then 'similar ' || field || ' (' || pg_catalog.round(likeness::numeric, 2) || ')'
  when likeness is not null then 'different ' || field || ' (' || pg_catalog.round(likeness::numeric, 2) || ')' end;
comment on function pgvigil.duplicate_likeness(text, real) is 'A similarity in words.';

create or replace function pgvigil.duplicate_reasons(found jsonb) returns text[]
language sql immutable parallel safe
return pg_catalog.array_remove(array[
  case when (found ->> 'same_isrc')::boolean then 'same ISRC'
    when not (found ->> 'same_isrc')::boolean then 'different ISRC' end,
  case when (found ->> 'swapped')::boolean then 'title and artist exchanged' end,
  pgvigil.duplicate_likeness('title', (found ->> 'title')::real),
  pgvigil.duplicate_likeness('artist', (found ->> 'artist')::real),
  pgvigil.duplicate_likeness('album', (found ->> 'album')::real),
  case (found ->> 'years')::integer when 0 then 'same year' when 1 then 'years differ by 1'
    else 'years differ by ' || (found ->> 'years') end,
  'duration differs by ' || pg_catalog.round((found ->> 'seconds')::numeric, 1) || ' s',
  case when not (found ->> 'same_kind')::boolean then 'one title says '
    || coalesce(pgvigil.duplicate_kind_names((found ->> 'x_kinds')::integer), 'nothing')
    || ', the other ' || coalesce(pgvigil.duplicate_kind_names((found ->> 'y_kinds')::integer), 'nothing') end,
  case when not (found ->> 'same_number')::boolean then 'numbers in the titles differ' end,
  case when not (found ->> 'same_album_kind')::boolean then 'one album says live, remastered or the like, the other does not' end], null);
comment on function pgvigil.duplicate_reasons(jsonb) is 'What speaks for and against a pair, in words.';

create or replace function pgvigil.find_duplicates(
  relation regclass, map jsonb, threshold double precision default 0.5, lim integer default 1000, since timestamptz default null)
returns table (left_key text, right_key text, score double precision, cluster_key text, reasons text[])
language plpgsql stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
-- The planner cannot know how many rows a step yields; these are the plans that end well in any case.
set enable_nestloop = off
set enable_mergejoin = off
set jit = off
set work_mem = '160MB'
set min_parallel_table_scan_size = 0
set parallel_setup_cost = 10
as $$
declare
  source text := pgvigil.duplicate_source(relation, map);
  trgm text := (select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'pg_trgm');
  a integer[];
  b integer[];
  scores real[];
  left_keys text[];
  right_keys text[];
  found jsonb[];
  clusters integer[];
begin
  if threshold is null or not threshold between 0.05 and 1 then
    raise exception 'threshold is %', coalesce(threshold::text, 'NULL') using errcode = 'invalid_parameter_value',
      hint = 'Give 0.05 to 1. 0.5 is "rather yes than no"; above it there are fewer and surer pairs.';
  elsif lim < 0 then
    raise exception 'lim is %', lim using errcode = 'invalid_parameter_value', hint = 'Give 0 or more; NULL for all pairs.';
  elsif trgm is null then
    raise exception 'the extension pg_trgm is not installed in this database' using errcode = 'undefined_object',
      hint = 'create extension pg_trgm;';
  elsif since is not null and not map ? 'updated_at' then
    raise exception 'since needs to know when a row changed' using errcode = 'invalid_parameter_value',
      hint = 'Add "updated_at", with the name of the column, to map.';
  end if;
  execute format(replace($sql$
    with record as materialized (
      select row_number() over (order by length(s.key), s.key collate "C")::integer as id, s.key, s.changed,
        (s.f).title, (s.f).kinds, (s.f).detail, (s.f).numbers, (s.f).artist, (s.f).album, (s.f).album_kinds,
        (s.f).year, (s.f).seconds, (s.f).isrc, (s.f).keys
      from (%s offset 0) s),
    -- A key is worth ln(N / n) where n records have it.
    -- Of interest are only those of changed rows, if since is given.
    keyed as materialized (
      select * from (select id, changed, seconds, unnest(keys) as k from record) s
      where $1 is null or k in (select unnest(keys) from record where changed)),
    shared as materialized (
      select k, count(*) as n, ln((select count(*) from record)::double precision / count(*)) as weight from keyed
      group by k having count(*) between 2 and 25),
    rare as materialized (select id, changed, seconds, k, n, weight from keyed join shared using (k)),
    -- Two records meet under a key that five have at most, or under several.
    candidate as materialized (
      select x.id as a, y.id as b from rare x join rare y
        on x.k = y.k and x.id < y.id and ($1 is null or x.changed or y.changed)
          -- Under a crowded key only those of like length meet.
          and (x.n <= 5 or abs(x.seconds - y.seconds) > 6 is not true)
      group by x.id, y.id having sum(x.weight) >= ln((select count(*) from record)::double precision / 5)),
    accepted as materialized (select * from (%s) j where score >= $2),
    -- Where A is like B and B like C: is A like C? Through arrays, for a join's estimate would be far off.
    beside as (
      select array_agg(other) as others from (
        select a as at, b as other from accepted union all select b, a from accepted) s
      group by at having count(*) > 1),
    triangle as materialized (
      select distinct x as a, y as b from beside, unnest(others) x, unnest(others) y where x < y
      except select a, b from accepted),
    judged as (select * from accepted union all select * from (%s) j)
    select array_agg(a), array_agg(b), array_agg(score), array_agg(left_key), array_agg(right_key), array_agg(found)
    from (
      select j.a, j.b, j.score, x.key as left_key, y.key as right_key,
        to_jsonb(j) || jsonb_build_object('x_kinds', x.kinds, 'y_kinds', y.kinds,
          'asked', $1 is null or x.changed or y.changed) as found
      from judged j join record x on x.id = j.a join record y on y.id = j.b
      order by j.score desc, j.a, j.b) ordered
  $sql$, '{trgm}', trgm), source, replace(pgvigil.duplicate_judge('candidate', threshold), '{trgm}', trgm),
    replace(pgvigil.duplicate_judge('triangle', 0), '{trgm}', trgm))
  into a, b, scores, left_keys, right_keys, found using since, threshold;
  clusters := pgvigil.duplicate_clusters(a, b, scores, threshold);
  return query
    select p.left_key, p.right_key, p.score::double precision, p.cluster_key,
      pgvigil.duplicate_reasons(case when map ? 'artist' then p.found else p.found - 'artist' end)
    from (
      select u.*, first_value(u.left_key) over (partition by clusters[u.a] order by u.a) as cluster_key
      from unnest(a, b, scores, left_keys, right_keys, found) with ordinality
        u(a, b, score, left_key, right_key, found, rank)
      where u.score >= threshold and clusters[u.a] = clusters[u.b] and (u.found ->> 'asked')::boolean
      order by u.rank limit lim) p
    order by p.rank;
end
$$;
comment on function pgvigil.find_duplicates(regclass, jsonb, double precision, integer, timestamptz) is
  'Pairs of rows of a relation that are probably the same recording, the likeliest first, with their cluster and the reasons. map names the columns: {"key": …, "title": …} and optionally artist, album, year, duration, duration_unit (s or ms), isrc, updated_at. since: pairs with at least one row changed since then.';

create table if not exists pgvigil.duplicate_watch (
  relation  regclass primary key,
  map       jsonb not null,
  threshold double precision not null default 0.5,
  enabled   boolean not null default true
);
comment on table pgvigil.duplicate_watch is
  'Tables whose duplicates are counted by duplicate_summary(). Written by its owner only: what stands here is read with his rights.';
comment on column pgvigil.duplicate_watch.map is 'Names of the columns, as for find_duplicates().';
comment on column pgvigil.duplicate_watch.threshold is 'Score from which on a pair counts.';

create or replace function pgvigil.duplicate_summary()
returns table (
  schemaname name, relname name, rows bigint, pairs bigint, clusters bigint, duplicate_rows bigint,
  seconds double precision)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  watch record;
  began timestamptz;
begin
  for watch in
    select n.nspname, c.relname, w.relation, w.map, w.threshold
      from pgvigil.duplicate_watch w join pg_class c on c.oid = w.relation join pg_namespace n on n.oid = c.relnamespace
      -- No views: what is in them would run with our rights.
      where w.enabled and c.relkind in ('r', 'p', 'm')
      order by n.nspname, c.relname
  loop
    schemaname := watch.nspname;
    relname := watch.relname;
    began := clock_timestamp();
    begin
      execute format('select count(*) from %s', watch.relation) into rows;
      with pair as (
        select f.left_key, f.right_key, f.cluster_key
          from pgvigil.find_duplicates(watch.relation, watch.map, watch.threshold, null) f),
      member as (select p.cluster_key, p.left_key from pair p union select p.cluster_key, p.right_key from pair p)
      select (select count(*) from pair), count(distinct m.cluster_key), count(*) - count(distinct m.cluster_key)
        into pairs, clusters, duplicate_rows from member m;
      seconds := extract(epoch from clock_timestamp() - began);
    exception when others then -- one table's trouble shall not hide the others; a cancelled statement is not caught
      raise warning 'duplicates of %: %', watch.relation, sqlerrm;
      rows := null; pairs := null; clusters := null; duplicate_rows := null; seconds := null;
    end;
    return next;
  end loop;
end
$$;
comment on function pgvigil.duplicate_summary() is
  'For each table in duplicate_watch: rows compared, pairs, clusters, rows beyond the first of each cluster, and how long it took; NULL and a warning where it failed.';

revoke all on pgvigil.duplicate_watch from public;
grant select on pgvigil.duplicate_watch to pgvigil_monitor, pgvigil_maintain;

revoke all on function
  pgvigil.duplicate_source(regclass, jsonb), pgvigil.duplicate_likeness(text, real), pgvigil.duplicate_reasons(jsonb),
  pgvigil.find_duplicates(regclass, jsonb, double precision, integer, timestamptz), pgvigil.duplicate_summary()
  from public;
grant execute on function
  pgvigil.duplicate_source(regclass, jsonb), pgvigil.duplicate_likeness(text, real), pgvigil.duplicate_reasons(jsonb),
  pgvigil.find_duplicates(regclass, jsonb, double precision, integer, timestamptz), pgvigil.duplicate_summary()
  to pgvigil_monitor, pgvigil_maintain;
