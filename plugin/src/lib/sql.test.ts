import { layoutSql } from './sql_layout';
import { oneLine, tableTokens, tokensOf, withoutColumns } from './sql_tokens';

const text = (sql: string) =>
  layoutSql(sql).map((line) => '  '.repeat(line.depth) + line.tokens.map((token) => token.text).join(''));

const NASTY = [
  `select 'a;--b' , "we""ird 🎵".x from "we""ird 🎵" -- tail`,
  'select $tag$ where ( $tag$, $1',
  "select e'\\'', 'open",
  '/* open comment',
  'select "open',
  'ñandú := 1.5e3_',
  '',
];

it.each(NASTY)('loses no character of %p', (sql) => {
  expect(
    tokensOf(sql)
      .map((token) => token.text)
      .join(''),
  ).toBe(sql);
});

it.each([
  ['select track_id, title, artist_credit from tracks where id = $1', 'select … from tracks where id = $1'],
  ['select extract(year from at), "from" as a from plays', 'select … from plays'],
  ['select a is distinct from b as changed from plays', 'select … from plays'],
  ['select count(*) from tracks', 'select count(*) from tracks'],
  ['select musicdb.bulk_insert_tracks($1, $2)', 'select musicdb.bulk_insert_tracks($1, $2)'],
  ['update tracks set title = $1 from albums', 'update tracks set title = $1 from albums'],
  ["select 'no end", "select 'no end"],
  ['select(a, b, c, d, e, f)from t', 'select(a, b, c, d, e, f)from t'],
])('%p in a list is %p', (sql, shown) => {
  expect(
    withoutColumns(oneLine(sql))
      .map((token) => token.text)
      .join(''),
  ).toBe(shown);
});

it('a layout changes white space only', () => {
  const bare = (sql: string) => sql.replace(/\s+/g, '');
  for (const sql of [...NASTY, 'with a as (select 1 from b where c in (select d from e)) select * from a, b']) {
    expect(bare(text(sql).join(''))).toBe(bare(sql));
  }
});

it('breaks at clauses and indents sub-selects', () => {
  expect(
    text(
      'select t.id, count(*) from tracks t left join albums a on a.id = t.album_id ' +
        'where a.year between $1 and $2 and t.id in (select track_id from plays where at > $3) group by t.id order by 2 limit $4',
    ),
  ).toEqual([
    'select t.id, count(*)',
    'from tracks t',
    'left join albums a',
    '  on a.id = t.album_id',
    'where a.year between $1 and $2',
    '  and t.id in (',
    '    select track_id',
    '    from plays',
    '    where at > $3',
    ')',
    'group by t.id',
    'order by 2',
    'limit $4',
  ]);
});

it('keeps INSERT … ON CONFLICT DO UPDATE and FOR UPDATE together', () => {
  expect(text('insert into a (b) values ($1) on conflict (b) do update set c = $2')).toEqual([
    'insert into a (b)',
    'values ($1)',
    '  on conflict (b) do update',
    'set c = $2',
  ]);
  expect(text('select 1 from a for update')).toEqual(['select 1', 'from a for update']);
  expect(text('delete from a where b = $1')).toEqual(['delete from a', 'where b = $1']);
});

it('breaks long lists at their commas', () => {
  const columns = Array.from({ length: 30 }, (_, at) => `column_${at}`);
  expect(text(`select ${columns.join(', ')} from a`)).toHaveLength(31);
});

it('is fast on a statement of a megabyte', () => {
  expect(layoutSql(`select ${'x, '.repeat(100_000)}1`).length).toBeGreaterThan(1000);
});

it('puts a statement on one line', () => {
  const line = oneLine("/* tag */ select 'a  b'\n\t from x -- why\n where y ");
  expect(line.map((token) => token.text).join('')).toBe("select 'a  b' from x where y");
});

it('finds the tables it names, and not a column of that name', () => {
  const tokens = tokensOf('select t.tracks, tracks.id from Tracks join shop."We""ird" on true');
  const names = [...tableTokens(tokens, ['tracks', 'shop."We""ird"'])].map((at) => tokens[at].text);
  expect(names).toEqual(['tracks', 'Tracks', '"We""ird"']);
});
