/**
 * Every documented query on a million tracks and a million stories: with all indexes, without the one that is there for
 * it, and as it was before any (but those of keys). Without means: dropped in a transaction that is rolled back, so all
 * sides see the same rows in the same places.
 */
import pg from 'pg';
import { startPostgres } from '../../demo/servers/index.ts';
import { loadMusicDb } from '../../exporter/src/sample/musicdb/load.ts';
import { loadRoadTrip } from '../../exporter/src/sample/roadtrip/load.ts';
import { functionsBundle, sampleBundle } from '../../exporter/src/sql/bundles.ts';
import { installBundles } from '../../exporter/src/sql/install.ts';
import { type Measure, measure, oursAtMost, ratioAtMost } from '../report.ts';
import { musicQueries } from './music_queries.ts';
import { observe, type Observed } from './observe_query.ts';
import type { BenchQuery } from './query.ts';
import { roadtripQueries } from './roadtrip_queries.ts';

const TRACKS = 1_000_000;
const STORIES = 1_000_000;
/** Executions per round. Without its index a query reads the whole table: a few say enough. */
const RUNS = { indexed: 100, without: 3 };
/** The documents' limits, in milliseconds. */
const MEAN_MS = 50;
const P95_MS = 100;
/** A filtered search shall be at least 90 % faster than before. */
const FILTERED_RATIO = 0.1;
/** The first document's 80 % less input and output. */
const BUFFERS_RATIO = 0.2;

const SETTINGS = {
  shared_buffers: '2GB',
  effective_cache_size: '6GB',
  work_mem: '32MB',
  random_page_cost: '1.1',
  jit: 'off',
};

/** Those that enforce nothing; of a partitioned table the one at the top. */
const SECONDARY_INDEXES_SQL = `
  select i.indexrelid::regclass::text as name
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
   where c.relnamespace in ('musicdb'::regnamespace, 'roadtrip'::regnamespace)
     and not i.indisunique and not exists (select from pg_inherits where inhrelid = i.indexrelid)`;

export async function queries(): Promise<Measure[]> {
  const server = await startPostgres({ major: 18, settings: SETTINGS });
  try {
    await server.query('create database bench');
    const client = new pg.Client({ connectionString: server.url('bench') });
    await client.connect();
    await load(client);
    const measures = await compare(client, [...musicQueries, ...roadtripQueries]);
    await client.end();
    return measures;
  } finally {
    await server.stop();
  }
}

async function load(client: pg.Client): Promise<void> {
  const bundles = [functionsBundle(), sampleBundle('musicdb'), sampleBundle('roadtrip')];
  await installBundles(client, bundles, { version: 'bench', report: () => {} });
  console.log(`Loading ${TRACKS} tracks and ${STORIES} stories …`);
  await loadMusicDb(client, { tracks: TRACKS, seed: 1 });
  await loadRoadTrip(client, { stories: STORIES, seed: 1 });
  await client.query('vacuum analyze');
}

async function compare(client: pg.Client, all: readonly BenchQuery[]): Promise<Measure[]> {
  const after = new Map<BenchQuery, { indexed: Observed; without: Observed }>();
  for (const query of all) {
    console.log(`  ${query.name}`);
    const indexed = await observe(client, query, RUNS.indexed);
    const without = await dropping(client, [query.index], () => observe(client, query, RUNS.without));
    after.set(query, { indexed, without });
  }
  const measures: Measure[] = [];
  const buffers = { indexed: 0, before: 0 };
  const { rows } = await client.query<{ name: string }>(SECONDARY_INDEXES_SQL);
  const secondary = rows.map(({ name }) => name);
  await dropping(client, secondary, async () => {
    for (const query of all) {
      console.log(`  ${query.name}, before any index`);
      const { indexed, without } = after.get(query)!;
      const before = await observe(client, query, RUNS.without);
      buffers.indexed += indexed.buffers;
      buffers.before += before.buffers;
      measures.push(...measuresOf(query, indexed, without, before));
    }
  });
  const total = measure('all queries once: buffers', '', buffers.indexed, buffers.before, ratioAtMost(BUFFERS_RATIO));
  return [...measures, total];
}

function measuresOf({ name, kind }: BenchQuery, indexed: Observed, without: Observed, before: Observed): Measure[] {
  const faster = kind === 'filtered' ? ratioAtMost(FILTERED_RATIO) : undefined;
  return [
    measure(`${name}: p95`, 'ms', indexed.p95, null, oursAtMost(P95_MS)),
    measure(`${name}: mean`, 'ms', indexed.mean, null, oursAtMost(MEAN_MS)),
    measure(`${name}: mean / before any index`, 'ms', indexed.mean, before.mean, faster),
    measure(`${name}: mean / without this index`, 'ms', indexed.mean, without.mean),
    measure(`${name}: buffers / before any index`, '', indexed.buffers, before.buffers),
    measure(`${name}: buffers / without this index`, '', indexed.buffers, without.buffers),
  ];
}

async function dropping<T>(client: pg.Client, indexes: readonly string[], work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    await client.query(`drop index ${indexes.join(', ')}`);
    return await work();
  } finally {
    await client.query('rollback');
  }
}
