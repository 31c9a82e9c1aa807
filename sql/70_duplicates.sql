-- Duplicates, 1 of 4: how a record's free text becomes something that can be compared.
-- Everything here is a pure function of its input, whatever the database's collation, so that it runs in parallel
-- workers and could stand in an index. No exception blocks: workers before 17 cannot open a subtransaction.

-- Letters to a–z and digits, whatever the script. Punctuation stays: brackets and dashes still mean something.
create or replace function pgvigil.duplicate_fold(value text) returns text
language plpgsql immutable strict parallel safe cost 200
as $$
declare
  s text := pg_catalog.lower(value);
  odd text;
begin
  if pg_catalog.octet_length(s) = pg_catalog.length(s) then
    return s;
  end if;
  if pg_catalog.getdatabaseencoding() <> 'UTF8' then
    return pg_catalog.lower(pg_catalog.translate(s, '’‘', ''''''));
  end if;
  -- UTF-8 that somebody read as Windows-1252 (BeyoncÃ©): the pattern admits only what converts back without an error.
  odd := pg_catalog.translate(value, '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ',
    U&'\0080\0082\0083\0084\0085\0086\0087\0088\0089\008A\008B\008C\008E'
    '\0091\0092\0093\0094\0095\0096\0097\0098\0099\009A\009B\009C\009E\009F');
  if odd ~ '[\u0080-\u00bf]'
    and odd ~ '^(?:[\x01-\x7f]|[\u00c2-\u00df][\u0080-\u00bf]|[\u00e1-\u00ec][\u0080-\u00bf]{2})+$' then
    s := pg_catalog.convert_from(pg_catalog.convert_to(odd, 'LATIN1'), 'UTF8');
  end if;
  if s ~ '[\u3040-\u30ff]' then -- before the marks go: without them ga would be ka
    s := pgvigil.duplicate_kana(s);
  end if;
  -- Compatibility decomposition: é is e and a mark, ﬁ is fi, full-width letters are letters; then the marks go.
  s := pg_catalog.normalize(s, 'NFKD');
  s := pg_catalog.regexp_replace(s, '[\u0300-\u036f\u3099\u309a\u200b-\u200f\ufeff]', '', 'g');
  s := pg_catalog.translate(s, '‘’‚‛′`´“”„«»″–—−‐‑‒―・·•「」『』【】〈〉《》〔〕¿¡、。',
    pg_catalog.repeat('''', 7) || pg_catalog.repeat('"', 6) || pg_catalog.repeat('-', 10)
      || pg_catalog.repeat('[]', 6) || '    ');
  s := pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(s, 'ß', 'ss'), 'æ', 'ae'), 'Æ', 'ae');
  s := pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(s, 'œ', 'oe'), 'þ', 'th'), 'Œ', 'oe');
  s := pg_catalog.translate(s, 'øØłŁđĐðÐıħŧŋ', 'oollddddihtn');
  if s ~ '[\u0370-\u04ff]' then
    s := pgvigil.duplicate_transliterate(s);
  end if;
  s := pg_catalog.lower(s);
  if pg_catalog.octet_length(s) = pg_catalog.length(s) then
    return s;
  end if;
  -- What has no alphabet: each character is a word of three letters. Trigrams of such words exist under every
  -- collation (under "C" those of 日本 do not), and one character may differ.
  foreach odd in array pg_catalog.regexp_split_to_array(s, '') loop
    if pg_catalog.octet_length(odd) > 1 then
      s := pg_catalog.replace(s, odd, ' ' || pg_catalog.chr(97 + pg_catalog.ascii(odd) % 26)
        || pg_catalog.chr(97 + pg_catalog.ascii(odd) / 26 % 26)
        || pg_catalog.chr(97 + pg_catalog.ascii(odd) / 676 % 26) || ' ');
    end if;
  end loop;
  return s;
end
$$;
comment on function pgvigil.duplicate_fold(text) is
  'Lower case letters a–z for any script: no diacritics, ligatures or mojibake; Cyrillic and Greek transliterated. Punctuation is kept.';

create or replace function pgvigil.duplicate_transliterate(value text) returns text
language plpgsql immutable strict parallel safe cost 100
as $$
declare
  s text := pg_catalog.translate(value,
    'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЄҐЈЉЊЋЂЏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς',
    'абвгдежзиклмнопрстуфхцчшщъыьэюяієґјљњћђџαβγδεζηθικλμνξοπρστυφχψωσ');
begin
  s := pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(s, 'ж', 'zh'), 'ч', 'ch'), 'щ', 'shch');
  s := pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(s, 'ш', 'sh'), 'ю', 'yu'), 'я', 'ya');
  s := pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(s, 'х', 'kh'), 'ц', 'ts'), 'є', 'ye');
  s := pg_catalog.replace(pg_catalog.replace(s, 'θ', 'th'), 'χ', 'ch');
  s := pg_catalog.replace(pg_catalog.replace(s, 'ψ', 'ps'), 'ου', 'ou');
  return pg_catalog.translate(s,
    'абвгдезиклмнопрстуфыэіґјљњћђџαβγδεζηικλμνξοπρστυφωъь',
    'abvgdeziklmnoprstufyeigjlncddavgdeziiklmnxoprstyfo');
end
$$;
comment on function pgvigil.duplicate_transliterate(text) is 'Cyrillic and Greek letters in Latin ones.';

create or replace function pgvigil.duplicate_kana(value text) returns text
language plpgsql immutable strict parallel safe cost 300
as $$
declare
  -- In one order: the vowels' row, k, s, t, n, h, m, y, r, w, then the voiced ones.
  kana constant text := 'あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわゐゑをんがぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽゔ';
  latin constant text[] := '{a,i,u,e,o,ka,ki,ku,ke,ko,sa,shi,su,se,so,ta,chi,tsu,te,to,na,ni,nu,ne,no,ha,hi,fu,he,ho,
    ma,mi,mu,me,mo,ya,yu,yo,ra,ri,ru,re,ro,wa,i,e,o,n,
    ga,gi,gu,ge,go,za,ji,zu,ze,zo,da,ji,zu,de,do,ba,bi,bu,be,bo,pa,pi,pu,pe,po,vu}';
  s text := pg_catalog.normalize(value, 'NFKC');
  letter text;
  folded text := '';
begin
  s := pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(s,
    'ライブ', ' live '), 'ライヴ', ' live '), 'リミックス', ' remix '), 'バージョン', ' version ');
  s := pg_catalog.translate(s,
    'アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲンガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴァィゥェォャュョーッっ',
    'あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわゐゑをんがぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽゔあいうえおゃゅょ');
  foreach letter in array pg_catalog.regexp_split_to_array(s, '') loop
    folded := folded || case when pg_catalog.octet_length(letter) = 3 and pg_catalog.strpos(kana, letter) > 0
      then latin[pg_catalog.strpos(kana, letter)] else letter end;
  end loop;
  -- ki and a small ya are kya; shi and a small ya are sha.
  s := pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(folded, 'iゃ', 'ya'), 'iゅ', 'yu'), 'iょ', 'yo');
  return pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(s, 'shy', 'sh'), 'chy', 'ch'), 'jy', 'j');
end
$$;
comment on function pgvigil.duplicate_kana(text) is 'Hiragana and katakana in Latin letters; live, remix and version in words.';

-- Folded text to words with one space between them. The apostrophe joins (don't is dont, everywhere), and so do the
-- points of R.E.M.
create or replace function pgvigil.duplicate_words(folded text) returns text
language sql immutable parallel safe -- "strict" would keep it from being inlined
return pg_catalog.btrim(pg_catalog.regexp_replace(pg_catalog.replace(pg_catalog.replace(
  case when pg_catalog.strpos(folded, '.') = 0 then folded
    else pg_catalog.regexp_replace(folded, '\m([a-z])\.(?=[a-z]\M)', '\1', 'g') end,
  '''', ''), '&', ' and '), '[^a-z0-9]+', ' ', 'g'));
comment on function pgvigil.duplicate_words(text) is 'Words of folded text, one space between them, & as and, without apostrophes.';

-- Dictionaries are looked up word by word: a regular expression of fifty alternatives costs ten times as much.
-- The values are bits, one for each kind; words of several languages, after folding.
create or replace function pgvigil.duplicate_kind_words() returns jsonb
language sql immutable parallel safe
return '{
  "live": 1, "vivo": 1, "directo": 1, "concert": 1, "concerto": 1, "concierto": 1, "konzert": 1, "kontsert": 1,
  "session": 1, "sessions": 1,
  "remix": 2, "remixed": 2, "remiks": 2, "rmx": 2, "mix": 2, "rework": 2, "mashup": 2, "bootleg": 2, "dub": 2,
  "remaster": 4, "remast": 4, "remastered": 4, "remasterise": 4, "remasterisee": 4,
  "remasterizado": 4, "remasterizada": 4, "remastering": 4,
  "acoustic": 8, "acustico": 8, "acustica": 8, "acoustique": 8, "akustisch": 8, "akustik": 8,
  "akustika": 8, "unplugged": 8, "stripped": 8,
  "instrumental": 16, "instrumentale": 16, "instrumentalversion": 16,
  "demo": 32, "take": 32, "edit": 64, "short": 64,
  "cover": 128, "tribute": 128, "famous": 128, "karaoke": 256, "extended": 512,
  "reprise": 1024, "cappella": 2048, "capella": 2048,
  "version": 4096, "versiya": 4096, "fassung": 4096, "ver": 4096}'::jsonb;
comment on function pgvigil.duplicate_kind_words() is
  'What words say about a recording: 1 live, 2 remix, 4 remaster, 8 acoustic, 16 instrumental, 32 demo, 64 edit, 128 cover, 256 karaoke, 512 extended, 1024 reprise, 2048 a cappella, 4096 a version of some kind.';

-- Words that are written in several ways, in the way we compare them.
create or replace function pgvigil.duplicate_synonyms() returns jsonb
language sql immutable parallel safe
return '{"luv": "love", "nite": "night", "nites": "nights", "thru": "through", "u": "you", "ur": "your", "r": "are", 
  "bros": "brothers",
  "street": "st", "saint": "st", "mister": "mr", "doctor": "dr", "orch": "orchestra", "instr": "instrumental",
  "ext": "extended", "vers": "version", "mt": "mountain", "und": "and", "et": "and", "och": "and",
  "kai": "and"}'::jsonb;
