/**
 * Every documented query on a million tracks and a million stories, with its index and without it. Without means: the
 * index is dropped in a transaction that is rolled back, so both sides see the same rows in the same places.
 */
import pg from 'pg';
import { startPostgres } from '../../demo/servers/index.ts';
import { loadMusicDb } from '../../exporter/src/sample/musicdb/load.ts';
import { Random } from '../../exporter/src/sample/random.ts';
import { loadRoadTrip } from '../../exporter/src/sample/roadtrip/load.ts';
import { functionsBundle, sampleBundle } from '../../exporter/src/sql/bundles.ts';
import { installBundles } from '../../exporter/src/sql/install.ts';
import { type Measure, measure, oursAtMost, ratioAtMost } from '../report.ts';
import { median, quantile, sum } from '../statistics.ts';
import { musicQueries } from './music_queries.ts';
import type { BenchQuery } from './query.ts';
import { roadtripQueries } from './roadtrip_queries.ts';

const TRACKS = 1_000_000;
const STORIES = 1_000_000;
const ROUNDS = 5;
/** Executions per round. Without its index a query reads the whole table: a few say enough. */
const RUNS = { with: 100, without: 3 };
/** The documents' limits, in milliseconds. */
const MEAN_MS = 50;
const P95_MS = 100;
/** A filtered search shall be at least 90 % faster. */
const FILTERED_RATIO = 0.1;

interface Observed {
  /** Milliseconds, as the client waits; the median over the rounds. */
  readonly mean: number;
  readonly p95: number;
  /** Shared buffers, hit or read, per execution. */
  readonly buffers: number;
}

export async function queries(): Promise<Measure[]> {
  const server = await startPostgres({
    major: 18,
    settings: {
      shared_buffers: '2GB',
      effective_cache_size: '6GB',
      work_mem: '32MB',
      random_page_cost: '1.1',
      jit: 'off',
    },
  });
  try {
    await server.query('create database bench');
    const client = new pg.Client({ connectionString: server.url('bench') });
    await client.connect();
    const bundles = [functionsBundle(), sampleBundle('musicdb'), sampleBundle('roadtrip')];
    await installBundles(client, bundles, { version: 'bench', report: () => {} });
    console.log(`Loading ${TRACKS} tracks and ${STORIES} stories …`);
    await loadMusicDb(client, { tracks: TRACKS, seed: 1 });
    await loadRoadTrip(client, { stories: STORIES, seed: 1 });
    await client.query('vacuum analyze');
    const measures: Measure[] = [];
    const totals = { with: 0, without: 0 };
    for (const query of [...musicQueries, ...roadtripQueries]) {
      const indexed = await observe(client, query, RUNS.with);
      const bare = await withoutIndex(client, query.index, () => observe(client, query, RUNS.without));
      totals.with += indexed.buffers;
      totals.without += bare.buffers;
      measures.push(...measuresOf(query, indexed, bare));
    }
    await client.end();
    return [
      ...measures,
      measure('buffers read, all queries once', 'buffers', totals.with, totals.without, ratioAtMost(0.2)),
    ];
  } finally {
    await server.stop();
  }
}

function measuresOf({ name, kind }: BenchQuery, indexed: Observed, bare: Observed): Measure[] {
  return [
    measure(`${name}: mean`, 'ms', indexed.mean, null, oursAtMost(MEAN_MS)),
    measure(`${name}: p95`, 'ms', indexed.p95, null, oursAtMost(P95_MS)),
    measure(
      `${name}: mean, without the index`,
      'ms',
      indexed.mean,
      bare.mean,
      kind === 'filtered' ? ratioAtMost(FILTERED_RATIO) : undefined,
    ),
    measure(`${name}: buffers, without the index`, 'buffers', indexed.buffers, bare.buffers),
  ];
}

/** The same parameters on both sides: the first ones of the same seed. */
async function observe(client: pg.Client, query: BenchQuery, runs: number): Promise<Observed> {
  const random = new Random(7);
  const draws = Array.from({ length: runs }, () => query.parameters(() => random.fraction()));
  const text = { name: `bench ${query.name}`.slice(0, 63), text: query.sql };
  const rounds: { mean: number; p95: number }[] = [];
  // The first one reads what the others find in memory.
  await client.query({ ...text, values: [...draws[0]] });
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    for (const values of draws) {
      const began = performance.now();
      await client.query({ ...text, values: [...values] });
      times.push(performance.now() - began);
    }
    rounds.push({ mean: sum(times) / times.length, p95: quantile(times, 0.95) });
  }
  return {
    mean: median(rounds.map(({ mean }) => mean)),
    p95: median(rounds.map(({ p95 }) => p95)),
    buffers: await buffersOf(client, query, draws.slice(0, RUNS.without)),
  };
}

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

async function buffersOf(
  client: pg.Client,
  { sql }: BenchQuery,
  draws: readonly (readonly unknown[])[],
): Promise<number> {
  let blocks = 0;
  for (const values of draws) {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (analyze, buffers, timing off, format json) ${sql}`,
      [...values],
    );
    const [{ Plan: plan }] = rows[0]['QUERY PLAN'];
    blocks += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  }
  return blocks / draws.length;
}

async function withoutIndex<T>(client: pg.Client, index: string, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    await client.query(`drop index ${index}`);
    return await work();
  } finally {
    await client.query('rollback');
  }
}
