/** The thread of the clients. */
import { parentPort, workerData } from 'node:worker_threads';
import { Parameters } from '../workload/parameters.ts';
import { type ArmOfClients, close as closeClients, openArm, renew } from './clients.ts';
import { ClosedLoop } from './closed_loop.ts';
import { type FromClients, packFailure, type PackedPlan, type ToClients, unpackPlan } from './messages.ts';
import { OpenLoop } from './open_loop.ts';
import { Schedule } from './schedule.ts';
import type { Segment, SegmentParts } from './segment.ts';
import type { LoadPlan, SegmentOrder } from './types.ts';

const tell = (message: FromClients): void => parentPort!.postMessage(message);

const plan: LoadPlan = unpackPlan(workerData as PackedPlan);
const arms = new Map<string, ArmOfClients>();
let parameters: Parameters;
let schedule: Schedule | undefined;
let segment: Segment | undefined;
let running: Promise<void> | undefined;

function segmentOf({ arm, seed, until, strict = false }: SegmentOrder): Segment {
  const { clients, steps } = arms.get(arm)!;
  const parts = {
    clients,
    names: plan.statements.map(({ name }) => name),
    steps,
    next: parameters.from(seed),
    until,
    strict,
    onTick: (tick) => tell({ kind: 'tick', tick }),
  } satisfies SegmentParts;
  const { load, catchUpMs } = plan;
  return load.kind === 'closed'
    ? new ClosedLoop(parts, load.thinkMs)
    : new OpenLoop({ ...parts, load, seed, schedule: schedule!, catchUpMs });
}

async function run(order: SegmentOrder): Promise<void> {
  segment = segmentOf(order);
  try {
    const result = await segment.run();
    tell({ kind: 'result', result });
  } catch (error) {
    tell({ kind: 'failed', failure: packFailure(error) });
  }
  segment = undefined;
}

/** While this goes on, the arm has none. */
async function renewArm(name: string): Promise<void> {
  const arm = arms.get(name)!;
  arms.set(name, { ...arm, clients: [] });
  try {
    arms.set(name, await renew(plan, arm));
    tell({ kind: 'renewed' });
  } catch (error) {
    tell({ kind: 'failed', failure: packFailure(error) });
  }
}

async function close(): Promise<void> {
  segment?.abort(new Error('closed'));
  await running;
  await Promise.all([...arms.values()].map(({ clients }) => closeClients(clients)));
  await schedule?.close();
  parentPort!.close();
}

parentPort!.on('message', (message: ToClients) => {
  if (message.kind === 'run') running = run(message.order);
  if (message.kind === 'renew') running = renewArm(message.arm);
  if (message.kind === 'abort') segment?.abort(new Error('stopped'));
  if (message.kind === 'close') void close();
});

try {
  parameters = new Parameters(plan.statements, plan.found);
  if (plan.load.kind === 'open') {
    schedule = new Schedule();
    await schedule.ready();
  }
  for (const arm of plan.arms) arms.set(arm.name, await openArm(plan, arm));
  const sessions = [...arms].map(([name, { way }]) => [name, { pooled: way.pooled, prepared: way.prepared }] as const);
  tell({ kind: 'ready', sessions: Object.fromEntries(sessions) });
} catch (error) {
  tell({ kind: 'failed', failure: packFailure(error) });
  await close();
}
