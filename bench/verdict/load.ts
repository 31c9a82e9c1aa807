/** The load generator beside pgbench: the same statements at the same rate, in turn. */
import type { Figures } from '../../exporter/src/contract/benchmarks.ts';
import { figuresOf } from '../../exporter/src/benchmark/compare/figures.ts';
import type { Load } from '../../exporter/src/benchmark/workload/schema.ts';
import { Calibration } from '../calibration.ts';
import { type Goal, type Measure, measure, oursAtLeast, oursAtMost, ratioAtLeast, ratioAtMost } from '../report.ts';
import { median, sum } from '../statistics.ts';
import type { Kept } from './kept.ts';
import { type Latencies, runPgbench } from './pgbench.ts';
import { withWorld, workloadOf, type World } from './world.ts';

const ROUNDS = 9;
const CLIENTS = 8;
const RATE = 500;
const SECONDS = 10;
const CLOSED_ROUNDS = 5;
const CLOSED_SECONDS = 4;
const SLEEP = 'select pg_sleep(0.002)';
const LOOKUP = 'select n from numbers where id = 4711';

interface Ours extends Figures {
  readonly due: number;
  readonly sent: number;
}
interface Round {
  readonly ours: Ours;
  readonly peer: Latencies;
}

export const load = (kept: Kept): Promise<Measure[]> =>
  withWorld(async (world) => {
    await world.server.query('create table numbers as select id, id as n from generate_series(1, 100000) id');
    await world.server.query('alter table numbers add primary key (id)');
    await world.server.query('vacuum analyze numbers');
    const calibration = new Calibration();
    const rounds = (count: number, name: string, sql: string, seconds: number, rate?: number) =>
      inTurn(kept, world, calibration, { count, name, sql, seconds, rate });
    const atRate = await rounds(ROUNDS, `${RATE}/s`, SLEEP, SECONDS, RATE);
    const sleeping = await rounds(CLOSED_ROUNDS, 'closed, 2 ms', SLEEP, CLOSED_SECONDS);
    const looking = await rounds(CLOSED_ROUNDS, 'closed, lookup', LOOKUP, CLOSED_SECONDS);
    return [
      ...fixedRate(atRate),
      closed('2 ms', sleeping),
      closed('a row by its key', looking),
      ...calibration.measures('load'),
    ];
  });

interface Asked {
  readonly count: number;
  readonly name: string;
  readonly sql: string;
  readonly seconds: number;
  readonly rate?: number;
}

async function inTurn(kept: Kept, world: World, calibration: Calibration, asked: Asked): Promise<Round[]> {
  const { count, name, sql, seconds, rate } = asked;
  const found: Round[] = [];
  for (let round = 0; round < count; round++) {
    calibration.run();
    found.push(
      await kept.piece(`${name} ${round + 1}`, { ...asked, version: world.server.version }, async () => {
        const of = {
          ours: () => ours(world, sql, seconds, round, rate),
          peer: () => runPgbench(world.server, { sql, clients: CLIENTS, seconds, rate }),
        };
        if (round % 2 === 0) return { ours: await of.ours(), peer: await of.peer() };
        const peer = await of.peer();
        return { ours: await of.ours(), peer };
      }),
    );
    const last = found.at(-1)!;
    console.log(
      `${name}: p50 ${ms(last.ours.p50)} / ${ms(last.peer.p50 * 1000)}, p99 ${ms(last.ours.p99)} / ${ms(last.peer.p99 * 1000)}`,
    );
  }
  return found;
}

const ms = (us: number | null): string => `${((us ?? NaN) / 1000).toFixed(2)} ms`;

async function ours({ run }: World, sql: string, seconds: number, seed: number, rate?: number): Promise<Ours> {
  const kind: Load = rate === undefined ? { kind: 'closed', thinkMs: 0 } : { kind: 'open', rate, arrivals: 'poisson' };
  const statements = [{ name: 'statement', steps: [{ sql }] }];
  const workload = workloadOf('load', { clients: CLIENTS, load: kind, length: { seconds }, statements });
  const segments = await run('run', workload, 1, seed);
  const [due, sent] = [sum(segments.map(({ due }) => due)), sum(segments.map(({ sent }) => sent))];
  return { ...figuresOf(segments), due, sent };
}

function fixedRate(rounds: readonly Round[]): Measure[] {
  const mine = (figure: 'p50' | 'p99' | 'p999'): number => median(rounds.map(({ ours }) => ours[figure]! / 1000));
  const peers = (figure: 'p50' | 'p99' | 'p999'): number => median(rounds.map(({ peer }) => peer[figure]));
  const beside = (figure: 'p50' | 'p99' | 'p999', goal?: Goal): Measure =>
    measure(`${RATE}/s of 2 ms: ${figure}`, 'ms', mine(figure), peers(figure), goal);
  const [due, sent] = [sum(rounds.map(({ ours }) => ours.due)), sum(rounds.map(({ ours }) => ours.sent))];
  const apart = Math.abs(mine('p50') - peers('p50'));
  return [
    measure(`${RATE}/s of 2 ms: arrivals sent`, 'share', sent / due, null, oursAtLeast(0.99)),
    beside('p50'),
    measure(
      `${RATE}/s of 2 ms: p50s lie apart ÷ max(10 %, 0.3 ms)`,
      'ratio',
      apart / Math.max(0.1 * peers('p50'), 0.3),
      null,
      oursAtMost(1),
    ),
    beside('p99', ratioAtMost(1.25)),
    beside('p99', ratioAtLeast(0.75)),
    beside('p999'),
  ];
}

const closed = (name: string, rounds: readonly Round[]): Measure =>
  measure(
    `closed loop, ${CLIENTS} clients, ${name}: throughput`,
    'per second',
    median(rounds.map(({ ours }) => ours.throughput!)),
    median(rounds.map(({ peer }) => peer.count / CLOSED_SECONDS)),
  );
