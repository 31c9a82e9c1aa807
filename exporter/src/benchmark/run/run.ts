/** One benchmark from beginning to end. What it leaves goes to a keeper as soon as it is known. */
import type { BenchmarkKind, BenchmarkProgress, Facts, StatementDelta } from '../../contract/benchmarks.ts';
import type pg from 'pg';
import { forDatabase } from '../../config/dsn.ts';
import { BadValue } from '../../config/problems.ts';
import type { Dsn, TargetConfig } from '../../config/types.ts';
import { destroy } from '../../db/connect.ts';
import { describeFailure } from '../../db/errors.ts';
import { openSession } from '../../db/session.ts';
import { within } from '../../db/within.ts';
import { ARMS, type Errors } from '../kinds.ts';
import { readFacts } from '../facts/facts.ts';
import { StatementCounter } from '../facts/statements.ts';
import { WorkMeter } from '../facts/work.ts';
import { LoadGenerator } from '../load/generator.ts';
import { LOAD_APPLICATION, openLoadSession } from '../load/session.ts';
import type { LoadTick, SegmentResult, Until } from '../load/types.ts';
import type { Segment, Tick } from '../recording.ts';
import { type Baseline, readBaseline } from '../switches/baseline.ts';
import { CONTROL_APPLICATION, openControl } from '../switches/control.ts';
import { Switcher } from '../switches/switcher.ts';
import { takeBack } from '../switches/take_back.ts';
import { findValues } from '../workload/found.ts';
import { databaseOf, directDsn, loadDsn } from '../workload/login.ts';
import { type Switches, texts, type Workload } from '../workload/schema.ts';
import { type Turn, turnsOf } from './order.ts';
import { Pace } from './progress.ts';

/** Also of the SQL that prepares and cleans up. */
const STATEMENT_TIMEOUT_MS = 10 * 60_000;

export interface Order {
  readonly id: string;
  readonly kind: BenchmarkKind;
  readonly target: TargetConfig;
  readonly workload: Workload;
  readonly blocks: number;
  readonly seed: number;
}

/** Each is awaited: nothing goes on before it is kept. */
export interface Keeper {
  facts(facts: Facts): Promise<void>;
  /** Before anything is changed. */
  owes(baseline: Baseline | null): Promise<void>;
  /** @param problems what could not be taken back, in words; none: nothing is owed any more. */
  restored(problems: readonly string[]): Promise<void>;
  /** @param errors the first of each in it. */
  segment(segment: Segment, ticks: readonly Tick[], errors: Errors): Promise<void>;
  /** Every second or so; not awaited. */
  progress(progress: BenchmarkProgress): void;
}

const NO_SWITCHES: Switches = { session: {}, settings: {}, indexes: [], pooler: {}, scripts: [] };

/** @throws BadValue where the target or the workload can't do it: nothing is connected, nothing changed. */
export function checkOrder({ kind, target, workload }: Pick<Order, 'kind' | 'target' | 'workload'>): void {
  if (target.benchmark !== 'allowed')
    throw new BadValue(
      `target ${target.name} allows no benchmark`,
      'Add `benchmark: allowed` to it: a benchmark loads the server as hard as its workload says.',
    );
  if (target.postgres === undefined)
    throw new BadValue(`target ${target.name} has no PostgreSQL server`, 'Name one that has postgres:.');
  loadDsn(target, workload);
  if (kind !== 'ab') return;
  const { arms } = workload;
  if (arms === undefined)
    throw new BadValue(
      `workload ${workload.id} has no arms: there is nothing to compare`,
      'Describe before and after under arms: in its file, or measure it with `bench run`.',
    );
  if (target.maintenance === undefined && setsServer(arms.before, arms.after))
    throw new BadValue(
      `target ${target.name} has no maintenance login, and the arms of ${workload.id} change the server`,
      'Add maintenance: to the target.',
    );
}

