/** The data file of a workload. */
import { z } from 'zod';

/** Where the values of one parameter come from. Drawn from a seed: both arms of a block are asked the same. */
export const generator = z.discriminatedUnion('kind', [
  /** Whole numbers from…to, all alike. */
  z.strictObject({ kind: z.literal('uniform'), from: z.int(), to: z.int() }),
  /** Whole numbers from…to, the low ones far more often: rank r comes up as r^-exponent. */
  z.strictObject({
    kind: z.literal('zipf'),
    from: z.int(),
    to: z.int(),
    exponent: z.number().gt(0).max(5).default(1),
  }),
  /** Never the same twice in a run, over all clients; not drawn from the seed. */
  z.strictObject({ kind: z.literal('sequence'), from: z.int().default(1), step: z.int().default(1) }),
  z.strictObject({ kind: z.literal('choice'), of: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1) }),
  z.strictObject({ kind: z.literal('text'), length: z.int().min(1).max(100_000) }),
  /** One of the values that this query finds (its first column, at most 100,000), asked once before the run. */
  z.strictObject({ kind: z.literal('query'), sql: z.string().min(1) }),
]);
export type Generator = z.output<typeof generator>;

const step = z.strictObject({
  sql: z.string().min(1),
  /** Of $1, $2, … */
  parameters: z.array(generator).default([]),
});
export type Step = z.output<typeof step>;

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const name = z.string().regex(NAME, 'small letters, digits and -, beginning with a letter');

export const statement = z.strictObject({
  name,
  /** How often, compared with the others. */
  weight: z.number().gt(0).default(1),
  /** One statement, or several in one transaction; the latency is that of all. */
  steps: z.array(step).min(1),
});
export type Statement = z.output<typeof statement>;

export const load = z.discriminatedUnion('kind', [
  /** Each client sends its next statement when the last is answered, after a pause. */
  z.strictObject({ kind: z.literal('closed'), thinkMs: z.number().min(0).default(0) }),
  /** Statements are due at a rate, whether or not the server keeps up. */
  z.strictObject({
    kind: z.literal('open'),
    /** Per second, all clients together. */
    rate: z.number().gt(0).max(100_000),
    arrivals: z.enum(['poisson', 'uniform']).default('poisson'),
  }),
]);
export type Load = z.output<typeof load>;

/** What is set while an arm is measured, and taken back afterwards. */
export const switches = z.strictObject({
  /** For the sessions of the load only. */
  session: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  /** For the whole server (ALTER SYSTEM and reload; none that needs a restart). */
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  /** CREATE INDEX statements, each with the name of its index. */
  indexes: z.array(z.strictObject({ name: z.string().min(1), create: z.string().min(1) })).default([]),
  /** PgBouncer's settings by their names, e.g. `default_pool_size`. */
  pooler: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  /** SQL that sets something else, and the SQL that takes it back. */
  scripts: z.array(z.strictObject({ set: z.string().min(1), unset: z.string().min(1) })).default([]),
});
export type Switches = z.output<typeof switches>;

/** Values as a server is told them. */
export const texts = (values: Switches['session']): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** The source's targets. A run says of each whether it was met. */
export const thresholds = z.strictObject({
  /** Rows of all statements, scaled to an hour, at least. */
  rowsPerHour: z.number().gt(0).optional(),
  meanMs: z.number().gt(0).optional(),
  p95Ms: z.number().gt(0).optional(),
  /** 0…1; below. */
  errorRatio: z.number().min(0).max(1).optional(),
  /** 0…1; above: 1 − sessions that the server began / transactions. */
  poolEfficiency: z.number().min(0).max(1).optional(),
});
export type Thresholds = z.output<typeof thresholds>;

export const workload = z
  .strictObject({
    id: name,
    title: z.string().min(1),
    description: z.string().min(1),
    /** Of the target. Default: that of the load's login. */
    database: z.string().min(1).max(63).optional(),
    through: z.enum(['direct', 'pgbouncer']).default('direct'),
    clients: z.int().min(1).max(2000),
    load,
    /** Of one segment of load: its end. */
    length: z.union([
      z.strictObject({ seconds: z.number().gt(0).max(86_400) }),
      z.strictObject({ count: z.int().min(1) }),
    ]),
    /** Before the first segment, on every arm; not recorded. */
    warmupSeconds: z.number().min(0).max(3600).default(5),
    blocks: z.int().min(1).max(1000).default(20),
    statements: z.array(statement).min(1).max(100),
    /** SQL before the first segment, and after the last: tables that the run needs, rows that it leaves. */
    prepare: z.array(z.string().min(1)).default([]),
    cleanUp: z.array(z.string().min(1)).default([]),
    thresholds: thresholds.default({}),
    /** What `bench ab` compares. Absent: the workload can only be run as it is. */
    arms: z.strictObject({ before: switches, after: switches }).optional(),
    /** The figure that the verdict's sentence is about. */
    primary: z.enum(['mean', 'p50', 'p95', 'p99', 'throughput']).default('p50'),
    /** A change smaller than this is none, as a ratio: 0.03 is 3 %. */
    margin: z.number().gt(0).lt(1).default(0.03),
  })
  .superRefine(({ statements, primary, load }, context) => {
    // What is recorded is kept by name.
    statements.forEach(({ name }, i) => {
      if (statements.findIndex((one) => one.name === name) < i)
        context.addIssue({
          code: 'custom',
          path: ['statements', i, 'name'],
          message: `another statement is called ${name}`,
        });
    });
    if (primary === 'throughput' && load.kind === 'open')
      context.addIssue({
        code: 'custom',
        path: ['primary'],
        message: 'with arrivals at a rate, throughput is what was asked for',
      });
  });
export type Workload = z.output<typeof workload>;

/** Asked for instead of what the file says. */
export interface Adjusted {
  readonly blocks?: number;
  /** Of a segment. */
  readonly seconds?: number;
  readonly warmupSeconds?: number;
}

export const adjust = (workload: Workload, { blocks, seconds, warmupSeconds }: Adjusted): Workload => ({
  ...workload,
  ...(blocks !== undefined && { blocks }),
  ...(seconds !== undefined && { length: { seconds } }),
  ...(warmupSeconds !== undefined && { warmupSeconds }),
});
