/** Fourteen days of history, made through the recorder's own statements as if it had run that long. */
import pg from 'pg';
import type { Dsn } from '../../exporter/src/config/types.ts';
import { toEntries } from '../../exporter/src/history/codec.ts';
import { AT, STATEMENT_COLUMNS } from '../../exporter/src/history/columns.ts';
import { Keyframes } from '../../exporter/src/history/keyframes.ts';
import { rollUp } from '../../exporter/src/history/rollup.ts';
import { RecordingSession } from '../../exporter/src/history/session.ts';
import {
  insertLives,
  insertPoint,
  insertStatements,
  insertWaits,
  type NewWait,
} from '../../exporter/src/history/writer.ts';
import { type Random, randomOf } from './random.ts';

export interface Shape {
  readonly days: number;
  readonly intervalSeconds: number;
  readonly statements: number;
  /** Of these change in each interval: half always the same, half any others. */
  readonly changing: number;
}

export const SHAPE: Shape = { days: 14, intervalSeconds: 60, statements: 5000, changing: 500 };
export const TARGET = 'bench';

/** Whose history it is. */
export interface Named {
  readonly queryId: string;
  readonly database: string;
  readonly user: string;
  readonly text: string;
  readonly kind: string;
  readonly tables: readonly string[];
}

interface Life {
  readonly id: number;
  readonly values: Float64Array;
  readonly meanMs: number;
}

/**
 * @param owner connection string of the state's owner, who makes the partitions of the past.
 * @param report is told the days done.
 * @param statements default: as many as `shape` says, made up.
 */
export async function fillHistory(
  owner: string,
  runtime: Dsn,
  shape: Shape,
  report: (day: number) => void,
  statements: readonly Named[] = madeUp(shape.statements),
): Promise<{ readonly from: Date; readonly to: Date }> {
  const { days, intervalSeconds, changing } = shape;
  const stepMs = intervalSeconds * 1000;
  const to = new Date(Math.floor(Date.now() / stepMs) * stepMs);
  const from = new Date(to.getTime() - days * 86_400_000);
  const client = new pg.Client({ connectionString: owner });
  await client.connect();
  await client.query(
    `select pgvigil_state.prepare_days(($1::timestamptz at time zone 'UTC')::date, current_date + 1)`,
    [from],
  );
  await client.end();
  const session = await RecordingSession.open(runtime);
  try {
    const random = randomOf(42);
    const target = await insertTarget(session);
    const lives = await insertStatementsOf(session, target, from, statements, random);
    const waits = await insertWaitsOf(session, target, from, statements);
    const seconds = new Float64Array(waits.length);
    const keyframes = { statement: new Keyframes(null, 0), wait: new Keyframes(null, 0) };
    let previous: Date | null = null;
    for (let at = from; at <= to; at = new Date(at.getTime() + stepMs)) {
      const changed = previous === null ? lives : changesOf(lives, changing, random);
      for (const life of changed) run(life, random);
      const waited = waits.map((id, place) => ({ id, place })).filter(() => random() < 0.3);
      for (const { place } of waited) seconds[place] += Math.ceil(random() * 60);
      const point = { target, at, previous, gap: false, ended: null, notes: [] };
      const now = at;
      await session.transaction(async (query) => {
        const full = keyframes.statement.isDue(now, changed.length, lives.length);
        const entries = toEntries('statement', full ? lives : changed);
        await insertPoint(query, { ...point, stream: 'statement', keyframe: full, entries, facts: { ioTiming: true } });
        keyframes.statement.wrote(now, full, entries.ids.length);
        const all = keyframes.wait.isDue(now, waited.length, waits.length);
        const chosen = all ? waits.map((id, place) => ({ id, place })) : waited;
        const rows = chosen.map(({ id, place }) => ({ id, values: [seconds[place]] }));
        const sums = toEntries('wait', rows);
        await insertPoint(query, {
          ...point,
          stream: 'wait',
          keyframe: all,
          entries: sums,
          facts: { sampleSeconds: 1 },
        });
        keyframes.wait.wrote(now, all, sums.ids.length);
      });
      previous = at;
      if (at.getTime() % 86_400_000 === 0) {
        await rollUp(session, target);
        report(Math.ceil((at.getTime() - from.getTime()) / 86_400_000));
      }
    }
    await rollUp(session, target);
    return { from, to };
  } finally {
    session.close();
  }
}