const setsServer = (...arms: readonly Switches[]): boolean =>
  arms.some(
    ({ settings, pooler, indexes, scripts }) =>
      Object.keys(settings).length + Object.keys(pooler).length + indexes.length + scripts.length > 0,
  );

const armsOf = ({ kind, workload }: Order): Readonly<Record<string, Switches>> =>
  Object.fromEntries(
    ARMS[kind].map((arm) => [arm, kind === 'ab' ? workload.arms![arm as 'before' | 'after'] : NO_SWITCHES]),
  );

/**
 * Whatever happens, what was set is taken back before it ends.
 * @param order one that `checkOrder` has let pass.
 * @returns what pg_stat_statements counted; null: not known.
 * @throws what aborted it; BadValue, BadStatement, DatabaseFailure, RangeError; what the keeper throws.
 */
export async function runBenchmark(
  order: Order,
  keeper: Keeper,
  signal: AbortSignal,
): Promise<StatementDelta[] | null> {
  const { target, workload } = order;
  const database = databaseOf(target, workload);
  const monitor = await openMonitor(forDatabase(target.postgres!, database));
  const arms = armsOf(order);
  const control = openControl(target, database);
  try {
    const turns = turnsOf(Object.keys(arms), order.blocks, order.seed);
    const pace = new Pace(expectedOf(order), turns.length);
    keeper.progress(pace.at('preparing'));
    await keeper.facts(await readFacts(monitor, poolerOf(order)));
    const switches = setsServer(...Object.values(arms));
    const baseline = switches ? await readBaseline(control, arms) : null;
    if (baseline || workload.cleanUp.length > 0) await keeper.owes(baseline);
    const switcher = baseline && new Switcher(control, arms, baseline);
    try {
      return await measure({ order, keeper, signal, monitor, pace, turns, arms, switcher });
    } finally {
      keeper.progress(pace.at('restoring'));
      // What ended the run is what its caller shall hear; what is left is on record, and tried again.
      const inWords = (error: unknown): string[] => [describeFailure(error).message];
      const problems = [
        ...(await cleanUp(target, workload).catch(inWords)),
        ...(baseline ? await takeBack(control, baseline).catch(inWords) : []),
      ];
      await keeper.restored(problems);
    }
  } finally {
    await control.close();
    await monitor.end().catch(() => destroy(monitor));
  }
}

/** PgBouncer's settings are circumstances where the load goes through it. */
const poolerOf = ({ target, workload }: Order): Dsn | undefined =>
  workload.through === 'pgbouncer' ? target.pgbouncer : undefined;

async function openMonitor(dsn: Dsn): Promise<pg.Client> {
  const settings = { statement_timeout: 30_000, idle_session_timeout: 0 };
  return (await openSession(dsn, { applicationName: CONTROL_APPLICATION, settings, answerMs: 40_000 })).client;
}

const expectedOf = ({ workload, kind }: Order) => ({
  warmupSeconds: workload.warmupSeconds * ARMS[kind].length,
  segmentSeconds: 'seconds' in workload.length ? workload.length.seconds : null,
});

interface Parts {
  readonly order: Order;
  readonly keeper: Keeper;
  readonly signal: AbortSignal;
  readonly monitor: pg.Client;
  readonly pace: Pace;
  readonly turns: readonly Turn[];
  readonly arms: Readonly<Record<string, Switches>>;
  readonly switcher: Switcher | null;
}

