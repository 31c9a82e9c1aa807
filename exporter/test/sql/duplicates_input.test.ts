/** What the search for duplicates is given: maps, threshold, free text, rights; and how the exporter asks it. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { find, findIn, installDuplicates, watcher } from './duplicates.ts';

const MAP = { key: 'id', title: 'title' };

/** Of a title: words, kinds of recording as names, the words that go with those, numbers. */
const TITLES: [string, (string | null)[]][] = [
  ['01 - Song', ['song', null, null, null]],
  ['3. Song', ['song', null, null, null]],
  ['Song (Live at Wembley)', ['song', 'live', 'wembley', null]],
  ['Song (Live in Paris', ['song', 'live', 'paris', null]],
  ['Song - 2011 Remaster', ['song', 'remaster', null, null]],
  ['Song Radio Edit', ['song', 'edit', null, null]],
  ['Song (Original Mix)', ['song', null, null, null]],
  ['Song (feat. Somebody) [Explicit]', ['song', null, null, null]],
  ['Song (Teil 2)', ['song', null, null, '2']],
  ['Song, Pt. II', ['song', null, null, '2']],
  ['Song III', ['song', null, null, '3']],
  ['99 Luftballons', ['luftballons', null, null, '^99']],
  ['Live and Let Die', ['live and let die', null, null, null]],
  ["(I Can't Get No) Satisfaction", ['i cant get no satisfaction', null, null, null]],
  ['Группа крови (концерт)', ['gruppa krovi', 'live', null, null]],
  ['夜に駆ける (ライブ)', ['kth ni cgg keru', 'live', null, null]],
  ['', [null, null, null, null]],
];

const TEXTS: [function_: string, from: string, to: string | null][] = [
  ['duplicate_fold', 'BeyoncÃ©', 'beyonce'],
  ['duplicate_fold', 'ÐšÐ¸Ð½Ð¾', 'kino'],
  ['duplicate_fold', 'Straße ŁÓDŹ Ａｂｃ', 'strasse lodz abc'],
  ['duplicate_fold', 'しゃしん', 'shashin'],
  ['duplicate_fold', 'Â', 'a'],
  ['duplicate_artist', 'Beatles, The', 'beatles'],
  ['duplicate_artist', 'Simon & Garfunkel', 'simon garfunkel'],
  ['duplicate_artist', 'The The', 'the the'],
  ['duplicate_artist', 'D.J. Somebody feat. Nobody', 'dj somebody'],
  ['duplicate_artist', '[unknown]', null],
  ['duplicate_year', '℗ 1978 Ojalá', '1978'],
  ['duplicate_year', '01.05.99', null],
];

const DURATIONS: [text: string, unit: string | null, seconds: number | null][] = [
  ['225', null, 225],
  ['225', 'ms', 0.225],
  ['225000', null, 225],
  ['225,5', 's', 225.5],
  ['3:45', 'ms', 225],
  ['0:03:45.5', null, 225.5],
  ['PT3M45S', null, 225],
  ['PT1H2M3.5S', null, 3723.5],
  ['3 min 45 s', null, 225],
  ['', null, null],
  ['-3', null, null],
  ['long', null, null],
];

