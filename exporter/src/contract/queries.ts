import { z } from 'zod';
import { int64, maybe, name, ofDatabase, pageOf, paging, relation, time, window } from './common.ts';

/** What a statement cost in a window. Seconds, bytes, rows; each null where this server does not count it. */
export const statementFigures = z.object({
  calls: z.number(),
  callsPerSecond: z.number(),
  totalSeconds: z.number(),
  /** Part of all statements' time in the window, 0…1. */
  share: z.number(),
  meanSeconds: maybe,
  /** Standard deviation of the window's executions; exact. Null with fewer than two calls. */
  spreadSeconds: maybe,
  /** Estimated from mean and spread as if log-normal: no histogram is kept. Marked ≈ on pages. */
  p95EstimateSeconds: maybe,
  rows: z.number(),
  rowsPerCall: maybe,
  /** Read from disk or the operating system's cache. */
  sharedReadBytes: z.number(),
  sharedHitBytes: z.number(),
  sharedDirtiedBytes: z.number(),
  tempBytes: z.number(),
  walBytes: z.number(),
  ioSeconds: maybe,
  planSeconds: z.number(),
});
export type StatementFigures = z.output<typeof statementFigures>;

/** Against the window of the same length before. */
export const change = z.object({
  kind: z.enum(['new', 'gone', 'slower', 'faster', 'same', 'unknown']),
  /** Mean now ÷ mean before; null for new, gone, unknown. Only beyond noise it is not `same`. */
  meanRatio: maybe,
  callsRatio: maybe,
});

export const statement = z.object({
  queryId: int64,
  database: z.string(),
  user: z.string(),
  /** Normalised; literals are $1, $2 … */
  text: z.string(),
  /** select, insert, update, delete, merge, utility or other. */
  kind: z.string(),
  /** Tables named in it, as written. */
  tables: z.array(z.string()),
  figures: statementFigures,
  change,
  /** Of session samples: the wait most often met, `CPU` for none, null without samples. */
  mainWait: z.string().nullable(),
  /** Seconds of execution per second, over equal parts of the window; null is a gap. */
  sparkline: z.array(maybe),
});
export type Statement = z.output<typeof statement>;

export const SORTS = [
  'load',
  'calls',
  'mean',
  'spread',
  'p95',
  'rows',
  'rowsPerCall',
  'read',
  'temp',
  'wal',
  'change',
] as const;

export const slowQueriesQuery = z.strictObject({
  ...ofDatabase,
  ...window,
  ...paging,
  user: name.optional(),
  kind: z.string().max(20).optional(),
  table: z.string().max(130).optional(),
  wait: z.string().max(100).optional(),
  /** Part of the text, or a queryid. */
  search: z.string().max(200).optional(),
  sort: z.enum(SORTS).default('load'),
  order: z.enum(['asc', 'desc']).default('desc'),
});

const facet = z.array(z.object({ value: z.string(), share: z.number(), statements: z.number().int() }));

/** Times that the answer stands on: the two points nearest the window's ends. */
export const covered = z.object({
  from: time,
  to: time,
  /** Seconds within it that nothing was recorded for. */
  gapSeconds: z.number(),
  /** What happened to the counters inside: resets, evictions, restarts; empty when nothing. */
  notes: z.array(z.string()),
});

export const slowQueries = pageOf(statement).extend({
  window: covered,
  /** Of all statements of the window, this page's and the others'. */
  totals: z.object({ seconds: z.number(), calls: z.number(), statements: z.number().int(), pageShare: z.number() }),
  facets: z.object({ database: facet, user: facet, kind: facet, table: facet, wait: facet }),
});
export type SlowQueries = z.output<typeof slowQueries>;

/** One statement is a queryid of a user in a database. */
export const queryParams = z.strictObject({ queryId: int64 });
export const oneQuery = { ...ofDatabase, user: name.optional() };
export const queryDetailQuery = z.strictObject({ ...oneQuery, ...window });

export const touched = z.object({
  relation: relation,
  sizeBytes: maybe,
  rows: maybe,
  deadRows: maybe,
  scans: maybe,
  lastVacuum: time.nullable(),
  lastAnalyze: time.nullable(),
  /** For an index: its definition. */
  definition: z.string().nullable(),
  /** For an index: its table. */
  table: z.string().nullable(),
});

export const queryDetail = z.object({
  queryId: int64,
  database: z.string(),
  user: z.string(),
  text: z.string(),
  kind: z.string(),
  window: covered,
  figures: statementFigures,
  before: statementFigures.nullable(),
  change,
  /** 1 is the costliest of `of` statements by load. */
  rank: z.number().int(),
  of: z.number().int(),
  firstSeen: time,
  /** Equal steps through the window; null values are gaps. */
  trend: z.object({
    stepSeconds: z.number(),
    points: z.array(
      z.object({ at: time, callsPerSecond: maybe, meanSeconds: maybe, load: maybe, sharedReadBytes: maybe }),
    ),
  }),
  /** Jobs and plan changes inside the window, for marks on the chart. */
  marks: z.array(z.object({ at: time, kind: z.enum(['action', 'plan']), title: z.string() })),
  /** Seconds of session time by wait; empty without samples. */
  waits: z.array(z.object({ type: z.string(), event: z.string(), seconds: z.number(), share: z.number() })),
  tables: z.array(touched),
  indexes: z.array(touched),
  /** Why tables or indexes are missing, e.g. the database could not be asked. */
  problems: z.array(z.string()),
});
export type QueryDetail = z.output<typeof queryDetail>;
