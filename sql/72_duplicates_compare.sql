-- Duplicates, 3 of 4: comparing two records, and making clusters of pairs.

-- One slip of the pen in a word: a letter lost, doubled, wrong, or two exchanged, but not the first; or an initial.
create or replace function pgvigil.duplicate_slip(a text, b text) returns boolean
language plpgsql immutable strict parallel safe cost 100
as $$
declare
  short integer := least(pg_catalog.length(a), pg_catalog.length(b));
  long integer := greatest(pg_catalog.length(a), pg_catalog.length(b));
  front integer := 1;
  back integer := 0;
begin
  if pg_catalog."left"(a, 1) <> pg_catalog."left"(b, 1) then
    return false;
  elsif short = 1 then
    return true;
  elsif long < 4 or long - short > 2 then
    return false;
  elsif pg_catalog.translate(a, b, '') = '' and pg_catalog.translate(b, a, '') = '' then
    return true; -- the same letters: exchanged or doubled
  end if;
  while front < short and pg_catalog.substr(a, front + 1, 1) = pg_catalog.substr(b, front + 1, 1) loop
    front := front + 1;
  end loop;
  while back < short - front
    and pg_catalog.substr(a, pg_catalog.length(a) - back, 1) = pg_catalog.substr(b, pg_catalog.length(b) - back, 1) loop
    back := back + 1;
  end loop;
  return front + back >= case when long < 5 then long - 1 else long - 2 end;
end
$$;
comment on function pgvigil.duplicate_slip(text, text) is 'Whether one word is the other with a slip of the pen, or its initial.';

-- How alike two folded texts are, where trigrams say too little (a slip in a short word breaks half of them) or too
-- much ("waiting for the girl", "waiting for the love").
create or replace function pgvigil.duplicate_alike(a text, b text, trigrams real) returns real
language plpgsql immutable strict parallel safe cost 300
as $$
declare
  words text[];
  others text[];
  here text[] := '{}';
  there text[] := '{}';
  word text;
  slips integer := 0;
begin
  if trigrams < 0.15 then
    return trigrams;
  elsif pg_catalog.replace(a, ' ', '') = pg_catalog.replace(b, ' ', '') then
    return 0.95;
  elsif pg_catalog.length(a) > 4 and pg_catalog.starts_with(b, a)
    or pg_catalog.length(b) > 4 and pg_catalog.starts_with(a, b) then
    -- Cut short; where it was cut between two words, it may as well be another title.
    return case when pg_catalog.starts_with(b, a || ' ') or pg_catalog.starts_with(a, b || ' ') then 0.6 else 0.85 end;
  end if;
  words := pg_catalog.string_to_array(a, ' ');
  others := pg_catalog.string_to_array(b, ' ');
  foreach word in array words loop
    if word <> all (others) then
      here := here || word;
    end if;
  end loop;
  foreach word in array others loop
    if word <> all (words) then
      there := there || word;
    end if;
  end loop;
  if here = '{}' and there = '{}' then
    return 0.95; -- the same words in another order
  elsif pg_catalog.cardinality(here) = pg_catalog.cardinality(there) then
    for i in 1..pg_catalog.cardinality(here) loop
      slips := slips + pgvigil.duplicate_slip(here[i], there[i])::integer;
    end loop;
    if slips = pg_catalog.cardinality(here) then
      return greatest(trigrams, 1 - 0.1 * slips);
    end if;
  end if;
  return case when here = '{}' or there = '{}' then trigrams else least(trigrams, 0.35) end;
end
$$;
comment on function pgvigil.duplicate_alike(text, text, real) is 'Similarity of two texts from 0 to 1, by their words and trigrams.';

-- Title and artist in each other's place: how alike the less alike of the two are.
create or replace function pgvigil.duplicate_swapped(
  title text, artist text, other_title text, other_artist text, trigrams real, other_trigrams real) returns real
language plpgsql immutable parallel safe cost 500
as $$
begin
  return case when least(trigrams, other_trigrams) > 0.3 then least(
  pgvigil.duplicate_alike(pgvigil.duplicate_artist(title), pg_catalog.regexp_replace(other_artist, '^[0-9]+ ', ''), trigrams),
  pgvigil.duplicate_alike(pg_catalog.regexp_replace(artist, '^[0-9]+ ', ''), pgvigil.duplicate_artist(other_title), other_trigrams)) end;
end
$$;
comment on function pgvigil.duplicate_swapped(text, text, text, text, real, real) is
  'Similarity of two records of which one has title and artist in each other''s place.';

