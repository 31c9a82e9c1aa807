/** For each documented query of both samples, without the indexes that serve it: what is suggested is used. */
import pg from 'pg';
import { musicQueries } from '../../../bench/sql/music_queries.ts';
import { roadtripQueries } from '../../../bench/sql/roadtrip_queries.ts';
import { type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import type { LiveTarget } from '../../src/live/live_target.ts';
import { loadMusicDb } from '../../src/sample/musicdb/load.ts';
import { loadRoadTrip } from '../../src/sample/roadtrip/load.ts';
import { genericPlan } from '../../src/statements/explain.ts';
import { indexCandidates } from '../../src/statements/index_candidates.ts';
import { nodesOf } from '../../src/statements/plan_tree.ts';
import { applySql } from '../support/sql.ts';
import { liveTarget, statement } from './live.ts';

/** Served by what a plain column index is not: expressions, patterns, and a table that is too small. */
const NONE = [
  'titles that contain a text',
  'albums whose title contains a text',
  'the same artist and title, whatever the case',
  'what links to the page of a track',
  'venues in a box',
];

let server: PostgresServer;
let client: pg.Client;
let live: LiveTarget;

beforeAll(async () => {
  server = await startPostgres({ settings: { random_page_cost: '1.1', autovacuum: 'off' } });
  await server.query('create role pgvigil_monitor; create role pgvigil_maintain; create schema pgvigil');
  const files = ['01-musicdb.sql', '11-roadtrip.sql', '14-roadtrip-partitions.sql'].map((file) => `init/${file}`);
  await applySql(server, 'postgres', '60_partitions.sql', ...files);
  client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  await loadMusicDb(client, { tracks: 20_000, seed: 3 });
  await loadRoadTrip(client, { stories: 30_000, seed: 3 });
  await client.query('analyze');
  live = liveTarget(server);
});
afterAll(async () => {
  await client?.end();
  await live?.close();
  await server?.stop();
});

it.each([...musicQueries, ...roadtripQueries])('$name', async ({ name, sql }) => {
  const { items, notes } = await indexCandidates(live, statement(sql));
  const open = items.filter(({ coveredBy }) => coveredBy === null);
  expect(open.length === 0).toBe(NONE.includes(name));
  if (open.length === 0) expect(notes).not.toEqual([]);
  for (const { table, method, columns } of open) {
    const list = columns.map((column) => `${column.name} ${method === 'btree' ? column.order : ''}`).join(', ');
    await client.query(`create index suggested on ${table.schema}.${table.name} using ${method} (${list})`);
    try {
      const { rows } = await client.query<{ name: string }>(
        `with recursive tree as (
           select '${table.schema}.suggested'::regclass::oid as oid
           union select i.inhrelid from tree t join pg_inherits i on i.inhparent = t.oid)
         select c.relname as name from tree t join pg_class c on c.oid = t.oid`,
      );
      const { root } = await genericPlan(live, statement(sql));
      const used = nodesOf(root).map(({ index }) => index);
      expect(rows.some((row) => used.includes(row.name))).toBe(true);
    } finally {
      await client.query(`drop index ${table.schema}.suggested`);
    }
  }
});
