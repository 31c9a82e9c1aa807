/** What EXPLAIN ANALYZE runs and what it refuses to, on real servers. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import type { LiveTarget } from '../../src/live/live_target.ts';
import { analyzeStatement, type Value } from '../../src/statements/analyze.ts';
import { nodesOf } from '../../src/statements/plan_tree.ts';
import { liveTarget, statement } from './live.ts';

const SCHEMA = `
  create table t (id int primary key, name text, at date);
  insert into t select g, 'name ' || g, date '2026-01-01' + g from generate_series(1, 2000) g;
  create sequence touched;
  create schema s;
  create function s.writes(int) returns int language sql volatile as 'select nextval(''touched'')::int';
  create function s.in_sql(int) returns int language sql stable as 'select s.writes($1)';
  create function s.in_plpgsql(int) returns int language plpgsql stable as 'begin return s.writes($1); end';
  create function s.by_view(int) returns int language plpgsql stable as 'begin return (select x from s.deep limit 1); end';
  create function s.dynamic(int) returns int language plpgsql stable as 'begin execute ''select 1''; return 1; end';
  create function s.field(public.t) returns int language sql volatile as 'select nextval(''touched'')::int';
  create function s.operate(int, int) returns int language sql volatile as 'select nextval(''touched'')::int';
  create operator public.%% (leftarg = int, rightarg = int, function = s.operate);
  create aggregate s.gather (int) (sfunc = s.operate, stype = int);
  create function s.labelled(int, int) returns int language plpgsql immutable as 'begin return s.writes($1); end';
  create operator public.#%# (leftarg = int, rightarg = int, function = s.labelled);
  create aggregate s.collect (int) (sfunc = s.labelled, stype = int);
  create type s.mood as enum ('good');
  create function s.to_mood(int) returns s.mood language plpgsql immutable as 'begin perform s.writes($1); return ''good''; end';
  create function s.defaulted(a int default s.writes(1)) returns int language sql stable as 'select a';
  create view s.flat as select id, s.writes(id) x from t;
  create view s.deep as select * from s.flat;
  create view s.limited as select id from t limit s.writes(1);
  create view s.listed as select * from (values (s.writes(1))) v (x);
  create view s.harmless as select id, upper(name) as name from t;
  create function s.reads(int) returns bigint language plpgsql stable as 'begin return (select count(*) from t where id < $1); end';
  create table guarded (id int); alter table guarded enable row level security;
  create policy p on guarded using (s.writes(id) > 0);
  insert into guarded values (1);
  create function s.by_policy(int) returns bigint language plpgsql stable as 'begin return (select count(*) from guarded); end';
  create role analyst login; grant pg_monitor, pg_read_all_data to analyst; grant usage on schema s to analyst;
  alter role analyst set search_path = public, s;
  analyze`;

const REFUSED: readonly (readonly [text: string, why: string])[] = [
  ['insert into t values ($1)', 'only a SELECT'],
  ['update t set name = name', 'only a SELECT'],
  ['with d as (delete from t returning *) select * from d', 'changes data'],
  ['select * from (select 1) x where exists (select from t for update)', 'locks rows'],
  ['select * from t for share', 'locks rows'],
  ['select * into made from t', 'no plan'],
  ['select 1; delete from t', '2 statements'],
  ['vacuum', 'no plan'],
  ['select nextval($1)', 'nextval(regclass) is volatile'],
  ['select pg_sleep(60)', 'pg_sleep(double precision) is volatile'],
  ['select set_config($1, $2, true)', 'volatile'],
  ['select id from t order by random()', 'random() is volatile'],
  ['select id from t limit s.writes(1)', 'volatile'],
  ['select s.writes(1)', 's.writes(integer) is volatile'],
  ['select writes(1)', 's.writes(integer) is volatile'],
  ['select s.in_sql(1)', 'volatile'],
  ['select s.in_plpgsql(1)', 'volatile'],
  ['select s.by_view(1)', 'volatile'],
  ['select s.dynamic(1)', 'a text that it makes itself'],
  ['select t.field from t', 'volatile'],
  ['select 1 %% 2', 'operator'],
  ['select s.gather(id) from t', 'volatile'],
  ['select id #%# 2 from t', 's.writes(integer) is volatile'],
  ['select s.collect(id) from t', 's.writes(integer) is volatile'],
  ['select s.defaulted()', 'volatile'],
  ['select * from s.flat', 'volatile'],
  ['select id from s.deep', 'volatile'],
  ['select * from s.limited', 'volatile'],
  ['select * from s.listed', 'volatile'],
  ['select * from t where id in (select id from s.limited)', 'volatile'],
  ['select * from guarded', 'volatile'],
  ['select s.by_policy(1)', 'volatile'],
];

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let live: LiveTarget;
  const analyze = (text: string, values: readonly Value[] = []) =>
    analyzeStatement(live, statement(text, 'postgres', 'analyst'), values);
  const state = async () =>
    server.query(`select (select count(*)::int from t) as rows, (select last_value::int from touched) as sequence,
      (select is_called from touched) as called, (select count(*)::int from pg_class) as relations`);

  let before: unknown;
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { autovacuum: 'off' } });
    await server.query(SCHEMA);
    before = await state();
    live = liveTarget(server, 'postgres', 'analyst');
  });
  afterAll(async () => {
    await live?.close();
    // Whatever was tried above, nothing of it is to be seen.
    const after = await state();
    const sessions = await server.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where usename = 'analyst' and state <> 'idle'`,
    );
    await server?.stop();
    expect(after).toEqual(before);
    expect(sessions).toEqual([{ n: 0 }]);
  });

  it('runs a SELECT with its values and says what happened', async () => {
    const { root, ...rest } = await analyze('select * from t where id = $1', [5]);
    expect(rest).toMatchObject({ mode: 'analyze' });
    expect(rest.executionSeconds).toBeGreaterThan(0);
    expect(rest.planningSeconds).toBeGreaterThan(0);
    expect(root).toMatchObject({ type: 'Index Scan', relation: 'public.t', actualRows: 1, loops: 1, estimateError: 1 });
    expect(root.sharedHitBlocks! + root.sharedReadBlocks!).toBeGreaterThan(0);
    expect(JSON.parse(rest.text)).toHaveLength(1);
  });

  it('takes every type as text, with NULL, and refuses what does not fit', async () => {
    const text = 'select * from t where at > cast($1 as date) - interval $2 and (id = $3 or $4 is true or name = $5)';
    const { root } = await analyze(text, ['2026-01-02', '1 day', 7, false, null]);
    expect(root.actualRows).toBe(1);
    await expect(analyze('select * from t where id = $1', ['x'])).rejects.toMatchObject({ sqlState: '22P02' });
    await expect(analyze('select * from t where id = $1', [])).rejects.toMatchObject({
      code: 'bad_request',
      message: '"parameters" has 0 values, and the statement takes 1',
      hint: 'Give one value each for $1 integer.',
    });
  });

  it.each([
    `'; drop table t; --`,
    `$$; delete from t; $$`,
    String.raw`\'; select pg_sleep(60); --`,
    '1) or (1=1',
    'é😀\n\t"',
  ])('a value is data, whatever it says: %s', async (value) => {
    const { root } = await analyze('select * from t where name = $1', [value]);
    expect(root).toMatchObject({ type: 'Seq Scan', actualRows: 0, rowsRemovedByFilter: 2000 });
  });

  it.each(REFUSED)('refuses %s', async (text, why) => {
    const values = [...new Set(text.match(/\$\d/g))].map(() => 'touched');
    await expect(analyze(text, values)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(why) as string,
    });
  });

  it('refuses what a cast may do, which no text shows', async () => {
    await server.query('create cast (int as s.mood) with function s.to_mood(int) as implicit');
    try {
      await expect(analyze('select 1')).rejects.toMatchObject({
        message: expect.stringContaining('s.writes(integer) is volatile') as string,
      });
    } finally {
      await server.query('drop cast (int as s.mood)');
    }
  });

  it.each([
    'select * from s.harmless where id < 10',
    'select s.reads(10)',
    "select count(*), array_agg(id order by name), max(at at time zone 'UTC') from t group by at",
    'select percentile_cont(0.5) within group (order by id) from t',
    "select id % 2, row_number() over (order by name) from t where name ~ '9$' and at > now() - interval '1 day'",
    'select * from generate_series(1, 3) g left join t on t.id = g',
    'with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select * from r',
  ])('runs %s', async (text) => {
    expect((await analyze(text)).root.loops).toBe(1);
  });

  it('times and estimates are each node its own', async () => {
    const { root, remarks, executionSeconds } = await analyze(`
      with x as materialized (select * from t where name like '%9%')
      select * from x a join x b on a.id = b.id where a.id + 0 = a.id limit 1000`);
    const nodes = nodesOf(root);
    // A CTE's time is contained in that of its scans; counted twice, it would be more than the whole.
    const sum = nodes.reduce((seconds, node) => seconds + node.selfSeconds!, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThanOrEqual(executionSeconds!);
    const [scan] = nodes.filter(({ conditions }) => conditions.Filter?.includes('+ 0'));
    expect(scan.type).toBe('CTE Scan');
    expect(scan.estimateError).toBeGreaterThan(10);
    // It had more to give, and nobody asked.
    const cut = await analyze('select * from t limit 5');
    expect([cut.root.estimateError, cut.root.children[0].estimateError]).toEqual([1, null]);
    expect(remarks[1]).toMatch(/rows where \d+ were expected: \d+ times more\.$/);
  });
});

it('what takes too long is ended on the server', async () => {
  const server = await startPostgres();
  const live = liveTarget(server);
  try {
    await server.query('create table t as select generate_series(1, 5000) id');
    const text = 'select count(*) from t a, t b, t c, t d';
    await expect(analyzeStatement(live, statement(text), [])).rejects.toMatchObject({ reason: 'timeout' });
    expect(
      await server.query(
        "select pid from pg_stat_activity where state = 'active' and query like '%t a, t b%' and pid <> pg_backend_pid()",
      ),
    ).toEqual([]);
  } finally {
    await live.close();
    await server.stop();
  }
});
