/** Each documented query of MusicDB is answered by its index, and each index has a query. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { musicQueries } from '../../../bench/sql/music_queries.ts';
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { loadMusicDb } from '../../src/sample/musicdb/load.ts';
import { applySql } from '../support/sql.ts';

const TRACKS = 40_000;
const DRAWS = 5;
const FILE = '02-performance-indexes.sql';

const created = [
  ...readFileSync(join(import.meta.dirname, '../../../sql/init', FILE), 'utf8').matchAll(
    /create index if not exists (\S+)/g,
  ),
].map(([, name]) => `musicdb.${name}`);

it('every index has a query, every query an index', () => {
  expect(musicQueries.map(({ index }) => index).sort()).toEqual(created.sort());
});

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let client: pg.Client;

  beforeAll(async () => {
    server = await startPostgres({ major });
    await server.query('create database music');
    await applySql(server, 'music', 'init/01-musicdb.sql', `init/${FILE}`);
    client = new pg.Client({ connectionString: server.url('music') });
    await client.connect();
    await loadMusicDb(client, { tracks: TRACKS, seed: 3 });
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });

  it.each(musicQueries)('$name', async (query) => {
    // The same draws each time: a plan that changes from run to run would be a bad surprise here.
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
    const [, name] = query.index.split('.');
    for (let draw = 0; draw < DRAWS; draw++) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${query.sql}`, [
        ...query.parameters(random),
      ]);
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(name);
    }
  });

  it('the comment of each index names its query', async () => {
    const { rows } = await client.query<{ index: string; comment: string }>(
      `select indexrelid::regclass::text as index, obj_description(indexrelid, 'pg_class') as comment
         from pg_index where indexrelid = any ($1::regclass[])`,
      [created],
    );
    expect(rows.length).toBe(created.length);
    for (const { index, comment } of rows) {
      expect(comment).toContain(`"${musicQueries.find((query) => query.index === index)!.name}"`);
    }
  });

  it('every foreign key is led by an index', async () => {
    const { rows } = await client.query(
      `select c.conrelid::regclass as "table", c.conname
         from pg_constraint c
        where c.contype = 'f' and c.connamespace = 'musicdb'::regnamespace
          and not exists (
            select from pg_index i
             where i.indrelid = c.conrelid and i.indpred is null
               and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)`,
    );
    expect(rows).toEqual([]);
  });

  it('answers from covering indexes alone', async () => {
    for (const index of ['musicdb.tracks_year_popularity_idx', 'musicdb.albums_label_year_idx']) {
      const { sql } = musicQueries.find((query) => query.index === index)!;
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (analyze) ${sql}`, [2001]);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(new RegExp(`Index Only Scan using ${index.split('.')[1]}`));
      expect(plan).toContain('Heap Fetches: 0');
    }
  });

  it('can be applied again on top of itself', async () => {
    await applySql(server, 'music', `init/${FILE}`);
    const [{ count }] = await server.query<{ count: number }>(
      "select count(*)::int from pg_indexes where schemaname = 'musicdb' and indexname ~ '_idx$'",
      'music',
    );
    expect(count).toBe(created.length);
  });
});
