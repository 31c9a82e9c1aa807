/** Each documented query of Road trip is answered by its index; each index has a query; each foreign key an index. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { roadtripQueries } from '../../../bench/sql/roadtrip_queries.ts';
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { loadRoadTrip } from '../../src/sample/roadtrip/load.ts';
import { applySql } from '../support/sql.ts';

const STORIES = 30_000;
const DRAWS = 5;
const FILE = '12-roadtrip-indexes.sql';

const created = [
  ...readFileSync(join(import.meta.dirname, '../../../sql/init', FILE), 'utf8').matchAll(
    /create index if not exists (\S+)/g,
  ),
].map(([, name]) => `roadtrip.${name}`);

/** As the document writes them; the rest of a definition is PostgreSQL's. */
const DOCUMENTED: Readonly<Record<string, string>> = {
  idx_stories_location_spatial: 'roadtrip.stories USING btree (latitude, longitude)',
  idx_event_journeys_venue_spatial: 'roadtrip.event_journeys USING btree (venue_lat, venue_lon)',
  idx_stories_favorites_partial: 'roadtrip.stories USING btree (user_id, created_at DESC) WHERE (is_favorite = true)',
  idx_bookings_active_partial: 'roadtrip.bookings USING btree (user_id, service_date) WHERE (booking_status = ANY',
  idx_stories_interests_gin: 'roadtrip.stories USING gin (interests)',
  idx_stories_metadata_gin: 'roadtrip.stories USING gin (story_metadata)',
  idx_stories_content_fts: `roadtrip.stories USING gin (to_tsvector('english'::regconfig, content))`,
};

it('every index has a query, every query an index', () => {
  expect(roadtripQueries.map(({ index }) => index).sort()).toEqual(created.sort());
});

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let client: pg.Client;

  beforeAll(async () => {
    // What the document recommends where random reads are cheap.
    server = await startPostgres({ major, settings: { random_page_cost: '1.1' } });
    await server.query('create role pgvigil_monitor; create role pgvigil_maintain; create schema pgvigil');
    const files = ['11-roadtrip.sql', FILE, '14-roadtrip-partitions.sql'].map((file) => `init/${file}`);
    await applySql(server, 'postgres', '60_partitions.sql', ...files);
    client = new pg.Client({ connectionString: server.url() });
    await client.connect();
    await loadRoadTrip(client, { stories: STORIES, seed: 3 });
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });

  it.each(roadtripQueries)('$name', async (query) => {
    const { index, sql } = query;
    // The same draws each time: a plan that changes from run to run would be a bad surprise here.
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
    // A plan names the index of a partition.
    const { rows: parts } = await client.query<{ name: string }>(
      `select relid::regclass::text as name from pg_partition_tree($1)
       union select $1::regclass::text`,
      [index],
    );
    const names = new Set(parts.map(({ name }) => name.replace('roadtrip.', '')));
    for (let draw = 0; draw < DRAWS; draw++) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [...query.parameters(random)]);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      const used = [...plan.matchAll(/(?:Bitmap Index Scan on|Scan(?: Backward)? using) (\w+)/g)].map(
        ([, name]) => name,
      );
      if (!used.some((name) => names.has(name))) throw new Error(`${index} is not used:\n${plan}`);
    }
  });

  it('the documented indexes are as documented, and the comment of each says what it is for', async () => {
    const { rows } = await client.query<{ name: string; definition: string; comment: string }>(
      `select c.relname as name, pg_get_indexdef(c.oid) as definition, obj_description(c.oid, 'pg_class') as comment
         from pg_class c where c.oid = any ($1::regclass[])`,
      [created],
    );
    expect(rows.length).toBe(created.length);
    for (const [name, definition] of Object.entries(DOCUMENTED)) {
      expect(rows.find((row) => row.name === name)!.definition).toContain(definition);
    }
    for (const { comment } of rows) expect(comment).toMatch(/\w{3,}/);
  });

  it('every foreign key is led by an index, and keys of partitioned tables carry the month', async () => {
    const { rows } = await client.query(
      `select c.conrelid::regclass as "table", c.conname
         from pg_constraint c
        where c.contype = 'f' and c.connamespace = 'roadtrip'::regnamespace
          and not exists (
            select from pg_index i
             where i.indrelid = c.conrelid and i.indpred is null and i.indisvalid
               and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)`,
    );
    expect(rows).toEqual([]);
    const { rows: keys } = await client.query<{ definition: string }>(
      `select pg_get_constraintdef(oid) as definition from pg_constraint
        where conrelid in ('roadtrip.stories'::regclass, 'roadtrip.event_journeys'::regclass, 'roadtrip.bookings'::regclass)
          and contype in ('p', 'f') and conparentid = 0 and (contype = 'p' or confrelid = 'roadtrip.event_journeys'::regclass)
        order by conrelid::regclass::text, contype`,
    );
    expect(keys.map(({ definition }) => definition.replace(/ REFERENCES.*/, ''))).toEqual([
      'FOREIGN KEY (journey_id, journey_date)',
      'PRIMARY KEY (booking_id, service_date)',
      'PRIMARY KEY (journey_id, event_date)',
      'FOREIGN KEY (journey_id, journey_date)',
      'PRIMARY KEY (story_id, created_at)',
    ]);
  });
});
