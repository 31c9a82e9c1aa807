import { z } from 'zod';
import { int64, maybe, ofDatabase, time } from './common.ts';

export const session = z.object({
  pid: z.number().int(),
  /** With the pid it names the session for good: a pid may be given again. Microseconds kept. */
  backendStart: z.string(),
  database: z.string().nullable(),
  user: z.string().nullable(),
  application: z.string(),
  client: z.string().nullable(),
  backendType: z.string(),
  /** active, idle, idle in transaction … ; null for background processes. */
  state: z.string().nullable(),
  stateSeconds: maybe,
  transactionSeconds: maybe,
  querySeconds: maybe,
  /** Type and event, `CPU` when active and not waiting, null when idle. */
  waitType: z.string().nullable(),
  waitEvent: z.string().nullable(),
  queryId: int64.nullable(),
  /** With literals for admins, normalised below. Null: none, or not allowed to see. */
  query: z.string().nullable(),
  /** Transactions that its snapshot keeps vacuum from cleaning up after. */
  xminAge: maybe,
  locks: z.number().int(),
  blockedBy: z.array(z.number().int()),
  /** Waiting for its lock. */
  waitingSeconds: maybe,
  /** pgvigil's own. */
  own: z.boolean(),
});
export type Session = z.output<typeof session>;

export interface Blocker {
  pid: number;
  /** Sessions that wait for it, directly or behind others. */
  victims: number;
  children: Blocker[];
}
export const blocker: z.ZodType<Blocker> = z.lazy(() =>
  z.object({ pid: z.number().int(), victims: z.number().int(), children: z.array(blocker) }),
);

export const activityQuery = z.strictObject({ ...ofDatabase, idle: z.enum(['true', 'false']).default('true') });

export const activity = z.object({
  at: time,
  sessions: z.array(session),
  /** Root blockers, most victims first. A prepared transaction that blocks has pid 0. */
  blocking: z.array(blocker),
  /** Active sessions by wait, now. */
  waits: z.array(z.object({ type: z.string(), event: z.string().nullable(), sessions: z.number().int() })),
  /** Sessions by wait type over the last hour; empty without history. */
  history: z.array(z.object({ at: time, waits: z.record(z.string(), z.number()) })),
  /** Sentence when the role hides part of it (no pg_read_all_stats); empty when not. */
  problem: z.string(),
});
export type Activity = z.output<typeof activity>;