create or replace function pgvigil.duplicate_same_numbers(a text, b text) returns boolean
language sql immutable parallel safe
return a is not distinct from b or pg_catalog.translate(a, '^', '') = pg_catalog.translate(b, '^', '')
  or pg_catalog.regexp_replace(coalesce(a, ''), '^\^\S+\s*', '') = coalesce(b, '')
  or pg_catalog.regexp_replace(coalesce(b, ''), '^\^\S+\s*', '') = coalesce(a, '');
comment on function pgvigil.duplicate_same_numbers(text, text) is 'Whether two titles have the same numbers; a first one, marked ^, may be missing.';

-- Evidence for and against, as logarithms of odds, so that what is missing counts for nothing. The weights are ours,
-- set on one set of generated data and checked on others; the result is a rank from 0 to 1, no true probability.
create or replace function pgvigil.duplicate_score(
  title real, artist real, album real, years integer, seconds double precision, same_isrc boolean,
  same_kind boolean, same_number boolean, same_album_kind boolean, detail real, generic boolean) returns double precision
language plpgsql immutable parallel safe cost 50
as $$
begin
  return case when same_isrc then 1 else 1 / (1 + pg_catalog.exp(4.5
  - case when title >= 0.999 then 4 when title >= 0.3 then -4 + (title - 0.3) * 10 else -8.5 + title * 15 end
  - case when artist >= 0.999 then 3 when artist is null then -0.5 else -4 + artist * 7 end
  - case when album >= 0.999 then 2 when album is null then 0 else -1 + album * 2.5 end
  - case when years = 0 then 0.7 when years = 1 then 0.3 when years < 5 then -0.3 when years is null then 0 else -1 end
  - case when seconds <= 1.5 then 2 when seconds <= 3 then 1.5 when seconds <= 6 then -0.5 when seconds <= 12 then -2
      when seconds is null then 0 else -4 end
  + case when same_isrc is null then 0 else 1 end
  + case when same_kind then 0 else 8 end
  + case when same_number then 0 else 8 end
  + case when same_album_kind then 0 else 6 end
  + case when generic and not coalesce(album > 0.6, false) then 6 else 0 end
  + case when detail < 0.4 then 8 else 0 end)) end;
end
$$;
comment on function pgvigil.duplicate_score(real, real, real, integer, double precision, boolean, boolean, boolean, boolean, real, boolean) is
  'Score of a pair from 0 to 1; what is NULL counts for nothing. An equal ISRC is certainty.';

-- Judges pairs (a, b) of records: the text of a query over {pairs} and record. In stages, each behind "offset 0" lest
-- they be merged into one: what numbers tell comes first, and a pair that no title could save is dropped before its
-- titles are compared. Where neither title nor artist fits, they may be in each other's place.
create or replace function pgvigil.duplicate_judge(pairs text, minimum double precision) returns text
language sql immutable parallel safe
return pg_catalog.replace(pg_catalog.replace($sql$
  select s.*, pgvigil.duplicate_score(title, artist, album, years, seconds, same_isrc, same_kind, same_number, same_album_kind, detail,
      generic)::real as score
  from (
    select a, b, coalesce(swapped, title, 0) as title, coalesce(swapped, artist) as artist, album, years, seconds, same_isrc, same_kind,
      same_number or swapped is not null as same_number, same_album_kind, detail, generic, swapped is not null as swapped
    from (
      select s.*,
        case when x_album = y_album then 1 else pgvigil.duplicate_alike(x_album, y_album, {trgm}.similarity(x_album, y_album)) end as album,
        case when title < 0.5 and artist < 0.5 then pgvigil.duplicate_swapped(x_title, x_artist, y_title, y_artist,
          {trgm}.similarity(x_title, y_artist), {trgm}.similarity(x_artist, y_title)) end as swapped
      from (
        select s.*,
          case when x_title = y_title then 1 else pgvigil.duplicate_alike(x_title, y_title, {trgm}.similarity(x_title, y_title)) end as title
        from (
          select p.a, p.b, x.title as x_title, y.title as y_title, x.artist as x_artist, y.artist as y_artist,
            x.album as x_album, y.album as y_album,
            case when x.artist = y.artist then 1
              else pgvigil.duplicate_alike(x.artist, y.artist, {trgm}.similarity(x.artist, y.artist)) end as artist,
            abs(x.year - y.year) as years, abs(x.seconds - y.seconds) as seconds, x.isrc = y.isrc as same_isrc,
            x.kinds = y.kinds as same_kind, pgvigil.duplicate_same_numbers(x.numbers, y.numbers) as same_number,
            x.kinds <> 0 or x.album is null or y.album is null or x.album_kinds = y.album_kinds as same_album_kind,
            case when x.kinds <> 0 then {trgm}.similarity(x.detail, y.detail) end as detail,
            x.title in ('intro', 'outro', 'interlude', 'prelude', 'skit',
              'overture', 'epilogue', 'prologue', 'reprise', 'finale') as generic
          from {pairs} p join record x on x.id = p.a join record y on y.id = p.b
          offset 0) s
        where pgvigil.duplicate_score(case when x_title = y_title then 1 else 0.95 end::real,
            case when artist < 0.5 and x_title <> y_title then 0.95 else artist end::real,
            case when x_album = y_album then 1 when x_album <> y_album then 0.95 end::real,
            years, seconds, same_isrc, same_kind, same_number or artist < 0.5, same_album_kind, detail, false) >= {minimum}
        offset 0) s
      where pgvigil.duplicate_score(case when title < 0.5 and artist < 0.5 then 0.95 else coalesce(title, 0) end::real,
          case when title < 0.5 and artist < 0.5 then 0.95 else artist end::real,
          case when x_album = y_album then 1 when x_album <> y_album then 0.95 end::real,
          years, seconds, same_isrc, same_kind, same_number or artist < 0.5, same_album_kind, detail, false) >= {minimum}
      offset 0) s
    offset 0) s
  $sql$, '{pairs}', pairs), '{minimum}', minimum::text);
