/** The clients of all arms, connected, and what each arm sends. */
import type pg from 'pg';
import { destroy } from '../../db/connect.ts';
import { describeFailure } from '../../db/errors.ts';
import { LoadClient, type PreparedStep } from './client.ts';
import { countParameters } from './query.ts';
import { findWay, type Way } from './session.ts';
import { type Arm, BadStatement, type LoadPlan } from './types.ts';

/**
 * An arm has clients of its own even where its sessions have the same settings: a session keeps the plans of its prepared
 * statements when a setting of the server changes, and one arm would run with plans that were made for the other.
 */
export interface ArmOfClients {
  readonly way: Way;
  /** Others after `renew`. */
  readonly clients: readonly LoadClient[];
  /** By statement. */
  readonly steps: readonly (readonly PreparedStep[])[];
}

/** So many connect at the same time: two thousand at once would be refused by a server that can take them in turn. */
const AT_ONCE = 16;

/** @throws DatabaseFailure; BadStatement. */
export async function openArm(plan: LoadPlan, arm: Arm): Promise<ArmOfClients> {
  const way = await findWay(plan.dsn, arm.session, plan.statementTimeoutMs);
  const clients = await connect(plan, way);
  try {
    await checkStatements(plan, clients[0]);
  } catch (error) {
    await close(clients);
    throw error;
  }
  return { way, clients, steps: stepsOf(plan, arm, way) };
}

/**
 * The same arm with sessions of its own anew. A session may be some per cent quicker than another for as long as it lives,
 * for reasons nobody sees (perhaps where its process lies in memory): an arm that kept its sessions would be that much quicker or slower in
 * every block, beyond any doubt of statistics. (Seen in 10 of 60 comparisons of the same with the same: 2 to 4 %.)
 * @throws DatabaseFailure; the old ones are gone.
 */
export async function renew(plan: LoadPlan, { way, clients, steps }: ArmOfClients): Promise<ArmOfClients> {
  await close(clients);
  return { way, clients: await connect(plan, way), steps };
}

export const close = (clients: readonly LoadClient[]): Promise<unknown> =>
  Promise.all(clients.map((client) => client.close()));

/** @throws DatabaseFailure; then none is left. */
async function connect(plan: LoadPlan, { settings }: Way): Promise<LoadClient[]> {
  const { dsn, statementTimeoutMs } = plan;
  const clients: LoadClient[] = [];
  try {
    while (clients.length < plan.clients) {
      const some = Array.from({ length: Math.min(AT_ONCE, plan.clients - clients.length) }, () =>
        LoadClient.open(dsn, settings, statementTimeoutMs),
      );
      const opened = await Promise.allSettled(some);
      for (const client of opened) if (client.status === 'fulfilled') clients.push(client.value);
      for (const client of opened) if (client.status === 'rejected') throw client.reason;
    }
    return clients;
  } catch (error) {
    await close(clients);
    throw error;
  }
}

/**
 * The server parses the first step of each, without running it: before anything is measured, and also for those that
 * come up once in a thousand. (Later steps may need what the first ones make.)
 */
async function checkStatements(plan: LoadPlan, { connection }: LoadClient): Promise<void> {
  // A pooler's session has no timeout of its own.
  const timer = setTimeout(() => destroy(connection!), plan.statementTimeoutMs);
  try {
    await checkEach(plan.statements, connection!);
  } finally {
    clearTimeout(timer);
  }
}

async function checkEach(statements: LoadPlan['statements'], connection: pg.Client): Promise<void> {
  for (const { name, steps } of statements) {
    const [{ sql, parameters }] = steps;
    let wanted: number;
    try {
      wanted = await countParameters(connection, sql);
    } catch (error) {
      const failure = describeFailure(error);
      if (failure.sqlState === undefined || failure.fatal) throw failure;
      throw new BadStatement(name, failure.message, failure.sqlState);
    }
    if (wanted !== parameters.length)
      throw new BadStatement(name, `it has ${wanted} parameters, and the workload gives it ${parameters.length}`);
  }
}

/** A pooler prepares one text once for all: with the arm in it, each arm has its own plans there too. */
function stepsOf({ statements, arms }: LoadPlan, { name }: Arm, { pooled, prepared }: Way): PreparedStep[][] {
  const mark = pooled && arms.length > 1 ? `/* ${name.replace(/[^\w-]/g, '_')} */ ` : '';
  return statements.map(({ steps }, i) =>
    steps.map(({ sql }, j) => ({ name: prepared ? `pgvigil_${i}_${j}` : undefined, text: mark + sql })),
  );
}