comment on function pgvigil.duplicate_synonyms() is 'Words that are written in several ways.';

-- Names of people and bands: no article, no guests, "X, The" is "The X".
create or replace function pgvigil.duplicate_artist(value text) returns text
language plpgsql immutable strict parallel safe cost 300
as $$
declare
  articles constant text[] := '{and,und,et,y,e,i,och,kai,the,die,der,das,les,los,las,le,la,el,os}';
  s text := pgvigil.duplicate_fold(value);
  words text[];
  core text := '';
  word text;
begin
  if s ~ '\m(?:feat|ft|featuring)\M' then
    s := pg_catalog.regexp_replace(s, '^(.+?)[ (\[,]+(?:feat|ft|featuring)\M.*$', '\1');
  end if;
  s := pgvigil.duplicate_words(s);
  if s in ('', 'unknown', 'unknown artist', 'various', 'various artists', 'va', 'na', 'n a', 'null', 'none') then
    return null;
  end if;
  words := pg_catalog.string_to_array(s, ' ');
  if not words && articles and not pgvigil.duplicate_synonyms() ?| words then
    return s;
  end if;
  foreach word in array words loop
    if word <> all (articles) then
      core := core || ' ' || coalesce(pgvigil.duplicate_synonyms() ->> word, word);
    end if;
  end loop;
  -- A band may have nothing but articles in its name: The The.
  return coalesce(nullif(pg_catalog.ltrim(core), ''), s);
