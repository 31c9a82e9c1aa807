import fc from 'fast-check';
import { normaliseQuery } from '../../src/statements/normalise.ts';
import { describeStatement, loadParser } from '../../src/statements/parse.ts';

beforeAll(loadParser);

describe('what a statement is, and the tables it names', () => {
  it.each([
    ['select * from a.b x join "C d".e on true where c in (select 1 from f)', 'select', ['a.b', '"C d".e', 'f']],
    ['update musicdb.tracks set x = $1 where id in (select id from q for update)', 'update', ['musicdb.tracks', 'q']],
    ['insert into a select * from b', 'insert', ['a', 'b']],
    ['delete from only a using b', 'delete', ['a', 'b']],
    ['merge into t using s on t.a = s.a when matched then delete', 'merge', ['t', 's']],
    ['values ($1)', 'select', []],
    ['select * from generate_series($1, $2)', 'select', []],
    ['vacuum t', 'utility', ['t']],
    ['select 1 into made from t', 'utility', ['made', 't']],
    ['select interval $1, a from t where b in ($2 /*, ... */)', 'select', ['t']],
  ])('%s', (text, kind, tables) => {
    const found = describeStatement(text);
    expect(found.kind).toBe(kind);
    expect([...found.tables].sort()).toEqual([...tables].sort());
  });

  it('leaves out names of WITH queries where they hide a table, and only there', () => {
    expect(describeStatement('with q as (select 1 from z) select * from q, w').tables).toEqual(['z', 'w']);
    expect(describeStatement('with t as (select * from t) select * from t').tables).toEqual(['t']);
    expect(describeStatement('with recursive t as (select * from t) select * from t').tables).toEqual([]);
    expect(describeStatement('with t as (select 1) select * from public.t').tables).toEqual(['public.t']);
  });

  it.each([
    ['select * from a where b = $1 and c in (', 'select'],
    ['/* a comment */ delete from', 'delete'],
    ['-- another\n (select', 'select'],
    ['with x as (', 'other'],
    ['lock table', 'utility'],
    ['nonsense', 'other'],
    ['', 'other'],
  ])('of a text that cannot be parsed, what its first word tells: %s', (text, kind) => {
    expect(describeStatement(text)).toEqual({ kind, tables: [] });
  });

  it('never throws, and a text that would end the parser leaves it as it was', () => {
    const chain = (terms: number): string => `select ${Array(terms).fill('a').join('+')} from t`;
    for (const terms of [4000, 8000, 20_000]) expect(describeStatement(chain(terms)).kind).toBe('select');
    expect(describeStatement(chain(1900)).tables).toEqual(['t']);
    expect(describeStatement(`insert into t values ${Array(5000).fill('($1, $2)').join(', ')}`).tables).toEqual(['t']);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void describeStatement(text)));
  });
});

describe('taking literals out', () => {
  it.each([
    [
      "select 'a', x from t where é = 'b' and y = $2 and z = 1.5e3",
      'select $3, x from t where é = $4 and y = $2 and z = $5',
    ],
    [
      String.raw`select E'a\'b', B'01', x'1f', U&'d', N'x', $q$ y $q$, U&"kept"`,
      'select $1, $2, $3, $4, N$5, $6, U&"kept"',
    ],
    ["alter role x password 'hush'", 'alter role x password $1'],
    ["copy t from '/a' with (delimiter ',')", 'copy t from $1 with (delimiter $2)'],
    ['select 1 -- card 1234\n from t /* 5678 */', 'select $1  \n from t'],
  ])('%s', (text, expected) => {
    expect(normaliseQuery(text)).toBe(expected);
  });

  it.each([
    ["select * from t where a = 'secr", 'select * from t where a = …'],
    ['select 1 /* secr', 'select $1 …'],
    ['select é, $tag$ secr', 'select é, …'],
    ['select "a secr', 'select …'],
  ])('of a text that was cut: %s', (text, expected) => {
    expect(normaliseQuery(text)).toBe(expected);
  });

  it('gives nothing where standard_conforming_strings decides what is a literal', () => {
    expect(normaliseQuery(String.raw`select 'it\'s secret'`)).toBeUndefined();
    expect(normaliseQuery(String.raw`select 'a\', secret, \'b'`)).toBeUndefined();
  });

  it('leaves no literal, however it is written and wherever the text is cut', () => {
    const secret = 'Zq7Xw';
    const literal = fc.constantFrom(
      (s: string) => `'${s}'`,
      (s: string) => `E'\\'${s}'`,
      (s: string) => `'it''s ${s}'`,
      (s: string) => `$x$${s}$x$`,
      (s: string) => `$$'${s}$$`,
      (s: string) => `/* ' ${s} */ 1`,
      (s: string) => `-- ${s}\n 2`,
    );
    fc.assert(
      fc.property(
        fc.array(literal, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (forms, part) => {
          const text = `select a, "b'" from "t$$" where c in (${forms.map((form) => form(secret)).join(', ')})`;
          const cut = text.slice(0, Math.ceil(text.length * part));
          const shown = normaliseQuery(cut) ?? '';
          expect(shown).not.toMatch(/Zq7|7Xw/);
        },
      ),
      { numRuns: 500 },
    );
  });
});
