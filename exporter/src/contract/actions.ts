import { z } from 'zod';
import { maybe, name, oid, ofDatabase, ofTarget, pageOf, paging, relation, role, time } from './common.ts';

/** What a form must ask for; the plugin renders these and knows no action by name. */
export const paramInfo = z.object({
  name: z.string(),
  label: z.string(),
  type: z.enum([
    'table',
    'index',
    'invalid index',
    'materialized view',
    'session',
    'columns',
    'column names',
    'choice',
    'predicate',
    'boolean',
  ]),
  required: z.boolean(),
  /** Of a choice. */
  options: z.array(z.string()),
  help: z.string(),
});

export const actionInfo = z.object({
  id: z.string(),
  /** The deed: "Vacuum". */
  title: z.string(),
  description: z.string(),
  role,
  /** Session actions run at once and need no state database. */
  kind: z.enum(['maintenance', 'session']),
  /** Strongest lock, and whom it blocks, in words. */
  lock: z.string(),
  /** What the maintenance role needs on this target's version. */
  grants: z.array(z.string()),
  params: z.array(paramInfo),
});
export type ActionInfo = z.output<typeof actionInfo>;
export const actionList = z.object({ items: z.array(actionInfo) });

export const actionParams = z.strictObject({ action: z.string().regex(/^[a-z_]{1,40}$/) });

/** Values for `params`. Objects are oids; a session is its pid and start; SQL text is nowhere. */
export const paramValues = z.strictObject({
  table: oid.optional(),
  index: oid.optional(),
  view: oid.optional(),
  session: z
    .strictObject({ pid: z.number().int().min(1).max(2147483647), backendStart: z.string().max(40) })
    .optional(),
  columns: z
    .array(
      z.strictObject({
        name,
        order: z.enum(['asc', 'desc']).default('asc'),
        nulls: z.enum(['first', 'last']).optional(),
      }),
    )
    .min(1)
    .max(32)
    .optional(),
  include: z.array(name).max(31).optional(),
  method: z.enum(['btree', 'hash', 'gin', 'gist', 'brin', 'spgist']).optional(),
  unique: z.boolean().optional(),
  predicate: z
    .strictObject({
      column: name,
      operator: z.enum(['=', '<>', '<', '<=', '>', '>=', 'is null', 'is not null', 'is true', 'is false']),
      /** Absent for the operators that take none. */
      value: z.union([z.string().max(1000), z.number(), z.boolean()]).optional(),
    })
    .optional(),
  concurrently: z.boolean().optional(),
});
export type ParamValues = z.output<typeof paramValues>;

export const planBody = z.strictObject({ ...ofDatabase, params: paramValues });

export const precondition = z.object({
  title: z.string(),
  state: z.enum(['ok', 'missing', 'warn']),
  message: z.string(),
  cure: z.string(),
});

/** What was looked at after the end. */
export const check = precondition.extend({
  /** Oids of invalid indexes that it left behind; absent: none. */
  left: z.array(oid).optional(),
});

/** A figure before and after. */
export const measure = z.object({
  title: z.string(),
  unit: z.enum(['bytes', 'rows', 'seconds', 'ratio', 'count']),
  before: maybe,
  after: maybe,
});
export type Measure = z.output<typeof measure>;

export const actionPlan = z.object({
  id: z.string(),
  action: z.string(),
  /** The deed and its object: "Vacuum musicdb.tracks". */
  title: z.string(),
  target: z.string(),
  database: z.string(),
  relation: relation.nullable(),
  /** Exactly what will run, in order, each at top level. */
  statements: z.array(z.string()),
  lock: z.object({ level: z.string(), words: z.string() }),
  expected: z.object({ seconds: maybe, basis: z.string() }),
  /** What it waits for before or while it runs, e.g. transactions older than itself. */
  waitsFor: z.array(z.string()),
  /** Seconds it may wait for a lock, all tries together. */
  lockBudgetSeconds: z.number(),
  preconditions: z.array(precondition),
  window: z.object({ open: z.boolean(), words: z.string(), closesAt: time.nullable() }),
  /** All preconditions met, window open. */
  runnable: z.boolean(),
  /** What is expected to change, as far as it can be told. */
  predicted: z.array(measure),
  expiresAt: time,
});
export type ActionPlan = z.output<typeof actionPlan>;

export const runBody = z.strictObject({ planId: z.string().regex(/^[0-9a-zA-Z_-]{1,64}$/) });

export const JOB_STATES = ['confirmed', 'running', 'verifying', 'done', 'failed', 'cancelled', 'interrupted'] as const;

export const job = z.object({
  id: z.string(),
  action: z.string(),
  title: z.string(),
  target: z.string(),
  database: z.string(),
  relation: relation.nullable(),
  state: z.enum(JOB_STATES),
  statements: z.array(z.string()),
  requestedBy: z.string(),
  requestedRole: role,
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  progress: z
    .object({
      /** PostgreSQL's own word, e.g. "scanning heap". */
      phase: z.string(),
      /** 0…1 */
      ratio: maybe,
      etaSeconds: maybe,
      statement: z.number().int(),
      /** Who it waits for, one sentence each. */
      blockedBy: z.array(z.string()),
    })
    .nullable(),
  cancelRequested: z.boolean(),
  /** Empty unless failed, cancelled or interrupted. */
  message: z.string(),
  /** What to do about it, e.g. which leftover to drop. */
  hint: z.string(),
  verified: z.array(check),
  effect: z.array(measure),
  /** When the effect over the following windows will be known; null when it is or there is none. */
  effectDueAt: time.nullable(),
});
export type Job = z.output<typeof job>;

export const jobsQuery = z.strictObject({
  ...ofTarget,
  ...paging,
  state: z.enum(JOB_STATES).optional(),
  /** Only those not ended. */
  active: z.enum(['true', 'false']).optional(),
});
export const jobs = pageOf(job);
export const jobParams = z.strictObject({ id: z.string().regex(/^[0-9a-f-]{36}$/, 'must be the id of a job') });

/** One row a job or session action, with the latest of its events. */
export const auditEntry = z.object({
  id: z.string(),
  at: time,
  login: z.string(),
  role: z.string(),
  action: z.string(),
  title: z.string(),
  target: z.string(),
  database: z.string(),
  statements: z.array(z.string()),
  outcome: z.enum(['confirmed', 'done', 'failed', 'cancelled', 'interrupted', 'refused']),
  message: z.string(),
  durationSeconds: maybe,
  effect: z.array(measure),
  jobId: z.string().nullable(),
});
export type AuditEntry = z.output<typeof auditEntry>;
export const auditQuery = z.strictObject({
  ...ofTarget,
  ...paging,
  action: z.string().max(40).optional(),
  login: z.string().max(200).optional(),
  search: z.string().max(200).optional(),
});
export const audit = pageOf(auditEntry);

/** What a session action did. */
export const sessionActionResult = z.object({
  /** False: the session had ended by itself, or its pid is another's now. */
  done: z.boolean(),
  message: z.string(),
  /** False: the state database was away; the row waits in the local journal. */
  audited: z.boolean(),
});
export type SessionActionResult = z.output<typeof sessionActionResult>;