end
$$;
comment on function pgvigil.duplicate_artist(text) is
  'Comparable form of an artist''s name: words without articles, conjunctions and guests; NULL for "unknown" and the like.';

-- An album's title says little in its brackets (deluxe edition, disc 2), except that it is another recording.
create or replace function pgvigil.duplicate_album(value text) returns text[]
language plpgsql immutable strict parallel safe cost 300
as $$
declare
  s text := pgvigil.duplicate_fold(value);
  words text[];
  word text;
  core text;
  kinds integer := 0;
begin
  core := pgvigil.duplicate_words(s);
  words := pg_catalog.string_to_array(core, ' ');
  if pgvigil.duplicate_kind_words() ?| words then
    foreach word in array words loop
      -- Of live, remastered, acoustic, … only: a mix or a version on the sleeve says nothing about a track.
      kinds := kinds | coalesce((pgvigil.duplicate_kind_words() ->> word)::integer & 317, 0);
    end loop;
  end if;
  if s ~ '[(\[{:-]' or words && '{edition,version,disc,cd}'::text[] then
    s := pgvigil.duplicate_words(pg_catalog.regexp_replace(s,
      '[(\[{][^()\[\]{}]*[)\]}]?| - [^-]*(?:edition|version|remaster|single|ep|soundtrack)[^-]*$'
      '|\m(?:deluxe|expanded|anniversary|special|limited|[0-9]+th)(?: \w+)* edition|[ :,-]+(?:disc|cd) ?[0-9]+$', ' ', 'g'));
    core := coalesce(nullif(s, ''), core);
  end if;
  return array[nullif(core, ''), kinds::text];
