-- Duplicates, 2 of 4: what is compared of one record, and the keys under which it meets those like it.

-- "Part II", "Pt. 2", "Teil zwei", "#2" and a last "II" become one token: zz2. What is numbered differently is different.
create or replace function pgvigil.duplicate_parts(folded text) returns text
language plpgsql immutable strict parallel safe cost 300
as $$
declare
  number constant text := '([0-9]{1,3}|i{1,3}|iv|vi{0,3}|ix|x|one|two|three|four|five'
    '|uno|dos|tres|due|tre|un|deux|trois|eins|zwei|drei)';
  found text[];
  s text := folded;
begin
  for turn in 1..3 loop
    found := pg_catalog.regexp_match(s,
      '^(.*?)[\s,(\[:-]*(?:\m(?:part|pt|teil|partie|parte|chast|no|nr|vol|volume|mvt|movement|act|chapter)\M[.\s]*#?|#)'
      || number || '\M[)\]]?(.*)$');
    found := coalesce(found, pg_catalog.regexp_match(s, '^(.+)\s(ii|iii|iv|vi{1,3}|ix)((?:\s*[(\[].*|\s-\s.*|\s*)?)$'));
    exit when found is null;
    s := found[1] || ' zz' || case found[2]
      when 'i' then '1' when 'ii' then '2' when 'iii' then '3' when 'iv' then '4' when 'v' then '5' when 'vi' then '6'
      when 'vii' then '7' when 'viii' then '8' when 'ix' then '9' when 'x' then '10'
      when 'one' then '1' when 'two' then '2' when 'three' then '3' when 'four' then '4' when 'five' then '5'
      when 'uno' then '1' when 'dos' then '2' when 'tres' then '3' when 'due' then '2' when 'tre' then '3'
      when 'un' then '1' when 'deux' then '2' when 'trois' then '3'
      when 'eins' then '1' when 'zwei' then '2' when 'drei' then '3'
      else found[2] end || ' ' || found[3];
  end loop;
  return s;
end
$$;
comment on function pgvigil.duplicate_parts(text) is 'Folded text with every "part II" and the like as the token zz2.';

-- A title of plain words without any of these is what it is: two thirds of them, which cost a quarter of the others.
create or replace function pgvigil.duplicate_marks() returns jsonb
language sql immutable parallel safe
return pgvigil.duplicate_kind_words() || pgvigil.duplicate_synonyms() || '{
  "feat": 0, "ft": 0, "featuring": 0, "with": 0, "part": 0, "pt": 0, "teil": 0, "partie": 0,
  "parte": 0, "chast": 0, "no": 0, "nr": 0, "vol": 0, "volume": 0,
  "mvt": 0, "movement": 0, "act": 0, "chapter": 0, "ii": 0, "iii": 0,
  "iv": 0, "vi": 0, "vii": 0, "viii": 0, "ix": 0, "y": 0, "e": 0, "i": 0}'::jsonb;
comment on function pgvigil.duplicate_marks() is 'Words of a title that need a closer look.';

create or replace function pgvigil.duplicate_kind_names(kinds integer) returns text
language sql immutable parallel safe
return (select pg_catalog.string_agg(name, ', ' order by i) from pg_catalog.unnest(array['live', 'remix', 'remaster',
  'acoustic', 'instrumental', 'demo', 'edit', 'cover', 'karaoke', 'extended', 'reprise', 'a cappella', 'version'])
  with ordinality n(name, i)
  where kinds & (1 << (i::integer - 1)) <> 0);
comment on function pgvigil.duplicate_kind_names(integer) is 'The kinds of recording behind the bits of duplicate_kind_words().';

-- "Song (Live at Wembley)" shares every word with "Song" and is another recording: the kind must stay apart.
create or replace function pgvigil.duplicate_title(value text, artist text) returns text[]
language plpgsql immutable parallel safe cost 1000
as $$
declare
  s text := pgvigil.duplicate_fold(value);
  words text[] := pg_catalog.string_to_array(pgvigil.duplicate_words(s), ' ');
  kept text := '';
  kinds integer := 0;
  detail text;
  numbers text;
  told text[] := '{}';
  -- They belong to the word of a kind that they stand beside: radio edit, live at, early take.
  beside text[];
  segment text;
  at integer;