async function insertTarget(session: RecordingSession): Promise<number> {
  const [{ id }] = await session.query<{ id: number }>(
    'insert into pgvigil_state.target (name) values ($1) returning id',
    [TARGET],
  );
  return id;
}

const KINDS = ['select', 'select', 'select', 'insert', 'update', 'delete'];

const madeUp = (count: number): Named[] =>
  Array.from({ length: count }, (_, number) => {
    const table = `orders_${number % 400}`;
    return {
      queryId: String(-9_000_000_000_000_000_000n + BigInt(number) * 1_000_003n),
      database: `app_${number % 4}`,
      user: `service_${number % 7}`,
      kind: KINDS[number % KINDS.length],
      tables: [table, 'customer'],
      text: `select o.id, o.total, c.name from ${table} o join customer c on c.id = o.customer where o.state = $1 and o.placed > $2 /* ${number} */`,
    };
  });

async function insertStatementsOf(
  session: RecordingSession,
  target: number,
  began: Date,
  statements: readonly Named[],
  random: Random,
): Promise<Life[]> {
  const ids = await insertStatements(session.query, target, began, statements);
  const described = statements.map(({ kind, tables }, place) => ({ id: ids[place], kind, tables }));
  await session.query('select pgvigil_state.describe_statements($1)', [JSON.stringify(described)]);
  const lives = await insertLives(
    session.query,
    target,
    began,
    ids.map((statement) => ({ statement, dbOid: 1, userOid: 1, toplevel: true, since: null })),
  );
  return lives.map((id) => ({
    id,
    values: new Float64Array(STATEMENT_COLUMNS.length),
    // From 20 µs to 1 s, most of them short.
    meanMs: 10 ** (random() * random() * 4.7 - 1.7),
  }));
}

/** Two of each of the first 60 statements. */
async function insertWaitsOf(
  session: RecordingSession,
  target: number,
  began: Date,
  statements: readonly Named[],
): Promise<number[]> {
  const waits = Array.from({ length: 120 }, (_, number): NewWait => {
    const [waitType, waitEvent] = [
      ['CPU', ''],
      ['IO', 'DataFileRead'],
      ['Lock', 'transactionid'],
      ['LWLock', 'WALWrite'],
    ][number % 4];
    const { queryId, database, user } = statements[number % 60];
    return {
      queryId,
      database,
      user,
      application: 'shop',
      state: 'active',
      waitType,
      waitEvent,
      blockedBy: null,
    };
  });
  return insertWaits(session.query, target, began, waits);
}

function changesOf(lives: readonly Life[], count: number, random: Random): Life[] {
  const changed = new Set(lives.slice(0, count / 2));
  while (changed.size < count) changed.add(lives[Math.floor(random() * lives.length)]);
  return [...changed];
}

function run({ values, meanMs }: Life, random: Random): void {
  const calls = 1 + Math.floor(random() * random() * 500);
  for (let call = 0; call < calls; call += 50) {
    const some = Math.min(50, calls - call);
    const ms = meanMs * (0.5 + random());
    values[AT.calls] += some;
    values[AT.exec_ms] += some * ms;
    values[AT.exec_ms_squared] += some * ms * ms * (1 + random());
    values[AT.rows] += some * Math.floor(random() * 20);
    values[AT.shared_hit] += some * Math.floor(random() * 200);
    if (meanMs > 1) {
      values[AT.shared_read] += Math.floor(some * random() * 8);
      values[AT.io_read_ms] += some * ms * random() * 0.5;
      values[AT.wal_bytes] += Math.floor(some * random() * 300);
      values[AT.shared_dirtied] += Math.floor(some * random());
    }
    if (meanMs > 100) values[AT.temp_written] += Math.floor(random() * 1000);
  }
}
