/**
 * Bulk loads: our path from a CSV file beside a plain COPY of ready rows into the same table, in turn.
 *
 * "Key only" leaves the table the index on external_id alone (no row can be found again without it) with its checks and
 * foreign keys, for both sides. COPY gets the columns of the target, artists and albums resolved; we get the source's
 * file, which we parse, check and resolve.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Measure, measure, oursAtLeast, ratioAtLeast } from '../report.ts';
import { median, quantile } from '../statistics.ts';
import { writeFaulty } from './bulk_faults.ts';
import { startReads } from './bulk_reads.ts';
import { allIndexes, type Cost, costOf, createWorld, emptyTracks, keyOnly, loadFile, manyValues, oneByOne, plainCopy, type World } from './bulk_world.ts'; // prettier-ignore

/** Fewer to try it out: BENCH_BULK_ROWS=20000. */
const ROWS = Number(process.env.BENCH_BULK_ROWS ?? 200_000);
const ROUNDS = 5;
const ONE_BY_ONE = 2000;
const MANY_VALUES = 20_000;

type Way = (world: World) => Promise<unknown>;

const rate = (costs: readonly Cost[], rows = ROWS): number => rows / median(costs.map(({ seconds }) => seconds));
const walPerRow = (costs: readonly Cost[]): number => median(costs.map(({ walBytes }) => walBytes)) / ROWS;

/** Each way on an empty table, turn about, the first one changing. */
async function rounds<K extends string>(world: World, ways: Readonly<Record<K, Way>>): Promise<Record<K, Cost[]>> {
  const names = Object.keys(ways) as K[];
  const costs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, Cost[]>;
  for (let round = 0; round < ROUNDS; round++) {
    for (const i of names.keys()) {
      const name = names[(i + round) % names.length];
      await emptyTracks(world);
      costs[name].push(await costOf(world, () => ways[name](world)));
    }
  }
  return costs;
}

const ours: Way = (world) => loadFile(world, world.csv);
const single: Way = (world) => oneByOne(world, ONE_BY_ONE);

export async function bulk(): Promise<Measure[]> {
  const world = await createWorld(ROWS);
  try {
    await keyOnly(world);
    const key = await rounds(world, { ours, copy: plainCopy, single, values: (w) => manyValues(w, MANY_VALUES) });
    const measures = [
      measure('bulk/key only: beside plain COPY', 'rows/s', rate(key.ours), rate(key.copy), ratioAtLeast(0.7)),
      measure('bulk/key only: beside one by one', 'rows/s', rate(key.ours), rate(key.single, ONE_BY_ONE), ratioAtLeast(5)), // prettier-ignore
      measure('bulk/key only: beside VALUES of 1,000', 'rows/s', rate(key.ours), rate(key.values, MANY_VALUES)),
      measure('bulk/key only: WAL beside plain COPY', 'bytes/row', walPerRow(key.ours), walPerRow(key.copy)),
    ];
    measures.push(...(await faults(world)));

    const rebuilt: Way = async (w) => {
      await keyOnly(w);
      await ours(w);
      await allIndexes(w);
    };
    await emptyTracks(world);
    await allIndexes(world);
    const all = await rounds(world, { ours, copy: plainCopy, single, rebuilt });
    const slowest = Math.min(...[...key.ours, ...all.ours].map(({ seconds }) => ROWS / seconds));
    measures.push(
      measure('bulk/all indexes: beside plain COPY', 'rows/s', rate(all.ours), rate(all.copy), ratioAtLeast(0.8)),
      measure('bulk/all indexes: beside one by one', 'rows/s', rate(all.ours), rate(all.single, ONE_BY_ONE), ratioAtLeast(5)), // prettier-ignore
      measure('bulk/all indexes: dropped and rebuilt beside live', 'rows/s', rate(all.rebuilt), rate(all.ours)),
      measure('bulk/all indexes: WAL beside plain COPY', 'bytes/row', walPerRow(all.ours), walPerRow(all.copy)),
      measure('bulk/slowest of all our loads', 'rows/s', slowest, null, oursAtLeast(5000)),
      ...(await reads(world)),
    );
    return measures;
  } finally {
    await world.stop();
  }
}

/** Every bad row is among the rejects with the reason that it has, and nothing else is. */
async function faults(world: World): Promise<Measure[]> {
  const file = join(world.directory, 'faulty.csv');
  const expected = writeFaulty(world.csv, file, 33);
  await emptyTracks(world);
  const cost = await costOf(world, () => loadFile(world, file));
  const { rows } = await world.client.query<{ line: number; reasons: string[] }>(
    'select line::int, reasons from musicdb.rejected_tracks',
  );
  const right = rows.filter(({ line, reasons }) => reasons.length === 1 && reasons[0] === expected.get(line)).length;
  const wrong = rows.length - right;
  return [
    measure('bulk/3 % bad rows: rejects with their reason', 'rows', right - wrong, expected.size, ratioAtLeast(1)),
    measure('bulk/3 % bad rows: key only', 'rows/s', ROWS / cost.seconds),
  ];
}

/** The second half of the file is loaded with all indexes live, while rows of the first half are read. */
async function reads(world: World): Promise<Measure[]> {
  const [header, ...lines] = readFileSync(world.csv, 'utf8').trimEnd().split('\n');
  const halves = [lines.slice(0, lines.length / 2), lines.slice(lines.length / 2)].map((half, i) => {
    const file = join(world.directory, `half${i}.csv`);
    writeFileSync(file, `${[header, ...half].join('\n')}\n`);
    return file;
  });
  await emptyTracks(world);
  await loadFile(world, halves[0]);
  const { rows } = await world.client.query<{ id: string }>('select external_id as id from musicdb.tracks limit 10000');
  const task = { url: world.server.url(), ids: rows.map(({ id }) => id) };
  const during = async (work: () => Promise<unknown>): Promise<number> => {
    const running = startReads(task);
    await work();
    return quantile(await running.stop(), 0.99);
  };
  const idle = await during(() => setTimeout(5000));
  const loading = await during(() => loadFile(world, halves[1]));
  return [measure('bulk/point reads while loading, beside idle: p99', 'ms', loading, idle)];
}
