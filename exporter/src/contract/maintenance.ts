import { z } from 'zod';
import { maybe, name, oid, ofDatabase, pageOf, paging, relation, time } from './common.ts';
import { paramValues } from './actions.ts';

/** One thing that needs doing, and the action that does it. */
export const finding = z.object({
  id: z.string(),
  action: z.string(),
  /** What the plan is asked with. */
  params: paramValues,
  database: z.string(),
  relation,
  state: z.enum(['warn', 'crit', 'info']),
  /** A sentence with object, figure, since when, consequence. */
  message: z.string(),
  /** Bytes, rows or seconds won; null when unknown. */
  gain: z.object({ value: z.number(), unit: z.enum(['bytes', 'rows', 'seconds']) }).nullable(),
  /** Why it can't be cured just now, e.g. a session that holds the snapshot; empty otherwise. */
  heldBack: z.string(),
  since: time.nullable(),
});
export type Finding = z.output<typeof finding>;

export const maintenanceQuery = z.strictObject({
  ...ofDatabase,
  ...paging,
  action: z.string().max(40).optional(),
  search: z.string().max(200).optional(),
});
export const maintenance = pageOf(finding).extend({
  /** Findings by action. */
  counts: z.record(z.string(), z.number().int()),
  /** Seconds since the catalogue was read. */
  ageSeconds: z.number(),
  /** Parts that could not be looked at, and the cure. */
  problems: z.array(z.string()),
});
export type Maintenance = z.output<typeof maintenance>;

/** For pickers in forms. */
export const objectsQuery = z.strictObject({
  ...ofDatabase,
  ...paging,
  kind: z.enum(['table', 'index', 'invalid index', 'materialized view']),
  search: z.string().max(200).optional(),
});
export const objects = pageOf(
  z.object({ relation, sizeBytes: maybe, rows: maybe, /** Of an index. */ table: z.string().nullable() }),
);
export const columnsQuery = z.strictObject({ ...ofDatabase, table: z.coerce.number().pipe(oid) });
export const columns = z.object({
  relation,
  columns: z.array(z.object({ name, type: z.string(), notNull: z.boolean(), nullFraction: maybe, distinct: maybe })),
  indexes: z.array(z.object({ relation, definition: z.string(), sizeBytes: maybe, scans: maybe, valid: z.boolean() })),
});
export type Columns = z.output<typeof columns>;
