/** Which index does what another one does as well, and which only looks like it. */
import { POSTGRES_MAJORS, type PostgresServer } from '../../../demo/servers/index.ts';
import { startAdvised, watch } from './advisors.ts';

const TABLE = '(id int not null, a int, b int, c text, d text, j jsonb, r int4range, p point)';

/** [what, statements on table t, index → kind]: every index that is not named must not be found. */
const CASES: [string, string, Record<string, string>][] = [
  ['the same columns', 'create index x on t (a, b); create index y on t (a, b)', { y: 'duplicate' }],
  ['leading columns', 'create index x on t (a); create index y on t (a, b)', { x: 'redundant' }],
  ['trailing columns', 'create index x on t (b); create index y on t (a, b)', {}],
  ['another order of columns', 'create index x on t (b, a); create index y on t (a, b)', {}],
  ['a unique one beside it', 'create index x on t (a); create unique index y on t (a)', { x: 'duplicate' }],
  ['a unique one that is wider', 'create index x on t (a); create unique index y on t (a, b)', { x: 'redundant' }],
  ['a unique one that is narrower', 'create unique index x on t (a); create index y on t (a, b)', {}],
  ['two unique ones', 'create unique index x on t (a); create unique index y on t (a)', { y: 'duplicate' }],
  ['the primary key', 'alter table t add primary key (id); create index x on t (id)', { x: 'duplicate' }],
  [
    'the primary key, unique',
    'alter table t add primary key (id); create unique index x on t (id)',
    { x: 'duplicate' },
  ],
  ['two constraints', 'alter table t add primary key (id), add constraint u unique (id)', { u: 'duplicate' }],
  [
    'a constraint that is referred to',
    'alter table t add constraint u unique (id); create table t_child (id int references t (id)); alter table t add primary key (id)',
    {},
  ],
  [
    'a constraint that is checked at once, beside one that can wait',
    'alter table t add constraint v unique (a) deferrable; alter table t add constraint w unique (a)',
    { v: 'duplicate' },
  ],
  [
    'one that is checked at once, beside a primary key that can wait',
    'alter table t add primary key (id) deferrable; create unique index x on t (id)',
    {},
  ],
  ['another operator class', 'create index x on t (c); create index y on t (c text_pattern_ops)', {}],
  ['another collation', 'create index x on t (c); create index y on t (c collate "C")', {}],
  ['another direction', 'create index x on t (a); create index y on t (a desc)', {}],
  ['another place for NULL', 'create index x on t (a); create index y on t (a nulls first)', {}],
  ['a wider one in another direction', 'create index x on t (a); create index y on t (a desc, b)', {}],
  ['another predicate', 'create index x on t (a) where b = 1; create index y on t (a) where b = 2', {}],
  ['a predicate beside none', 'create index x on t (a) where b = 1; create index y on t (a)', {}],
  [
    'the same predicate, written otherwise',
    'create index x on t (a) where b = 1; create index y on t (a)     where ((b) = 1)',
    { y: 'duplicate' },
  ],
  ['the same expression', 'create index x on t (lower(c)); create index y on t (lower(c), a)', { x: 'redundant' }],
  ['another expression', 'create index x on t (lower(c)); create index y on t (upper(c), a)', {}],
  ['fewer columns included', 'create index x on t (a); create index y on t (a) include (b)', { x: 'redundant' }],
  ['other columns included', 'create index x on t (a) include (b); create index y on t (a) include (c)', {}],
  ['included there, key here', 'create index x on t (a) include (b); create index y on t (a, b)', { x: 'redundant' }],
  ['key here, included there', 'create index x on t (a, b); create index y on t (a) include (b)', { y: 'redundant' }],
  ['unique, with other columns', 'create unique index x on t (a) include (b); create index y on t (a, b)', {}],
  ['another access method', 'create index x on t using hash (a); create index y on t (a)', {}],
  ['GIN, the same', 'create index x on t using gin (j); create index y on t using gin (j)', { y: 'duplicate' }],
  ['GIN, another class', 'create index x on t using gin (j); create index y on t using gin (j jsonb_path_ops)', {}],
  ['GiST, leading columns', 'create index x on t using gist (r); create index y on t using gist (r, p)', {}],
  [
    'BRIN of another grain',
    'create index x on t using brin (a); create index y on t using brin (a) with (pages_per_range = 4)',
    {},
  ],
  [
    'options of the operator class',
    'create extension if not exists pg_trgm; create index x on t using gist (c gist_trgm_ops); create index y on t using gist (c gist_trgm_ops (siglen = 100))',
    {},
  ],
  [
    'another fill factor',
    'create index x on t (a); create index y on t (a) with (fillfactor = 70)',
    { y: 'duplicate' },
  ],
  [
    'the replica identity',
    'create index x on t (id); create unique index y on t (id); alter table t replica identity using index y',
    { x: 'duplicate' },
  ],
  [
    'the replica identity beside the primary key',
    'alter table t add primary key (id); create unique index y on t (id); alter table t replica identity using index y',
    {},
  ],
  [
    'an exclusion constraint',
    'alter table t add constraint x exclude using gist (r with &&); create index y on t using gist (r)',
    { y: 'duplicate' },
  ],
  [
    'a chain',
    'create index x on t (a); create index y on t (a, b); create index z on t (a, b, c)',
    { x: 'redundant', y: 'redundant' },
  ],
  [
    'an invalid one',
    'create index x on t (a); create index y on t (a, b); update pg_index set indisvalid = false where indexrelid = (current_schema() || $$.y$$)::regclass',
    {},
  ],
];

const NULLS_NOT_DISTINCT: (typeof CASES)[number] = [
  'one that takes NULLs as equal',
  'create unique index x on t (a) nulls not distinct; create unique index y on t (a)',
  {},
];

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  const cases = major < 15 ? CASES : [...CASES, NULLS_NOT_DISTINCT];

  beforeAll(async () => {
    server = await startAdvised(major, { allow_system_table_mods: 'on' });
    for (const [at, [, statements]] of cases.entries()) {
      await server.query(
        `create schema case_${at}; set search_path = case_${at}, public; create table t ${TABLE}; ${statements}`,
      );
    }
  });
  afterAll(() => server?.stop());

  it('finds what can go, and nothing else', async () => {
    const rows = await watch<{ schemaname: string; indexrelname: string; kind: string; verdict: string }>(
      server,
      "select schemaname, indexrelname, kind, verdict from pgvigil.check_index_usage() where kind in ('duplicate', 'redundant')",
    );
    const found: Record<string, Record<string, string>> = {};
    for (const [at, [what]] of cases.entries()) {
      const here = rows.filter(({ schemaname }) => schemaname === `case_${at}`);
      found[what] = Object.fromEntries(here.map(({ indexrelname, kind }) => [indexrelname, kind]));
    }
    expect(found).toEqual(Object.fromEntries(cases.map(([what, , expected]) => [what, expected])));
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['safe to drop', 'review']));
  });

  it('wants a second look where a statement may name the constraint', async () => {
    const [row] = await watch(
      server,
      `select verdict, reason, do_statement, undo_statement from pgvigil.check_index_usage() where indexrelname = 'u'`,
    );
    expect(row).toMatchObject({
      verdict: 'review',
      reason: expect.stringContaining('ON CONFLICT ON CONSTRAINT') as string,
      do_statement: expect.stringMatching(/^ALTER TABLE case_\d+\.t DROP CONSTRAINT u;$/) as string,
      undo_statement: expect.stringContaining('ADD CONSTRAINT u UNIQUE USING INDEX u') as string,
    });
  });
});
