/** What planning could run of somebody else's is not planned. */
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import type { LiveTarget } from '../../src/live/live_target.ts';
import { genericPlan } from '../../src/statements/explain.ts';
import { liveTarget, statement } from './live.ts';

/** What `mallory` owns says whom it caught. */
const SCHEMA = `
  create role reader login; grant pg_monitor, pg_read_all_data to reader;
  create role mallory login; create schema m authorization mallory; create schema s;
  create extension pg_trgm schema s;
  create function s.pinned(int) returns int immutable language sql set search_path = pg_catalog as 'select $1';
  create function s.atomic(i int) returns int immutable language sql begin atomic select i + 1; end;
  create function s.loose(int) returns int immutable language sql as 'select $1 + 1';
  grant usage on schema s to public;
  alter role mallory set search_path = m, pg_catalog;
  set role mallory;
  set search_path = m, pg_catalog;
  grant usage on schema m to public;
  create function caught(int) returns int immutable language plpgsql as $$ begin raise 'RAN AS %', current_user; end $$;
  create function inlined(int) returns int stable language sql as 'select m.caught(1) + $1';
  create function later(int) returns int volatile language plpgsql as $$ begin raise 'RAN AS %', current_user; end $$;
  create function same(int, int) returns boolean immutable language plpgsql as $$ begin raise 'RAN AS %', current_user; end $$;
  create operator === (leftarg = int, rightarg = int, function = same);
  create type mood as enum ('good', 'bad');
  create function to_mood(int) returns mood immutable language plpgsql as $$ begin raise 'RAN AS %', current_user; end $$;
  create cast (int as mood) with function to_mood(int);
  create table plain (id int, n int);
  create table felt (id int, mood mood);
  create function field(plain) returns int immutable language plpgsql as $$ begin raise 'RAN AS %', current_user; end $$;
  create view seen as select id, caught(1) as c from plain;
  create view over as select id from seen where c = 1;
  create table indexed (id int);
  create table guarded (id int);
  create policy p on guarded using (caught(1) = id);
  alter table guarded enable row level security;
  create table checked (id int) partition by range (id);
  create table checked_1 partition of checked for values from (0) to (10);
  alter table checked_1 add check (id > later(1));
  create domain word as text check (later(1) is not null);
  create table spoken (id int, word word);
  create table filled (id int, n int default later(1));
  create or replace function later(int) returns int immutable language plpgsql as $$ begin return 1; end $$;
  create index on indexed ((id + later(1)));
  create or replace function later(int) returns int immutable language plpgsql as $$ begin raise 'RAN AS %', current_user; end $$;
  create function never(int) returns int volatile language plpgsql as $$ begin raise 'RAN AS %', current_user; end $$;
  grant insert on filled to reader`;

let server: PostgresServer;
let live: LiveTarget;
const plan = (text: string, user = 'reader') => genericPlan(live, statement(text, 'postgres', user));

describe.each([14, 18] as const)('PostgreSQL %i', (major) => {
  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query(SCHEMA);
    live = liveTarget(server, 'postgres', 'reader');
  });
  afterAll(async () => {
    await live?.close();
    await server?.stop();
  });

  it.each([
    ['a function', 'select m.caught(1)'],
    ['a function that is put in place of its call', 'select m.inlined($1)'],
    ['an operator', 'select 1 operator(m.===) 2'],
    ['a cast', 'select $1::int::m.mood'],
    ['a cast of a column’s type', 'select * from m.felt where mood = $1'],
    ['a view over a view', 'select * from m.over'],
    ['a WITH query', 'with x as (select m.caught(2)) select * from x'],
    ['an index', 'select * from m.indexed where id = $1'],
    ['a policy', 'select * from m.guarded'],
    ['a constraint of a partition', 'select * from m.checked where id = $1'],
    ['a check of a domain', 'select * from m.spoken'],
    ['a default', 'insert into m.filled (id) values ($1)'],
    ['a mention in a subquery', 'select 1 where exists (select from m.plain where id in (select m.caught(3)))'],
  ])('%s of a stranger’s is refused', async (_what, text) => {
    await expect(plan(text)).rejects.toThrow(/^planning it may run the function m\.\w+\(.*\) of mallory/);
  });

  it.each([
    [
      'what came with the server',
      'select pg_catalog.lower($1), count(*) from m.plain where id between $2 and $3 group by 1',
    ],
    ['an extension', 'select s.similarity($1, $2), $3::text operator(s.%) $4::text'],
    ['a function with a path of its own', 'select s.pinned(1), s.atomic(2)'],
    ['a volatile function, which planning does not run', 'select m.never(id) from m.plain'],
  ])('%s is planned', async (_what, text) => {
    await expect(plan(text)).resolves.toMatchObject({ mode: 'generic' });
  });

  it('names are looked up with the path of the user, operators too', async () => {
    await expect(plan('select 1 === 2', 'mallory')).rejects.toThrow('of mallory');
    await expect(plan('select caught(1)', 'mallory')).rejects.toThrow('of mallory');
    await expect(plan('select p.field from plain p', 'mallory')).rejects.toThrow(
      'function m.field(m.plain) of mallory',
    );
    await server.query('create operator m.= (leftarg = int, rightarg = int, function = m.same)');
    for (const text of [
      'select 1 where $1::int in (1, 2)',
      'select case $1::int when 1 then 2 end',
      'select nullif($1::int, 2)',
    ])
      await expect(plan(text, 'mallory')).rejects.toThrow('of mallory');
    await expect(plan('select 1 where $1::int in (1, 2)')).resolves.toMatchObject({ mode: 'generic' });
  });

  it('a superuser’s function that finds names with any path is refused, with the cure', async () => {
    await expect(plan('select s.loose(1)')).rejects.toMatchObject({
      message: expect.stringContaining('s.loose(integer), which looks names up') as string,
      hint: expect.stringContaining('alter function s.loose(integer) set search_path') as string,
    });
  });
});
