/**
 * Duplicates: quality and time of find_duplicate_tracks() on generated tracks whose truth is known.
 *
 * Weights and threshold were set on seed 1; what is reported is seed 2. Precision, recall and F1 are of pairs, after
 * clustering: all pairs of a cluster count. Beside it at 20,000 tracks the naive way, a self-join by trigram similarity
 * of the title with a GIN index.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../demo/servers/index.ts';
import { loadMusicDb } from '../../exporter/src/sample/musicdb/load.ts';
import { type Measure, measure, oursAtLeast, oursAtMost } from '../report.ts';
import { median } from '../statistics.ts';

const SET_ON = 1;
const REPORTED = 2;
const SMALL = { name: '20k', tracks: 20_000, rounds: 5, f1: 0.97, seconds: 4 };
const LARGE = { name: '200k', tracks: 200_000, rounds: 3, f1: 0.95, seconds: 35 };
const EXPONENT = 1.15;
const THRESHOLD = 0.5;
const NAIVE_SIMILARITY = 0.6;
const CHANGED = 0.01;

const FILES = ['01_schema.sql', '02_roles.sql', '70_duplicates.sql', '71_duplicates_features.sql'].concat(
  ['72_duplicates_compare.sql', '73_duplicates_find.sql'],
  ['init/01-musicdb.sql', 'init/02-performance-indexes.sql', 'init/03-database-optimization.sql'],
);

const FOUND = `create temp table found as
  select track_id as a, duplicate_track_id as b, cluster from musicdb.find_duplicate_tracks(${THRESHOLD}, null)`;

const NAIVE = `create temp table found as
  select a.track_id as a, b.track_id as b, null::bigint as cluster
    from musicdb.tracks a join musicdb.tracks b on a.title % b.title and a.track_id < b.track_id`;

/** All pairs that are claimed, and all that are true, each with the two rows' kinds. */
const JUDGED = `
  with truth as (
    select t.track_id, s.entity, case when s.kind like '%+%' then 'two corruptions' else s.kind end as kind
      from musicdb.tracks t join musicdb.sample_truth s using (external_id)),
  member as (select cluster, a as id from found union select cluster, b from found),
  claimed as (
    select x.id as a, y.id as b from member x join member y on x.cluster = y.cluster and x.id < y.id
    union select a, b from found where cluster is null),
  real as (
    select x.track_id as a, y.track_id as b from truth x join truth y on x.entity = y.entity and x.track_id < y.track_id)
  select x.kind as left_kind, y.kind as right_kind, c.a is not null as claimed, r.a is not null as real, count(*)::int as pairs
    from claimed c full join real r using (a, b) join truth x on x.track_id = a join truth y on y.track_id = b
   group by 1, 2, 3, 4`;

interface Judged {
  readonly left_kind: string;
  readonly right_kind: string;
  readonly claimed: boolean;
  readonly real: boolean;
  readonly pairs: number;
}

interface Quality {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly judged: readonly Judged[];
}

const count = (judged: readonly Judged[], which: (one: Judged) => boolean): number =>
  judged.filter(which).reduce((total, { pairs }) => total + pairs, 0);

async function withTracks<T>(
  server: PostgresServer,
  size: { name: string; tracks: number },
  seed: number,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const database = `tracks_${size.name}_${seed}`;
  await server.query(`create database ${database}`);
  const client = new pg.Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    for (const file of FILES) await client.query(readFileSync(join(import.meta.dirname, '../../sql', file), 'utf8'));
    await loadMusicDb(client, { tracks: size.tracks, seed });
    await client.query('vacuum analyze musicdb.tracks');
    return await work(client);
  } finally {
    await client.end();
    await server.query(`drop database ${database}`);
  }
}

async function timed(client: pg.Client, sql: string): Promise<number> {
  await client.query('drop table if exists found');
  const began = performance.now();
  await client.query(sql);
  return (performance.now() - began) / 1000;
}

/** Of what is in the table found. */
async function judge(client: pg.Client): Promise<Quality> {
  const judged = (await client.query<Judged>(JUDGED)).rows;
  const right = count(judged, ({ claimed, real }) => claimed && real);
  const precision = right / count(judged, ({ claimed }) => claimed);
  const recall = right / count(judged, ({ real }) => real);
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall), judged };
}

async function run(client: pg.Client, rounds: number): Promise<{ seconds: number; quality: Quality }> {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) seconds.push(await timed(client, FOUND));
  return { seconds: median(seconds), quality: await judge(client) };
}

