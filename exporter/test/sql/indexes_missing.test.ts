/** Indexes that should be there: under foreign keys, and those that a failed build left behind. */
import { POSTGRES_MAJORS, type PostgresServer } from '../../../demo/servers/index.ts';
import { holdLock, openSession, until } from '../support/database.ts';
import { sendEach, startAdvised, watch } from './advisors.ts';

interface Finding {
  readonly [column: string]: unknown;
  readonly relname: string;
  readonly indexrelname: string;
  readonly verdict: string;
  readonly reason: string;
  readonly do_statement: string;
  readonly undo_statement: string;
}

const FOREIGN_KEYS = `
  create schema fk; set search_path = fk;
  create table parent (a int, b int, t text, primary key (a, b), unique (a), unique (t));
  create table reversed (a int, b int, foreign key (a, b) references parent); create index on reversed (b, a);
  create table wider (a int references parent (a), x int); create index on wider (a, x);
  create table hashed (a int references parent (a)); create index on hashed using hash (a);
  create table not_null (a int references parent (a)); create index on not_null (a) where a is not null;
  create table part (a int references parent (a), x int); create index on part (a) where x > 0;
  create table other_null (a int references parent (a), x int); create index on other_null (a) where x is not null;
  create table second (a int references parent (a), x int); create index on second (x, a);
  create table brin (a int references parent (a)); create index on brin using brin (a);
  create table half (a int, b int, foreign key (a, b) references parent); create index on half (a);
  create table other_half (a int, b int, x int, foreign key (a, b) references parent); create index on other_half (a, x, b);
  create table collated (t text references parent (t)); create index on collated (t collate "C");
  create table patterns (t text references parent (t)); create index on patterns (t text_pattern_ops);
  create table none (a int references parent (a));
  create table invalid (a int references parent (a)); create index invalid_a on invalid (a);
  update pg_index set indisvalid = false where indexrelid = 'invalid_a'::regclass;
  create table many (a int references parent (a), day date) partition by range (day);
  create table many_1 partition of many for values from ('2024-01-01') to ('2025-01-01') partition by range (day);
  create table many_1_1 partition of many_1 for values from ('2024-01-01') to ('2024-07-01');
  create table many_2 partition of many for values from ('2025-01-01') to ('2026-01-01');
  create table "Odd; one" ("A a" int references parent (a));`;

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  const findings = (where: string, minBytes = 0): Promise<Finding[]> =>
    watch<Finding>(
      server,
      `select * from pgvigil.check_index_usage(7, ${minBytes}) where schemaname <> 'pgvigil' and ${where}`,
    );

  beforeAll(async () => {
    server = await startAdvised(major, { allow_system_table_mods: 'on' });
  });
  afterAll(() => server?.stop());

  it('finds the foreign keys that no index serves, and cures them', async () => {
    await server.query(FOREIGN_KEYS);
    const missing = async (): Promise<Record<string, string>> => {
      const rows = await findings("kind = 'missing_fk'");
      return Object.fromEntries(
        rows.map(({ relname, verdict, reason }) => [relname, `${verdict}: ${/\): (.*?);/.exec(reason)![1]}`]),
      );
    };
    const none = 'review: no index begins with its columns';
    const one = 'review: an index begins with 1 of its 2 columns';
    const expected = {
      part: none,
      other_null: none,
      second: none,
      brin: none,
      half: one,
      other_half: one,
      collated: none,
      none,
      invalid: none,
      many: none,
      'Odd; one': none,
    };
    expect(await missing()).toEqual(expected);
    expect(await findings("kind = 'missing_fk'", 1)).toEqual([]);

    const rows = await findings("kind = 'missing_fk' and relname in ('many', 'none', 'Odd; one')");
    for (const { do_statement } of rows) await sendEach(server, do_statement);
    const { many: _, none: __, 'Odd; one': ___, ...rest } = expected;
    expect(await missing()).toEqual(rest);
    expect(await findings("kind = 'invalid' and relname like 'many%'")).toEqual([]);
    for (const { undo_statement } of rows) await sendEach(server, undo_statement);
    expect(await missing()).toEqual(expected);
  });

  it('is urgent when rows of the other table are being deleted', async () => {
    await server.query(
      `create table root (id int, day date, primary key (id, day)) partition by range (day);
       create table root_1 partition of root for values from ('2024-01-01') to ('2025-01-01');
       create table leaf (id int, day date, foreign key (id, day) references root);
       insert into root select g, '2024-02-02' from generate_series(1, 100) g`,
    );
    const verdict = async (): Promise<string> => (await findings("relname = 'leaf'"))[0].verdict;
    expect(await verdict()).toBe('review');
    await server.query('delete from root where id <= 10');
    await until('the deletes are counted', async () => (await verdict()) === 'create');
    expect((await findings("relname = 'leaf'"))[0].reason).toContain('10 rows of public.root were deleted');
  });

  it('does not wait for the size of a locked table', async () => {
    await server.query(
      'create table held_parent (a int primary key); create table held (a int references held_parent)',
    );
    const holder = await holdLock(server, 'lock table held, held_parent');
    try {
      expect((await findings("kind = 'missing_fk' and relname = 'held'")).length).toBe(1);
    } finally {
      await holder.end();
    }
  });

  it('tells the leftovers of builds that failed from a build that goes on', async () => {
    await server.query(
      `create table b (a int); insert into b values (1), (1); create table r (a int); insert into r values (1);
       create function even(int) returns int language sql immutable as 'select $1';
       create index r_even on r (even(a)); create table old (a int); create index old_a_ccold on old (a);
       update pg_index set indisvalid = false where indexrelid = 'old_a_ccold'::regclass;
       create table p (a int) partition by range (a); create table p_1 partition of p for values from (0) to (9);
       create index p_a on only p (a)`,
    );
    await expect(server.query('create unique index concurrently b_a on b (a)')).rejects.toThrow('b_a');
    await server.query("create or replace function even(int) returns int language sql immutable as 'select $1 / 0'");
    await expect(server.query('reindex index concurrently r_even')).rejects.toThrow('division by zero');
    const invalid = async (): Promise<Record<string, unknown>> => {
      const rows = await findings("kind = 'invalid' and schemaname = 'public'");
      return Object.fromEntries(
        rows.map(({ indexrelname, verdict, do_statement }) => [indexrelname, [verdict, do_statement]]),
      );
    };
    const expected = {
      b_a: ['rebuild', 'REINDEX INDEX CONCURRENTLY public.b_a;'],
      r_even_ccnew: ['safe to drop', 'DROP INDEX CONCURRENTLY public.r_even_ccnew;'],
      old_a_ccold: ['safe to drop', 'DROP INDEX CONCURRENTLY public.old_a_ccold;'],
      p_a: ['review', null],
    };
    expect(await invalid()).toEqual(expected);
    const [{ reason }] = await findings("indexrelname = 'b_a'");
    expect(reason).toContain('it already refuses duplicates');

    await server.query('create table busy (a int)');
    const writer = await holdLock(server, 'insert into busy values (1)');
    const builder = await openSession(server.url());
    const build = builder.query('create index concurrently busy_a on busy (a)').catch((error: Error) => error.message);
    await until(
      'the index is there',
      async () => (await server.query("select to_regclass('busy_a') as i"))[0].i !== null,
    );
    expect(await invalid()).toEqual(expected);
    await server.query(`select pg_terminate_backend(${builder.pid})`);
    await build;
    await until(
      'the build is over',
      async () => (await server.query('select from pg_stat_progress_create_index')).length === 0,
    );
    expect(await invalid()).toMatchObject({ ...expected, busy_a: ['rebuild', expect.anything()] });
    await writer.end();
    for (const { do_statement } of await findings("kind = 'invalid' and relname in ('r', 'old', 'busy')")) {
      await server.query(do_statement);
    }
    expect(await invalid()).toEqual({ b_a: expected.b_a, p_a: expected.p_a });
  });
});