describe.each(POSTGRES_MAJORS)('PostgreSQL %d', (major) => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres({ major });
    await installDuplicates(server);
    await server.query(`
      create table songs (id int primary key, title text, year int, tags jsonb, seen timestamptz);
      insert into songs select i, 'Song ' || chr(64 + i) from generate_series(1, 9) i;
      insert into songs values (10, 'Harbour lights at dawn', 1999), (11, 'Harbor lights at dawn', 1999);
      create role stranger login;
      create role watcher login in role pgvigil_monitor;
      create role reader login in role pgvigil_monitor;
      grant select on songs to reader`);
  });
  afterAll(() => server?.stop());

  const value = async (expression: string): Promise<unknown> =>
    (await server.query<{ value: unknown }>(`select ${expression} as value`))[0].value;
  const quoted = (text: string | null): string => (text === null ? 'null' : `'${text.replaceAll("'", "''")}'`);

  it.each(TITLES)('reads the title "%s"', async (title, parts) => {
    const [core, kinds, detail, numbers] = (await value(`pgvigil.duplicate_title(${quoted(title)}, null)`)) as string[];
    expect([core, await value(`pgvigil.duplicate_kind_names(${kinds})`), detail, numbers]).toEqual(parts);
  });

  it.each(TEXTS)('%s(%s)', async (name, from, to) => {
    expect(await value(`pgvigil.${name}(${quoted(from)})::text`)).toBe(to);
  });

  it.each(DURATIONS)('a duration of %s %s', async (text, unit, seconds) => {
    expect(await value(`pgvigil.duplicate_seconds(${quoted(text)}, ${quoted(unit)})`)).toBe(seconds);
  });

  it.each<[string, string, RegExp]>([
    ['an unknown role', '{"key": "id", "title": "title", "singer": "title"}', /unknown role "singer"/],
    ['an unknown column', '{"key": "id", "title": "name"}', /no column "name" for title/],
    ['no title', '{"key": "id"}', /title is missing/],
    ['no key', '{"title": "title"}', /key is missing/],
    ['a column that is no text', '{"key": "id", "title": "year"}', /"year" is of type integer, which cannot be title/],
    [
      'a document',
      '{"key": "id", "title": "title", "album": "tags"}',
      /"tags" is of type jsonb, which cannot be album/,
    ],
    ['a time that is none', '{"key": "id", "title": "title", "updated_at": "year"}', /cannot be updated_at/],
    ['a column without a name', '{"key": "id", "title": null}', /"title" is not the name of a column/],
    ['a wrong unit', '{"key": "id", "title": "title", "duration_unit": "min"}', /duration_unit is "min"/],
    ['a list', '[]', /not a JSON object/],
    ['a system column', '{"key": "ctid", "title": "title"}', /no column "ctid"/],
    [
      'an injection',
      '{"key": "id::text; drop table songs --", "title": "title"}',
      /no column "id::text; drop table songs --"/,
    ],
  ])('refuses a map with %s', async (_, map, message) => {
    const asked = server.query(`select * from pgvigil.find_duplicates('songs', '${map}')`);
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toHaveProperty('hint', expect.stringMatching(/\w{3}/));
  });

  it.each([
    ['null, 10', /threshold is NULL/],
    ['0, 10', /threshold is 0/],
    ['1.5, 10', /threshold is 1.5/],
    ["'NaN', 10", /threshold is NaN/],
    ['0.5, -1', /lim is -1/],
    ['0.5, 10, now()', /since needs to know when a row changed/],
  ])('refuses the options %s', async (options, message) => {
    await expect(find(server, 'songs', MAP, options)).rejects.toThrow(message);
  });

  it('says so where pg_trgm is not there, and finds it in any schema', async () => {
    await server.query('create schema elsewhere; alter extension pg_trgm set schema elsewhere');
    expect(await find(server, 'songs', MAP)).toHaveLength(1);
    await server.query('drop extension pg_trgm');
    await expect(find(server, 'songs', MAP)).rejects.toThrow('pg_trgm is not installed');
    await server.query('create extension pg_trgm');
  });

  it('takes names that need quotes, and texts that are anything', async () => {
    const texts = [
      "'; drop table songs; --",
      '((((',
      ')',
      '[[{',
      '\\',
      '%s %I $1',
      '  ',
      '…',
      '🎵🎵',
      'a'.repeat(3000),
      '((live',
      'part',
      '#',
      '- -',
    ];
    await server.query(`create table "Odd ""Table" ("Der Schlüssel" uuid default gen_random_uuid(), "the title" varchar, "select" bpchar);
      insert into "Odd ""Table" ("the title", "select") values ${texts.flatMap((text) => texts.map((other) => `(${quoted(text)}, ${quoted(other)})`)).join(', ')}`);
    const map = { key: 'Der Schlüssel', title: 'the title', artist: 'select' };
    expect(await find(server, '"Odd ""Table"', map)).toBeInstanceOf(Array);
    await expect(value('(select count(*)::int from songs)')).resolves.toBe(11);
  });

  it('does not mind what the role has set', async () => {
    await server.query(
      'alter role reader set standard_conforming_strings = off; alter role reader set search_path = elsewhere',
    );
    const session = await watcher(server, 'reader');
    const ask = `select left_key from pgvigil.find_duplicates('public.songs', '{"key": "id", "title": "title"}')`;
    expect(await session.query(ask)).toEqual([{ left_key: '10' }]);
    await session.end();
  });

  it('reads a partitioned table, a materialized view and a view', async () => {
    await server.query(`create table parted (like songs) partition by range (id);
      create table parted_1 partition of parted for values from (0) to (11);
      create table parted_2 partition of parted for values from (11) to (99);
      insert into parted select * from songs;
      create materialized view kept as select * from songs;
      create view shown as select * from songs`);
    for (const relation of ['parted', 'kept', 'shown']) expect(await find(server, relation, MAP)).toHaveLength(1);
  });

  it('needs the right to call it and the right to read the table', async () => {
    const ask = `select left_key from pgvigil.find_duplicates('public.songs', '{"key": "id", "title": "title"}')`;
    const expectations = {
      stranger: /permission denied for schema pgvigil/,
      watcher: /permission denied for table songs/,
    };
    for (const [user, message] of Object.entries(expectations)) {
      const session = await watcher(server, user);
      await expect(session.query(ask)).rejects.toThrow(message);
      await session.end();
    }
    const session = await watcher(server, 'reader');
    expect(await session.query(ask)).toEqual([{ left_key: '10' }]);
    await session.end();
  });

  describe('the summary', () => {
    const summary = async (): Promise<Record<string, unknown>[]> => {
      const session = await watcher(server, 'watcher');
      return session.query('select * from pgvigil.duplicate_summary()').finally(() => session.end());
    };
    const listed = (relation: string, map: object): Promise<unknown> =>
      server.query(`insert into pgvigil.duplicate_watch values ('${relation}', '${JSON.stringify(map)}')`);

    it('counts what the exporter may not read, in a read-only transaction, and no more than counts', async () => {
      await findIn(server, 'key text, title text', ['a', 'b', 'c'].map((key) => `('${key}', 'Harbour lights')`)); // prettier-ignore
      expect(await summary()).toEqual([]);
      await listed('songs', MAP);
      await listed('sample', { key: 'key', title: 'title' });
      expect(await summary()).toEqual([
        {
          schemaname: 'public',
          relname: 'sample',
          rows: '3',
          pairs: '3',
          clusters: '1',
          duplicate_rows: '2',
          seconds: expect.any(Number) as number,
        },
        {
          schemaname: 'public',
          relname: 'songs',
          rows: '11',
          pairs: '1',
          clusters: '1',
          duplicate_rows: '1',
          seconds: expect.any(Number) as number,
        },
      ]);
    });

    it('is not kept from the others by one that fails, is gone, is switched off or is a view', async () => {
      await server.query(`create or replace view shown as select * from songs; create table gone (id int, title text)`);
      await listed('gone', MAP);
      await listed('shown', MAP);
      await server.query(`drop table gone; update pgvigil.duplicate_watch set enabled = false where relation = 'sample'::regclass;
        create table wrong (id int, title text)`);
      await listed('wrong', { key: 'id', title: 'lost' });
      expect((await summary()).map(({ relname, pairs }) => [relname, pairs])).toEqual([
        ['songs', '1'],
        ['wrong', null],
      ]);
    });

    it('lists what its owner lists, nobody else: what is listed is read with his rights', async () => {
      const session = await watcher(server, 'watcher');
      await session.query('set default_transaction_read_only = off');
      const insert = `insert into pgvigil.duplicate_watch values ('public.songs', '{}')`;
      await expect(session.query(insert)).rejects.toThrow('permission denied');
      await session.end();
    });
  });
});