async function measure(parts: Parts): Promise<StatementDelta[] | null> {
  const { order, keeper, signal, monitor, pace, turns, arms, switcher } = parts;
  const { workload, target } = order;
  signal.throwIfAborted();
  const found = await withLoadSession(directDsn(target, workload), async (client) => {
    for (const sql of workload.prepare) await runOwn(client, sql);
    return findValues(client, workload.statements);
  });
  signal.throwIfAborted();
  const load = await LoadGenerator.open({
    dsn: loadDsn(target, workload),
    arms: Object.entries(arms).map(([name, { session }]) => ({ name, session: texts(session) })),
    clients: workload.clients,
    load: workload.load,
    statements: workload.statements,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    found,
  });
  try {
    if (workload.warmupSeconds > 0) {
      for (const arm of Object.keys(arms)) {
        keeper.progress(pace.at('warming up'));
        await switcher?.to(arm);
        await load.run({ arm, seed: order.seed, until: { seconds: workload.warmupSeconds }, strict: true }, { signal });
      }
    }
    const counter = await StatementCounter.start(monitor);
    let began: number | undefined;
    for (const turn of turns) {
      signal.throwIfAborted();
      keeper.progress(pace.at('measuring', turn));
      await switcher?.to(turn.arm);
      if (isFirstOf(turns, turn)) {
        await load.renew(turn.arm);
        await load.run({ arm: turn.arm, seed: turn.seed, until: settleOf(workload) }, { signal });
      }
      const onTick = (tick: LoadTick): void => keeper.progress(pace.at('measuring', turn, tick));
      const { result, server } = await measureOne(parts, load, turn, onTick);
      began ??= result.startedAt.getTime();
      const offset = (result.startedAt.getTime() - began) / 1000;
      const ticks = result.ticks.map((tick) => ({ ...tick, at: tick.at + offset, arm: turn.arm }));
      await keeper.segment(segmentOf(turn, result, server), ticks, result.messages);
      pace.finished();
    }
    return await counter.stop();
  } finally {
    await load.close();
  }
}

/** Of its arm in its block. */
const isFirstOf = (turns: readonly Turn[], turn: Turn): boolean =>
  turns.find(({ block, arm }) => block === turn.block && arm === turn.arm) === turn;

/** A tenth of a segment: what new sessions have to read and to plan is not measured. */
function settleOf({ length, clients }: Workload): Until {
  if ('count' in length) return { count: Math.max(clients, Math.ceil(length.count / 10)) };
  return { seconds: Math.min(1, Math.max(0.1, length.seconds / 10)) };
}

async function measureOne(parts: Parts, load: LoadGenerator, turn: Turn, onTick: (tick: LoadTick) => void) {
  const { order, monitor, signal } = parts;
  const meter = await WorkMeter.start(monitor, LOAD_APPLICATION);
  try {
    const { arm, seed } = turn;
    const result = await load.run({ arm, seed, until: order.workload.length }, { signal, onTick });
    return { result, server: await meter.stop() };
  } catch (error) {
    await meter.stop();
    throw error;
  }
}

function segmentOf(turn: Turn, result: SegmentResult, server: Segment['server']): Segment {
  const { block, position, arm } = turn;
  const { startedAt, seconds, due, sent, statements } = result;
  return { block, position, arm, startedAt: startedAt.toISOString(), seconds, due, sent, statements, server };
}

/** The workload's own SQL goes to the server itself: a pooler would spread it over sessions. */
async function withLoadSession<T>(dsn: Dsn, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { client } = await openLoadSession(dsn, { statement_timeout: STATEMENT_TIMEOUT_MS });
  try {
    return await work(client);
  } catch (error) {
    throw error instanceof RangeError ? error : describeFailure(error);
  } finally {
    await client.end().catch(() => destroy(client));
  }
}

/** The server ends it first, where it still can. */
const runOwn = (client: pg.Client, sql: string): Promise<unknown> =>
  within(STATEMENT_TIMEOUT_MS / 1000 + 10, client.query(sql), () => destroy(client));

/** @returns what went wrong, in words: each statement is tried. @throws DatabaseFailure without a connection. */
export async function cleanUp(target: TargetConfig, workload: Workload): Promise<string[]> {
  if (workload.cleanUp.length === 0) return [];
  return withLoadSession(directDsn(target, workload), async (client) => {
    const problems: string[] = [];
    for (const [i, sql] of workload.cleanUp.entries()) {
      await runOwn(client, sql).catch((error: unknown) => {
        problems.push(`cleanUp[${i}]: ${describeFailure(error).message}`);
      });
    }
    return problems;
  });
}