begin
  if value is null then
    return array[null, '0', null, null];
  elsif s !~ '[^a-z '',.!?&]' and not pgvigil.duplicate_marks() ?| words then
    return array[nullif(pg_catalog.array_to_string(words, ' '), ''), '0', null, null];
  end if;
  beside := '{at,in,from,version,ver,fassung,mix,edit,radio,single,album,club,original,home,early,en,ao,the,by,of,digital,made,originally}';
  if s ~ '^\s*(?:track\s*)?[a-d]?[0-9]' then -- 01 - Song, 3. Song, Track 7: Song, 05 Song
    s := pg_catalog.regexp_replace(s,
      '^\s*(?:(?:track\s*)?[a-d]?[0-9]{1,3}(?:-[0-9]{1,2})?(?:\s*[-:_]\s+|[.)]\s*)|0[0-9]\s+)(?=[^\s0-9])', '');
  end if;
  if words && '{feat,ft,featuring,with}'::text[] then
    s := pg_catalog.regexp_replace(s,
      '[(\[]\s*(?:feat|ft|featuring|with)\M[^)\]]*[)\]]?|[\s,]+(?:feat|ft|featuring)\M(?:[^(\[ ]| (?!- ))*', ' ', 'g');
  end if;
  if words
    && '{part,pt,teil,partie,parte,chast,no,nr,vol,volume,mvt,movement,act,chapter,ii,iii,iv,vi,vii,viii,ix}'::text[] or pg_catalog.strpos(s, '#') > 0 then
    s := pgvigil.duplicate_parts(s);
  end if;
  if s ~ '[(\[{|~]| [-/] |: ' then
    foreach segment in array pg_catalog.regexp_split_to_array(s, '\s*[()\[\]{}|~]+\s*| [-/] |: ') loop
      segment := pgvigil.duplicate_words(segment);
      words := pg_catalog.string_to_array(segment, ' ');
      if segment = '' or segment = artist then
        continue;
      elsif kept <> '' and pgvigil.duplicate_kind_words() ?| words then
        told := told || words;
      elsif kept = '' or not (words <@ '{official,explicit,clean,hd,hq,lyric,lyrics,with,audio,music,video,bonus,track,mono,
          stereo,single,album,original,deluxe,edition,unknown,untitled,visualizer}'
          or segment ~ '^(?:19|20)[0-9]{2}$' or words[1] in ('from', 'aus', 'prod', 'by')) then
        kept := pg_catalog.ltrim(kept || ' ' || segment);
      end if;
    end loop;
  end if;
  if kept = '' then
    kept := pgvigil.duplicate_words(s);
  end if;
  -- The same without brackets: Song Live, Song 2011 Remaster, Song Radio Edit, Song Live at Wembley.
  words := pg_catalog.string_to_array(kept, ' ');
  if pgvigil.duplicate_kind_words() ?| words then
    for i in 2..pg_catalog.cardinality(words) loop
      if pgvigil.duplicate_kind_words() ? words[i] and (i = pg_catalog.cardinality(words)
          or pgvigil.duplicate_kind_words() ? words[i + 1] or words[i + 1] in ('at', 'in', 'from')
          or words[i + 1] ~ '^(?:19|20)[0-9]{2}$') then
        at := i;
        while at > 2 and (words[at - 1] = any (beside) or words[at - 1] ~ '^(?:19|20)[0-9]{2}$') loop
          at := at - 1;
        end loop;
        told := told || words[at:];
        kept := pg_catalog.array_to_string(words[:at - 1], ' ');
        exit;
      end if;
    end loop;
  end if;
  foreach segment in array told loop
    segment := coalesce(pgvigil.duplicate_synonyms() ->> segment, segment);
    if pgvigil.duplicate_kind_words() ? segment then
      kinds := kinds | (pgvigil.duplicate_kind_words() ->> segment)::integer;
    elsif segment <> all (beside) and segment !~ '^(?:19|20)[0-9]{2}$' then
      detail := pg_catalog.concat_ws(' ', detail, segment);
    end if;
  end loop;
  if kinds > 4096 then
    kinds := kinds - 4096; -- live version is live
  elsif kinds in (2, 4096) and detail is null
    and told && '{original,album,single,lp,full,main,standard,explicit,clean}'::text[] then
    kinds := 0; -- original mix, album version
  end if;
  words := pg_catalog.string_to_array(kept, ' ');
  s := '';
  for i in 1..pg_catalog.cardinality(words) loop
    segment := coalesce(pgvigil.duplicate_synonyms() ->> words[i], words[i]);
    if segment in ('2', '4', 'y', 'e', 'i') and i between 2 and pg_catalog.cardinality(words) - 1 then
      s := s || case segment when '2' then ' to' when '4' then ' for' else ' and' end;
    elsif segment ~ '^(?:zz)?[0-9]+$' then
      -- The first may be the track's: 12 Song. It is marked, for it is not worth much.
      numbers := pg_catalog.concat_ws(' ', numbers,
        case when i = 1 and pg_catalog.cardinality(words) > 1 and pg_catalog.length(segment) < 3
        then '^' else '' end || pg_catalog.ltrim(segment, 'z0'));
    else
      s := s || ' ' || segment;
    end if;
  end loop;
  return array[coalesce(nullif(pg_catalog.ltrim(s), ''), nullif(kept, '')), kinds::text, detail, numbers];
