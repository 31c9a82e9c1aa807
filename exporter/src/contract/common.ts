import { z } from 'zod';

/** Grafana's basic roles, least first. A role may do what those before it may. */
export const ROLES = ['Viewer', 'Editor', 'Admin'] as const;
export const role = z.enum(ROLES);
export type Role = z.output<typeof role>;

/** Error code → HTTP status. Never 401: through Grafana's proxy it would log the user out. */
export const ERROR_STATUS = {
  bad_request: 400,
  forbidden: 403,
  actions_off: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  plan_expired: 409,
  too_large: 413,
  too_many_requests: 429,
  /** A fault of the exporter; its log says more. */
  internal: 500,
  database_error: 502,
  database_unavailable: 503,
  state_unavailable: 503,
  state_missing: 503,
  shutting_down: 503,
  deadline: 504,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;

export const apiError = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
    /** What is wrong, naming the field where there is one. */
    message: z.string(),
    /** What to do about it. */
    hint: z.string(),
  }),
});
export type ApiErrorBody = z.output<typeof apiError>;

/** ISO 8601 in UTC, e.g. `2026-11-23T10:00:00.000Z`. */
export const time = z.iso.datetime();
/** A 64-bit integer that JSON's numbers cannot hold: pg_stat_statements' queryid, signed. */
export const int64 = z.string().regex(/^-?\d{1,19}$/, 'must be a whole number');
/** An object identifier of PostgreSQL. */
export const oid = z.number().int().min(1).max(4294967295);
/** Null: it could not be known, or does not apply. */
export const maybe = z.number().nullable();
/** PostgreSQL cuts names at 63 bytes. */
export const name = z.string().min(1).max(63);

/** Part of every query string: which configured target. Absent: the only one, or the first. */
export const ofTarget = { target: z.string().min(1).max(200).optional() };
/** One database of the target. Absent: the one of its connection string; of lists of statements and sessions: all. */
export const ofDatabase = { ...ofTarget, database: name.optional() };

/** The window of time. Absent: the last hour. At most 14 days or whatever retention has. */
export const window = { from: time.optional(), to: time.optional() };

export const paging = {
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  pageSize: z.coerce.number().int().min(1).max(500).default(50),
};

/** One page of a list; `total` counts all pages' items. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), total: z.number().int(), page: z.number().int(), pageSize: z.number().int() });

/** A relation as pages name and link it. */
export const relation = z.object({
  oid,
  kind: z.enum(['table', 'partitioned table', 'index', 'partitioned index', 'materialized view', 'other']),
  schema: z.string(),
  name: z.string(),
});
export type Relation = z.output<typeof relation>;

/** A verdict on one thing looked at. `skipped` and `unknown` say why in `message`. */
export const checkState = z.enum(['ok', 'warn', 'crit', 'skipped', 'unknown']);