end
$$;
comment on function pgvigil.duplicate_album(text) is
  'An album''s title in two parts: words without editions and brackets; what kind of recordings it says it holds.';

-- The first number that can be a year, out of 1999, '1999-05-01', '© 1999', '01.05.99' (none).
create or replace function pgvigil.duplicate_year(value text) returns integer
language sql immutable strict parallel safe
return pg_catalog.substring(value, '(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?![0-9])')::integer;
comment on function pgvigil.duplicate_year(text) is 'Year (1000 to 2099) somewhere in a text, or NULL.';

create or replace function pgvigil.duplicate_seconds(value text, unit text) returns double precision
language plpgsql immutable parallel safe cost 50
as $$
declare
  s text := pg_catalog.btrim(value);
  part text[];
  seconds double precision;
begin
  if s ~ '^[0-9]{1,9}(?:[.,][0-9]{1,6})?$' then
    seconds := pg_catalog.replace(s, ',', '.')::double precision;
    -- Without a unit: nobody's track lasts 10,000 s, and nobody's 10 s.
    if unit = 'ms' or (unit is null and seconds >= 10000) then
      seconds := seconds / 1000;
    end if;
  elsif s ~ '^(?:[0-9]{1,3}:)?[0-9]{1,4}:[0-5]?[0-9](?:[.,][0-9]{1,6})?$' then
    part := pg_catalog.string_to_array(pg_catalog.replace(s, ',', '.'), ':');
    seconds := part[pg_catalog.cardinality(part)]::double precision
      + 60 * part[pg_catalog.cardinality(part) - 1]::double precision
      + 3600 * coalesce(part[pg_catalog.cardinality(part) - 2]::double precision, 0);
  else
    part := pg_catalog.regexp_match(s,
      '^(?:pt)?\s*(?:([0-9]{1,3})\s*h[a-z]*)?\s*'
      '(?:([0-9]{1,4})\s*(?:m|min[a-z.]*|''|′))?\s*(?:([0-9]{1,6}(?:[.,][0-9]{1,6})?)\s*(?:s|sec[a-z.]*|"|″))?$', 'i');
    seconds := 3600 * coalesce(part[1]::double precision, 0) + 60 * coalesce(part[2]::double precision, 0)
      + coalesce(pg_catalog.replace(part[3], ',', '.')::double precision, 0);
  end if;
  return case when seconds > 0 then seconds end;
end
$$;
comment on function pgvigil.duplicate_seconds(text, text) is
  'Duration in seconds of 225, 225.0, 3:45, 0:03:45, PT3M45S or 3 min 45 s; a plain number is in the unit s or ms, without one in s, from 10,000 on in ms. NULL where it is none.';

revoke all on function
  pgvigil.duplicate_fold(text), pgvigil.duplicate_transliterate(text), pgvigil.duplicate_kana(text),
  pgvigil.duplicate_words(text), pgvigil.duplicate_kind_words(), pgvigil.duplicate_synonyms(),
  pgvigil.duplicate_artist(text), pgvigil.duplicate_album(text), pgvigil.duplicate_year(text),
  pgvigil.duplicate_seconds(text, text)
  from public;
grant execute on function
  pgvigil.duplicate_fold(text), pgvigil.duplicate_transliterate(text), pgvigil.duplicate_kana(text),
  pgvigil.duplicate_words(text), pgvigil.duplicate_kind_words(), pgvigil.duplicate_synonyms(),
  pgvigil.duplicate_artist(text), pgvigil.duplicate_album(text), pgvigil.duplicate_year(text),
  pgvigil.duplicate_seconds(text, text)
  to pgvigil_monitor, pgvigil_maintain;
