import { z } from 'zod';
import { int64, maybe, ofDatabase, time, window } from './common.ts';
import { covered } from './queries.ts';

export const session = z.object({
  pid: z.number().int(),
  /** With the pid it names the session for good: a pid may be given again. Microseconds kept. */
  backendStart: z.string(),
  database: z.string().nullable(),
  user: z.string().nullable(),
  application: z.string(),
  client: z.string().nullable(),
  backendType: z.string(),
  /** A process of the server's own; some of them have a state and a statement: autovacuum, walsenders, appliers. */
  background: z.boolean(),
  /** Of a parallel worker: the session whose statement it helps with. */
  leaderPid: z.number().int().nullable(),
  /** Ids of the session actions that are for it. */
  signals: z.array(z.string()),
  /** active, idle, idle in transaction … ; null for most background processes. */
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

/** Without a database: the sessions of all, and those of none. Whoever blocks is listed wherever they are. */
export const activityQuery = z.strictObject({ ...ofDatabase, idle: z.enum(['true', 'false']).default('true') });

export const activity = z.object({
  at: time,
  sessions: z.array(session),
  /** Root blockers, most victims first. A prepared transaction that blocks has pid 0. */
  blocking: z.array(blocker),
  /** Active sessions of clients by wait, now. */
  waits: z.array(z.object({ type: z.string(), event: z.string().nullable(), sessions: z.number().int() })),
  /** Sentence when the role hides part of it (no pg_read_all_stats); empty when not. */
  problem: z.string(),
});
export type Activity = z.output<typeof activity>;

/** Without a database: of the sessions of all. */
export const waitsQuery = z.strictObject({ ...ofDatabase, ...window });

/** From samples of the sessions; an active session waits for something, or is on the CPU (`CPU`). */
export const waits = z.object({
  window: covered,
  /** Between two looks at the sessions; 0: none were taken. Null where nothing is recorded. */
  sampleSeconds: maybe,
  stepSeconds: z.number(),
  /** Equal steps through the window: mean number of active sessions by class of wait. Null is a gap. */
  points: z.array(z.object({ at: time, waits: z.record(z.string(), z.number()).nullable() })),
  /** Of the whole window, most first: session time, and mean number of sessions while it was recorded. */
  totals: z.array(z.object({ type: z.string(), seconds: z.number(), sessions: z.number() })),
});
export type Waits = z.output<typeof waits>;

/** `at` absent: as late as is recorded. Without a database: of the sessions of all. */
export const pastQuery = z.strictObject({ ...ofDatabase, at: time.optional() });

/** What sessions were seen doing around a moment. Who was connected is not kept, nor any literal. */
export const pastSessions = z.object({
  /** Whose samples these are; null where nothing is recorded. */
  interval: z.object({ from: time, to: time }).nullable(),
  /** Active, or in a transaction; most session time first. */
  items: z.array(
    z.object({
      queryId: int64.nullable(),
      /** Normalised; null where it is not known. */
      text: z.string().nullable(),
      database: z.string().nullable(),
      user: z.string().nullable(),
      /** Null where there were too many to tell them apart. */
      application: z.string().nullable(),
      state: z.string(),
      /** Null unless active. */
      waitType: z.string().nullable(),
      waitEvent: z.string().nullable(),
      /** The queryid of the statement that it waited for. */
      blockedBy: int64.nullable(),
      blockedByText: z.string().nullable(),
      /** Mean number in the interval. */
      sessions: z.number(),
    }),
  ),
});
export type PastSessions = z.output<typeof pastSessions>;
