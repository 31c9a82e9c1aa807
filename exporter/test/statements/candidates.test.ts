/** Suggested indexes: for the slow queries of the samples the planner really uses them once they are there. */
import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import type { IndexCandidate } from '../../src/contract/index.ts';
import type { LiveTarget } from '../../src/live/live_target.ts';
import { loadMusicDb } from '../../src/sample/musicdb/load.ts';
import { genericPlan } from '../../src/statements/explain.ts';
import { indexCandidates } from '../../src/statements/index_candidates.ts';
import { nodesOf } from '../../src/statements/plan_tree.ts';
import { applySql } from '../support/sql.ts';
import { liveTarget, statement } from './live.ts';

let server: PostgresServer;
let live: LiveTarget;

const ask = (text: string) => indexCandidates(live, statement(text, 'music'));
const columnsOf = ({ columns }: IndexCandidate): string[] =>
  columns.map(({ name, order }) => (order === 'desc' ? `${name} desc` : name));

beforeAll(async () => {
  server = await startPostgres({ settings: { autovacuum: 'off' } });
  await server.query('create database music');
  await applySql(server, 'music', 'init/01-musicdb.sql');
  const client = new pg.Client({ connectionString: server.url('music') });
  await client.connect();
  await loadMusicDb(client, { tracks: 20_000, seed: 3 });
  await client.end();
  await server.query(
    `create table musicdb.plays (id bigint generated always as identity primary key, track bigint not null, at timestamptz not null,
       skipped boolean, device text, tags text[], extra jsonb, place point);
     insert into musicdb.plays (track, at, skipped, device, tags, extra)
       select g % 20000 + 1, timestamptz '2026-01-01' + g * interval '1 s', g % 2 = 0, 'device ' || g % 200, array['a' || g % 500],
              jsonb_build_object('k', g % 700) from generate_series(1, 60000) g;
     create table musicdb.tiny (id int, name text); insert into musicdb.tiny values (1, 'a');
     create view musicdb.seen as select * from musicdb.plays;
     create table musicdb.parts (id bigint, at date, owner text) partition by range (at);
     create table musicdb.parts_1 partition of musicdb.parts for values from ('2026-01-01') to ('2027-01-01');
     insert into musicdb.parts select g, date '2026-01-01' + g % 300, 'owner ' || g % 5000 from generate_series(1, 40000) g;
     create index plays_partial on musicdb.plays (device) where skipped;
     vacuum analyze`.replace('vacuum analyze', 'analyze'),
    'music',
  );
  live = liveTarget(server, 'music');
});
afterAll(async () => {
  await live?.close();
  await server?.stop();
});

describe('the suggested index is used by the planner, once it is there', () => {
  it.each([
    [
      'the slow query of the demo',
      'select track_id, source, track_number, title from musicdb.tracks where album_title = $1 order by track_number',
      ['album_title', 'track_number'],
    ],
    ['a list', 'select * from musicdb.plays where device in ($1, $2)', ['device']],
    ['equality and a range', 'select * from musicdb.plays p where p.track = $1 and p.at > $2', ['track', 'at']],
    ['the newest', 'select * from musicdb.plays order by at desc limit $1', ['at desc']],
    ['what a document holds', 'select id from musicdb.plays where extra @> $1', ['extra']],
    ['what an array holds', 'select id from musicdb.plays where tags @> $1', ['tags']],
    [
      'a join',
      'select t.title, p.at from musicdb.tracks t join musicdb.plays p on p.track = t.track_id where t.track_id = $1',
      ['track'],
    ],
    ['partitions', 'select * from musicdb.parts where owner = $1', ['owner']],
    ['an update', 'update musicdb.plays set skipped = $1 where track = $2', ['track']],
    [
      'a subquery',
      'select count(*) from musicdb.tracks t where t.track_id in (select track from musicdb.plays where at between $1 and $2)',
      ['at'],
    ],
    ['the same column, or the same', 'select * from musicdb.plays where track = $1 or track = $2', ['track']],
  ])('%s', async (_, text, columns) => {
    const { items } = await ask(text);
    const found = items.find((item) => item.coveredBy === null && columnsOf(item).join() === columns.join());
    expect(items.map(columnsOf)).toContainEqual(columns);
    const { table, method, reasons } = found!;
    expect(reasons.join()).toContain(columns[0].split(' ')[0]);
    await server.query(
      `create index suggested on musicdb.${table.name} using ${method} (${columns.join(', ')}); analyze musicdb.${table.name}`,
      'music',
    );
    try {
      const { root } = await genericPlan(live, statement(text, 'music'));
      const used = nodesOf(root).map(({ index }) => index ?? '');
      expect(used.some((index) => /^suggested|^parts_1_owner_idx/.test(index))).toBe(true);
      // Asked again, it says that there is no need.
      const again = (await ask(text)).items.find((item) => columnsOf(item).join() === columns.join());
      expect(again?.coveredBy).toBe('suggested');
    } finally {
      await server.query('drop index musicdb.suggested', 'music');
    }
  });
});

describe('what is not suggested, and why', () => {
  it.each([
    ['select * from musicdb.plays where skipped = $1', /skipped has 2 different values/],
    ['select * from musicdb.plays where skipped', /boolean/],
    ['select * from musicdb.tiny where name = $1', /read as fast without an index/],
    ['select * from musicdb.plays where lower(device) = $1', /device inside an expression/],
    ['select * from musicdb.plays where device = $1 or track = $2', /OR/],
    ["select * from musicdb.plays where device like '%x'", /begins with a wildcard/],
    ['select * from musicdb.plays where device like $1', /trigram/],
    ['select * from musicdb.plays where device <> $1', /device <> …/],
    ['select * from musicdb.seen where track = $1', /view/],
    ['select * from musicdb.gone where track = $1', /not found/],
    ['select 1', /no column is compared/],
    ['with musicdb_x as (select 1 as track) select * from musicdb_x where track = $1', /./],
  ])('%s', async (text, note) => {
    const { items, notes } = await ask(text);
    expect(items).toEqual([]);
    expect(notes.join('\n')).toMatch(note);
  });

  it('an index that is there is named, a partial one does not count', async () => {
    const byKey = await ask('select * from musicdb.plays where id = $1 and device = $2');
    expect(byKey.items.map(({ coveredBy }) => coveredBy)).toEqual(['plays_pkey']);
    const byDevice = await ask('select * from musicdb.plays where device = $1');
    expect(byDevice.items.map(({ coveredBy }) => coveredBy)).toEqual([null]);
  });

  it('the most selective comes first; what adds nothing is left out', async () => {
    const { items } = await ask('select * from musicdb.plays where skipped = $1 and device = $2 and track = $3');
    expect(items.map(columnsOf)).toEqual([['track']]);
    expect(items[0].reasons.join('\n')).toMatch(/device is left out/);
  });
});