end
$$;
comment on function pgvigil.duplicate_title(text, text) is
  'A title''s parts: its words; what kinds of recording it says it is (bits); the rest of the words that say so; its numbers.';

create or replace function pgvigil.duplicate_longest(words text, lim integer) returns text[]
language plpgsql immutable strict parallel safe cost 100
as $$
declare
  w text[] := pg_catalog.string_to_array(words, ' ');
  count integer := pg_catalog.cardinality(w);
  word text;
  best integer;
begin
  for i in 1..least(lim, count) loop
    best := i;
    for j in i + 1..count loop
      if pg_catalog.length(w[j]) > pg_catalog.length(w[best]) then
        best := j;
      end if;
    end loop;
    if best <> i then
      word := w[i];
      w[i] := w[best];
      w[best] := word;
    end if;
  end loop;
  return w[:lim];
end
$$;
comment on function pgvigil.duplicate_longest(text, integer) is 'The longest words, the longest first.';

-- Keys: two things that few records have in common, such as a word of the title with a word of the artist. One wrong
-- letter, one missing field or two fields in each other's place leave some of them whole. A key belongs to the record
-- alone (not to how frequent its words are), so that new records find old ones without looking at all of them.
-- Recordings of different kinds meet under their ISRC only.
create or replace function pgvigil.duplicate_keys(
  title text, kinds integer, artist text, album text, seconds double precision, isrc text) returns integer[]
language plpgsql immutable parallel safe cost 1000
as $$
declare
  keys integer[] := '{}';
  kind text := case when kinds = 0 then '' else kinds || ' ' end;
  titles text[];
  artists text[];
  a text;
  b text;
begin
  if title is not null then
    titles := pgvigil.duplicate_longest(title, 3);
    keys := array[pg_catalog.hashtext(kind || title)];
    if album is not null then
      keys := keys || pg_catalog.hashtext(kind || title || '/' || album);
    end if;
  end if;
  if artist is not null and title is not null then
    artists := pgvigil.duplicate_longest(artist, 2);
    foreach a in array titles loop
      a := pg_catalog."left"(a, 4);
      foreach b in array artists loop
        b := pg_catalog."left"(b, 4);
        keys := keys || pg_catalog.hashtext(kind || case when a < b collate "C" then a || '+' || b else b || '+' || a end);
      end loop;
    end loop;
    keys := keys || pg_catalog.hashtext(kind || pg_catalog."right"(titles[1], 4) || '<' || pg_catalog."left"(artists[1], 4))
      || pg_catalog.hashtext(kind || pg_catalog."left"(titles[1], 4) || '>' || pg_catalog."right"(artists[1], 4));
    if album is not null then
      keys := keys || pg_catalog.hashtext(kind || artist || '/' || album || '/' || pg_catalog."left"(title, 1));
    end if;
  end if;
  if seconds is not null then -- six seconds wide, half overlapping: what is three seconds apart shares one of them
    a := '@' || kind || pg_catalog.floor(seconds / 6);
    b := '~' || kind || pg_catalog.floor(seconds / 6 + 0.5);
    keys := keys || array[pg_catalog.hashtext(title || a), pg_catalog.hashtext(title || b),
      pg_catalog.hashtext(artist || a), pg_catalog.hashtext(artist || b)];
  end if;
  if isrc is not null then
    keys := keys || pg_catalog.hashtext('isrc ' || isrc);
  end if;
  return pg_catalog.array_remove(keys, null);
