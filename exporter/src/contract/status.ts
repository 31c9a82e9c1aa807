import { z } from 'zod';
import { checkState, maybe, ofTarget, role, time } from './common.ts';

/** A part that is there, or is not, with what to do about it. */
const part = z.object({ state: z.enum(['on', 'off', 'unavailable']), reason: z.string(), cure: z.string() });

export const status = z.object({
  version: z.string(),
  /** Who asks, as Grafana said it. */
  you: z.object({ login: z.string(), role }),
  /** Without it there is no history and there are no actions but cancel and terminate. */
  state: part,
  /** Off until there is a write secret; each target also needs a maintenance role. */
  actions: part,
  /** How often the history is recorded: seconds between two snapshots, and between two looks at the sessions (0: none). */
  history: z.object({ intervalSeconds: z.number(), sampleSeconds: z.number() }),
});
export type Status = z.output<typeof status>;

export const target = z.object({
  name: z.string(),
  /** `host:port`; empty where only PgBouncer is configured. */
  server: z.string(),
  up: z.boolean(),
  /** Why it is not up; empty when it is. */
  problem: z.string(),
  /** Major version, null while unknown. */
  version: z.number().int().nullable(),
  standby: z.boolean().nullable(),
  /** That of the connection string. */
  database: z.string(),
  databases: z.array(z.string()),
  pgbouncer: z.boolean(),
  /** Null where nothing is recorded. */
  history: z
    .object({ from: time, to: time, ageSeconds: z.number(), days: z.number(), statements: z.number().int() })
    .nullable(),
  actions: part,
});
export type Target = z.output<typeof target>;
export const targets = z.array(target);

export const catalog = z.object({
  collectors: z.array(
    z.object({
      name: z.string(),
      scope: z.enum(['server', 'database']),
      background: z.boolean(),
      metrics: z.array(
        z.object({
          name: z.string(),
          type: z.enum(['counter', 'gauge', 'untyped', 'histogram']),
          help: z.string(),
          labels: z.array(z.string()),
        }),
      ),
    }),
  ),
});
export type Catalog = z.output<typeof catalog>;

export const healthCheck = z.object({
  target: z.string(),
  at: time,
  state: checkState,
  checks: z.array(z.object({ id: z.string(), title: z.string(), state: checkState, message: z.string() })),
});
export type HealthCheck = z.output<typeof healthCheck>;

/** The server's load in figures. Rates are over the window between the last two samples. */
export const databaseMetrics = z.object({
  target: z.string(),
  at: time,
  connections: z.object({ used: z.number().int(), max: z.number().int(), reserved: z.number().int() }),
  sessions: z.array(z.object({ state: z.string(), count: z.number().int() })),
  databases: z.array(
    z.object({
      name: z.string(),
      sizeBytes: maybe,
      commits: z.number(),
      rollbacks: z.number(),
      /** 0…1; null before the first read. */
      cacheHitRatio: maybe,
      deadlocks: z.number(),
      tempBytes: z.number(),
      statsReset: time.nullable(),
    }),
  ),
});
export type DatabaseMetrics = z.output<typeof databaseMetrics>;

export const ofTargetQuery = z.strictObject(ofTarget);