comment on function pgvigil.duplicate_judge(text, double precision) is
  'The query that scores pairs of records, without those that cannot reach a score.';

-- Average linkage: pairs from the best on; two clusters become one where their members are alike on average, a pair
-- that is not given counting as 0. So A~B and B~C do not chain A to C when those two differ.
-- Members of a cluster are a ring through "after"; its name is its smallest number.
create or replace function pgvigil.duplicate_clusters(
  a integer[], b integer[], score real[], threshold double precision) returns integer[]
language plpgsql immutable parallel safe cost 100000
as $$
declare
  cluster integer[] := array(select pg_catalog.generate_series(1, (select pg_catalog.max(n) from pg_catalog.unnest(b) n)));
  after integer[] := cluster;
  scores jsonb;
  total double precision;
  pairs integer;
  x integer;
  y integer;
  swapped integer;
begin
  select pg_catalog.jsonb_object_agg(p.x || '-' || p.y, p.s) into scores from unnest(a, b, score) p(x, y, s);
  for i in 1..coalesce(pg_catalog.cardinality(a), 0) loop
    exit when score[i] < threshold;
    continue when cluster[a[i]] = cluster[b[i]];
    if after[a[i]] <> a[i] or after[b[i]] <> b[i] then
      total := 0;
      pairs := 0;
      x := a[i];
      loop
        y := b[i];
        loop
          total := total + coalesce((scores -> (least(x, y) || '-' || greatest(x, y)))::real, 0);
          pairs := pairs + 1;
          y := after[y];
          exit when y = b[i];
        end loop;
        x := after[x];
        exit when x = a[i];
      end loop;
      continue when total < threshold * pairs;
    end if;
    x := least(cluster[a[i]], cluster[b[i]]);
    y := case when x = cluster[a[i]] then b[i] else a[i] end;
    swapped := y;
    loop
      cluster[y] := x;
      y := after[y];
      exit when y = swapped;
    end loop;
    swapped := after[a[i]];
    after[a[i]] := after[b[i]];
    after[b[i]] := swapped;
  end loop;
  return cluster;
end
$$;
comment on function pgvigil.duplicate_clusters(integer[], integer[], real[], double precision) is
  'For each record its cluster, out of pairs (a < b) in descending order of score; those below the threshold only testify.';

revoke all on function
  pgvigil.duplicate_slip(text, text), pgvigil.duplicate_alike(text, text, real),
  pgvigil.duplicate_swapped(text, text, text, text, real, real), pgvigil.duplicate_same_numbers(text, text),
  pgvigil.duplicate_score(real, real, real, integer, double precision, boolean, boolean, boolean, boolean, real, boolean),
  pgvigil.duplicate_judge(text, double precision),
  pgvigil.duplicate_clusters(integer[], integer[], real[], double precision)
  from public;
grant execute on function
  pgvigil.duplicate_slip(text, text), pgvigil.duplicate_alike(text, text, real),
  pgvigil.duplicate_swapped(text, text, text, text, real, real), pgvigil.duplicate_same_numbers(text, text),
  pgvigil.duplicate_score(real, real, real, integer, double precision, boolean, boolean, boolean, boolean, real, boolean),
  pgvigil.duplicate_judge(text, double precision),
  pgvigil.duplicate_clusters(integer[], integer[], real[], double precision)
  to pgvigil_monitor, pgvigil_maintain;