end
$$;
comment on function pgvigil.duplicate_keys(text, integer, text, text, double precision, text) is
  'Hashes under which records that may be duplicates meet; of folded words.';

-- A type with a name: anonymous records of several shapes get mixed up in parallel workers.
do $$
begin
  if pg_catalog.to_regtype('pgvigil.duplicate_record') is null then
    create type pgvigil.duplicate_record as (
      title text, kinds integer, detail text, numbers text, artist text, album text, album_kinds integer, year integer,
      seconds double precision, isrc text, keys integer[]);
  end if;
end
$$;
comment on type pgvigil.duplicate_record is 'Everything that find_duplicates compares of one record.';

create or replace function pgvigil.duplicate_features(
  title text, artist text, album text, year integer, seconds double precision, isrc text) returns pgvigil.duplicate_record
language plpgsql immutable parallel safe cost 5000
as $$
declare
  r pgvigil.duplicate_record;
  parts text[];
begin
  r.artist := pgvigil.duplicate_artist(artist);
  parts := pgvigil.duplicate_title(title, r.artist);
  r.title := parts[1];
  r.kinds := parts[2];
  r.detail := parts[3];
  r.numbers := parts[4];
  if artist ~ '[(\[]| - ' then -- a title in the artist's place
    parts := pgvigil.duplicate_title(artist, r.title);
    r.artist := pgvigil.duplicate_artist(parts[1]);
    r.kinds := r.kinds | parts[2]::integer;
    r.detail := coalesce(r.detail, parts[3]);
  end if;
  if r.title in ('unknown', 'untitled', 'no title', 'unknown title', 'na', 'null', 'none')
    or pg_catalog.starts_with(r.title, 'track ') and r.title ~ '^track [0-9]+$' or r.title ~ '^audio track [0-9]+$' then
    r.title := null;
  end if;
  parts := pgvigil.duplicate_album(album);
  r.album := parts[1];
  r.album_kinds := parts[2];
  -- What programs write that know no NULL: years 0, 1000, 1900, 9999; a second; four hours and more.
  r.year := case when year between 1901 and 2099 then year end;
  r.seconds := case when seconds between 2 and 14399 then seconds end;
  r.isrc := nullif(pg_catalog.upper(pg_catalog.translate(isrc, '- ', '')), '');
  r.keys := pgvigil.duplicate_keys(r.title, r.kinds, r.artist, r.album, r.seconds, r.isrc);
  return r;
end
$$;
comment on function pgvigil.duplicate_features(text, text, text, integer, double precision, text) is
  'The comparable form of a record; the duration in seconds.';

revoke all on function
  pgvigil.duplicate_parts(text), pgvigil.duplicate_marks(), pgvigil.duplicate_kind_names(integer),
  pgvigil.duplicate_title(text, text), pgvigil.duplicate_longest(text, integer),
  pgvigil.duplicate_keys(text, integer, text, text, double precision, text),
  pgvigil.duplicate_features(text, text, text, integer, double precision, text)
  from public;
grant execute on function
  pgvigil.duplicate_parts(text), pgvigil.duplicate_marks(), pgvigil.duplicate_kind_names(integer),
  pgvigil.duplicate_title(text, text), pgvigil.duplicate_longest(text, integer),
  pgvigil.duplicate_keys(text, integer, text, text, double precision, text),
  pgvigil.duplicate_features(text, text, text, integer, double precision, text)
  to pgvigil_monitor, pgvigil_maintain;
