/** How long a query takes and how many buffers it reads. */
import type pg from 'pg';
import { Random } from '../../exporter/src/sample/random.ts';
import { median, quantile, sum } from '../statistics.ts';
import type { BenchQuery } from './query.ts';

export interface Observed {
  /** Milliseconds, as the client waits; the median over the rounds. */
  readonly mean: number;
  readonly p95: number;
  /** Shared buffers, hit or read, per execution. */
  readonly buffers: number;
}

const ROUNDS = 5;
/** Where one execution takes longer than this, it is the only one: full text of a million stories takes a minute. */
const ENOUGH_MS = 2000;
/** Executions whose buffers are counted. */
const COUNTED = 3;
/** Every side draws the same parameters. */
const SEED = 7;

export async function observe(client: pg.Client, query: BenchQuery, runs: number): Promise<Observed> {
  const random = new Random(SEED);
  const draws = Array.from({ length: runs }, () => [...query.parameters(() => random.fraction())]);
  await client.query(`set plan_cache_mode = ${query.planOnce ? 'force_generic_plan' : 'auto'}`);
  const statement = { name: `bench ${query.name}`.slice(0, 63), text: query.sql };
  // The first one reads what the others find in memory.
  const first = await timed(client, { ...statement, values: draws[0] });
  if (first > ENOUGH_MS) return { mean: first, p95: first, buffers: await buffersOf(client, query, draws.slice(0, 1)) };
  const rounds: { mean: number; p95: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    for (const values of draws) times.push(await timed(client, { ...statement, values }));
    rounds.push({ mean: sum(times) / times.length, p95: quantile(times, 0.95) });
  }
  return {
    mean: median(rounds.map(({ mean }) => mean)),
    p95: median(rounds.map(({ p95 }) => p95)),
    buffers: await buffersOf(client, query, draws.slice(0, COUNTED)),
  };
}

async function timed(client: pg.Client, query: pg.QueryConfig): Promise<number> {
  const began = performance.now();
  await client.query(query);
  return performance.now() - began;
}

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

async function buffersOf(client: pg.Client, { sql }: BenchQuery, draws: readonly unknown[][]): Promise<number> {
  let blocks = 0;
  for (const values of draws) {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (analyze, buffers, timing off, format json) ${sql}`,
      values,
    );
    const [{ Plan: plan }] = rows[0]['QUERY PLAN'];
    blocks += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
  }
  return blocks / draws.length;
}