/** The kind of damage: a pair's other side is mostly the original. */
const damage = ({ left_kind, right_kind }: Judged): string =>
  [left_kind, right_kind].find((kind) => kind !== 'original' && !kind.startsWith('hard_')) ?? 'none';
const hardKind = ({ left_kind, right_kind }: Judged): string =>
  [left_kind, right_kind].find((kind) => kind.startsWith('hard_')) ?? 'other tracks';

async function byKind(client: pg.Client, name: string, { judged }: Quality): Promise<Measure[]> {
  const rows = await client.query<{ kind: string; tracks: number }>(
    "select kind, count(*)::int as tracks from musicdb.sample_truth where kind like 'hard\\_%' group by kind order by kind",
  );
  const kinds = [...new Set(judged.filter(({ real }) => real).map(damage))].toSorted();
  return [
    ...kinds.map((kind) => {
      const real = judged.filter((one) => one.real && damage(one) === kind);
      return measure(`${name}: recall, ${kind}`, '', count(real, ({ claimed }) => claimed) / count(real, () => true));
    }),
    ...[...rows.rows, { kind: 'other tracks', tracks: 0 }].map(({ kind, tracks }) => {
      const wrong = count(judged, (one) => one.claimed && !one.real && hardKind(one) === kind);
      return measure(`${name}: wrong pairs, ${kind}${tracks > 0 ? ` (${tracks} tracks)` : ''}`, 'pairs', wrong);
    }),
  ];
}

function qualityOf(name: string, { precision, recall, f1 }: Quality, goal?: number): Measure[] {
  return [
    measure(`${name}: F1`, '', f1, null, goal === undefined ? undefined : oursAtLeast(goal)),
    measure(`${name}: precision`, '', precision),
    measure(`${name}: recall`, '', recall),
  ];
}

/** What a run costs that looks only at rows changed since the last one. */
async function incremental(client: pg.Client, full: number): Promise<Measure> {
  await client.query(
    `update musicdb.tracks set updated_at = '2100-01-01' where track_id % ${Math.round(1 / CHANGED)} = 0`,
  );
  await client.query('vacuum analyze musicdb.tracks');
  const seconds: number[] = [];
  for (let round = 0; round < LARGE.rounds; round++) {
    seconds.push(await timed(client, FOUND.replace('null)', "null, '2100-01-01')")));
  }
  return measure(`${LARGE.name}: since, ${CHANGED * 100} % changed (peer: all)`, 's', median(seconds), full);
}

export async function duplicates(): Promise<Measure[]> {
  const server = await startPostgres({ settings: { shared_buffers: '1GB' } });
  try {
    const set = await withTracks(server, SMALL, SET_ON, (client) => run(client, 1));
    const small = await withTracks(server, SMALL, REPORTED, async (client) => {
      const ours = await run(client, SMALL.rounds);
      await client.query(`set pg_trgm.similarity_threshold = ${NAIVE_SIMILARITY}`);
      return { ...ours, naive: { seconds: await timed(client, NAIVE), quality: await judge(client) } };
    });
    const large = await withTracks(server, LARGE, REPORTED, async (client) => {
      const ours = await run(client, LARGE.rounds);
      const kinds = await byKind(client, LARGE.name, ours.quality);
      return { ...ours, kinds, since: await incremental(client, ours.seconds) };
    });
    const exponent = Math.log(large.seconds / small.seconds) / Math.log(LARGE.tracks / SMALL.tracks);
    return [
      ...qualityOf(`${SMALL.name}, seed ${SET_ON} (weights set on it)`, set.quality),
      ...qualityOf(SMALL.name, small.quality, SMALL.f1),
      measure(`${SMALL.name}: time`, 's', small.seconds, null, oursAtMost(SMALL.seconds)),
      measure(`${SMALL.name}: time (peer: naive self-join)`, 's', small.seconds, small.naive.seconds),
      measure(`${SMALL.name}: F1 (peer: naive self-join)`, '', small.quality.f1, small.naive.quality.f1),
      ...qualityOf(LARGE.name, large.quality, LARGE.f1),
      measure(`${LARGE.name}: time`, 's', large.seconds, null, oursAtMost(LARGE.seconds)),
      measure('growth of time, exponent', '', exponent, null, oursAtMost(EXPONENT)),
      large.since,
      ...large.kinds,
    ];
  } finally {
    await server.stop();
  }
}
