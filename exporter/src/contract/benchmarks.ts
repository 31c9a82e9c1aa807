import { z } from 'zod';
import { maybe, ofTarget, pageOf, paging, time } from './common.ts';

const count = z.number().int().min(0);

/** A workload as it is; its two arms by turns; the same arm twice by turns, which tells what the machine does by itself. */
export const BENCHMARK_KINDS = ['run', 'ab', 'aa'] as const;
export const benchmarkKind = z.enum(BENCHMARK_KINDS);
export type BenchmarkKind = z.output<typeof benchmarkKind>;

/** How a run can end. */
export const BENCHMARK_ENDINGS = ['done', 'failed', 'cancelled', 'interrupted'] as const;

/** Latencies are from when a statement was due. */
export const figure = z.enum(['mean', 'p50', 'p95', 'p99', 'throughput']);
export type Figure = z.output<typeof figure>;

/** Of the second arm, seen from the first. `same`: no change larger than the margin. */
export const changeFinding = z.enum(['faster', 'slower', 'same', 'unknown']);
export type ChangeFinding = z.output<typeof changeFinding>;

/** One figure of two arms. Ratios are second / first; null where not known. */
export const figureChange = z.strictObject({
  figure,
  /** Of each arm as a whole: microseconds, or per second. */
  first: maybe,
  second: maybe,
  ratio: maybe,
  /** The ends of its 95 % interval. */
  low: maybe,
  high: maybe,
  /** Two-sided: of this figure alone. */
  p: maybe,
  /** Of this figure as one of those that were looked at. */
  adjustedP: maybe,
  /** Of the logarithm of one block's ratio; null for runs one after the other, which more blocks make no better. */
  spread: maybe,
  /** Blocks that are in the ratio. For runs one after the other: segments of the shorter one. */
  blocks: count,
  /** Blocks where an arm does not have the figure. */
  leftOut: count,
  finding: changeFinding,
});
export type Change = z.output<typeof figureChange>;

/** Of what was due, what came back with an error or was never sent, 0…1. */
export const failures = z.strictObject({
  first: maybe,
  second: maybe,
  /** That the arms differ only by chance. */
  p: maybe,
});
export type Failures = z.output<typeof failures>;

export const comparison = z.strictObject({
  /** Arms by turns within each block, or one run after the other. */
  design: z.enum(['paired', 'sequential']),
  /** What the two are called. */
  first: z.string(),
  second: z.string(),
  primary: figure,
  /** A change smaller than this is none: 0.03 is 3 %. */
  margin: z.number(),
  changes: z.array(figureChange),
  failures,
  /** How many figures share the chance of a false alarm. */
  family: count,
});
export type Comparison = z.output<typeof comparison>;

export const verdict = z.strictObject({
  /** Of the primary figure. */
  finding: changeFinding,
  /** One sentence. */
  sentence: z.string(),
  /** What should be known beside it, a sentence each. */
  notes: z.array(z.string()).readonly(),
  /** Blocks in all after which something could be said; null where more do not help, and where it is said already. */
  needs: maybe,
});
export type Verdict = z.output<typeof verdict>;

/** Null: not known, e.g. without an answer. */
export const figures = z.strictObject({
  /** Answered without an error. */
  count,
  /** Microseconds. */
  mean: maybe,
  p50: maybe,
  p90: maybe,
  p95: maybe,
  p99: maybe,
  p999: maybe,
  max: maybe,
  /** Answers per second. */
  throughput: maybe,
  /** Errors / (answers and errors), 0…1. */
  errorRatio: maybe,
  /** Of what was due, what came back with an error or was never sent, 0…1. */
  failedRatio: maybe,
});
export type Figures = z.output<typeof figures>;

export const THRESHOLDS = ['rowsPerHour', 'meanMs', 'p95Ms', 'errorRatio', 'poolEfficiency'] as const;

/** What a workload wants, and what came of it. */
export const reached = z.strictObject({
  name: z.enum(THRESHOLDS),
  wanted: z.number(),
  /** In the threshold's own unit; null: not known. */
  found: maybe,
  met: z.boolean().nullable(),
});
export type Reached = z.output<typeof reached>;

/** 0…1, with its 95 % interval (Wilson). */
const rate = z.strictObject({ alarms: count, of: count, low: z.number(), high: z.number() });
export type Rate = z.output<typeof rate>;

/** What this machine calls a change where there is none, and how small a change it can see. */
export const aa = z.strictObject({
  /** Interleaved: the sentence names a change; any figure does. */
  paired: rate,
  anyFigure: rate,
  /** The same segments as two runs, first half against second half: as if this machine did not drift; with its drift. */
  sequential: rate,
  sequentialWithDrift: rate,
  /** Standard deviation of the logarithm of the ratio of two runs of the same; null: too few to say. */
  drift: maybe,
  /** Of the logarithm of one block's ratio, primary figure. */
  spread: maybe,
  /** What so many blocks tell with a chance of 0.8, as a ratio: 0.03 is 3 %. */
  smallest: z.array(z.strictObject({ blocks: count, change: maybe })).readonly(),
});
export type Aa = z.output<typeof aa>;

export const benchmarkProgress = z.strictObject({
  phase: z.enum(['preparing', 'warming up', 'measuring', 'restoring']),
  /** Segments. */
  done: count,
  of: count,
  /** Being measured; null in other phases. */
  block: count.nullable(),
  arm: z.string().nullable(),
  /** Until the end; null where nothing tells. */
  secondsLeft: z.number().min(0).nullable(),
  /** The second before. */
  perSecond: maybe,
  p99Us: maybe,
});
export type BenchmarkProgress = z.output<typeof benchmarkProgress>;

/** What the server and the machine were like when the run began. Two runs are compared only where these agree. */
export const facts = z.strictObject({
  serverVersion: z.string(),
  standby: z.boolean(),
  /** Settings that somebody set, with units as the server writes them, e.g. `64MB`. */
  settings: z.record(z.string(), z.string()),
  /** By name: version. */
  extensions: z.record(z.string(), z.string()),
  /** Relation → MD5 of its columns, indexes and constraints. */
  schema: z.record(z.string(), z.string()),
  dataBytes: z.number(),
  /** PgBouncer's settings, where the load went through it. */
  pooler: z.record(z.string(), z.string()).nullable(),
  /** Of the machine that sent the load. */
  host: z.strictObject({ cpus: count, memoryBytes: z.number(), kernel: z.string(), node: z.string() }),
});
export type Facts = z.output<typeof facts>;

/** What pg_stat_statements counted between the first segment and the last, costliest first. */
export const statementDelta = z.strictObject({
  query: z.string(),
  calls: z.number(),
  totalMs: z.number(),
  rows: z.number(),
  sharedRead: z.number(),
  tempWritten: z.number(),
  walBytes: z.number(),
});
export type StatementDelta = z.output<typeof statementDelta>;

export const difference = z.strictObject({
  /** Such as `settings.work_mem`; `schema.shop.songs`. */
  name: z.string(),
  /** Null: it is not there. */
  first: z.string().nullable(),
  second: z.string().nullable(),
  /** A sentence. */
  words: z.string(),
  /** What is tested differs on purpose, and some things say nothing of speed: these forbid no comparison. */
  forbids: z.boolean(),
});
export type Difference = z.output<typeof difference>;

/** A run as lists show it. */
export const benchmark = z.object({
  id: z.uuid(),
  kind: benchmarkKind,
  target: z.string(),
  workload: z.object({ id: z.string(), title: z.string() }),
  blocks: count,
  state: z.enum(['running', ...BENCHMARK_ENDINGS]),
  requestedBy: z.string(),
  /** Empty unless it was asked to stop and has not yet. */
  cancelRequestedBy: z.string(),
  startedAt: time,
  finishedAt: time.nullable(),
  /** Why it failed or was stopped; empty otherwise. */
  message: z.string(),
  /** The baseline of its workload on its target. */
  star: z.boolean(),
  progress: benchmarkProgress.nullable(),
  /** Of two arms by turns. */
  verdict: verdict.nullable(),
  /** Of the (first) arm; null: nothing was measured. */
  figures: figures.nullable(),
  /** Thresholds of all arms. */
  thresholds: z.object({ met: count, missed: count, unknown: count }),
});
export type Benchmark = z.output<typeof benchmark>;

/** A stretch of a run, of some seconds or one. */
const point = z.object({
  /** Seconds since the first segment began, in the middle. */
  at: z.number(),
  perSecond: z.number(),
  errorsPerSecond: z.number(),
  /** Mean of the seconds', and the worst of them; null where nothing was answered. */
  p50Us: maybe,
  p99Us: maybe,
});
export type BenchmarkPoint = z.output<typeof point>;

/** An arm of a run, or one of two runs. */
export const side = z.object({
  name: z.string(),
  figures,
  thresholds: z.array(reached),
  series: z.array(point),
  /** Sampled: how often a session of the load waited for what, `CPU` where for nothing; null: not known. */
  waits: z.record(z.string(), count).nullable(),
  walBytes: maybe,
  checkpoints: maybe,
  /** Connections that the database has begun. */
  sessions: maybe,
});
export type Side = z.output<typeof side>;

/** One run whole, or two beside each other: what a page, a report and a file for people show. */
export const sheet = z.object({
  /** Each with what it was, and what was counted. */
  benchmarks: z
    .array(
      benchmark.extend({
        description: z.string(),
        /** What each arm sets, in words. */
        switches: z.record(z.string(), z.array(z.string())),
        facts: facts.nullable(),
        /** Those with a hundredth of the server's time at least. */
        statements: z.array(statementDelta).nullable(),
        /** By SQLSTATE, or `connection`: the first of each. */
        errors: z.record(z.string(), z.object({ statement: z.string(), message: z.string() })),
      }),
    )
    .min(1)
    .max(2),
  sides: z.array(side).max(2),
  comparison: comparison.nullable(),
  /** Its changes: "11.8 % faster (8.9 … 14.6 %)". */
  changesInWords: z.partialRecord(figure, z.string()),
  verdict: verdict.nullable(),
  aa: aa.nullable(),
  /** Of this machine, by its last A/A run; null: not measured. Of runs one after the other only. */
  drift: maybe,
  /** In what the two runs differ, on purpose or harmlessly. */
  differences: z.array(difference),
});
export type Sheet = z.output<typeof sheet>;

/** Why it can't be done, and the cure; null: it can. */
const obstacle = z.object({ message: z.string(), cure: z.string() }).nullable();

/** A workload on the exporter's host. */
export const workloadInfo = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  /** Such as "8 clients, one after the other's answer" */
  load: z.string(),
  statements: z.array(z.object({ name: z.string(), share: z.number(), sql: z.array(z.string()) })),
  /** Of one comparison. */
  blocks: count,
  /** Of one segment; null: as long as its count of statements takes. */
  seconds: maybe,
  warmupSeconds: z.number(),
  primary: figure,
  margin: z.number(),
  thresholds: z.array(z.object({ name: z.enum(THRESHOLDS), wanted: z.number() })),
  /** What each arm sets, in words; null: it has no arms. */
  arms: z.object({ before: z.array(z.string()), after: z.array(z.string()) }).nullable(),
  obstacles: z.object({ run: obstacle, ab: obstacle, aa: obstacle }),
  /** So many blocks tell a change of so much (a ratio) with a chance of 0.8, by this target's last A/A run; null: not measured. */
  sizes: z.array(z.object({ blocks: count, smallest: maybe })),
});
export type WorkloadInfo = z.output<typeof workloadInfo>;

export const workloads = z.object({
  target: z.string(),
  items: z.array(workloadInfo),
  /** Files that can't be used, and why. */
  problems: z.array(z.string()),
});
export type Workloads = z.output<typeof workloads>;
export const workloadsQuery = z.strictObject(ofTarget);

const workloadId = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be the id of a workload');

export const benchmarksQuery = z.strictObject({
  ...ofTarget,
  ...paging,
  workload: workloadId.optional(),
  kind: benchmarkKind.optional(),
  /** Part of the workload's id or title, or of who asked. */
  search: z.string().max(200).optional(),
});
/** Newest first. */
export const benchmarks = pageOf(benchmark);

/** A workload is named, never sent. */
export const workloadParams = z.strictObject({ workload: workloadId });
/** Absent numbers are the workload's own. */
export const startBody = z.strictObject({
  ...ofTarget,
  kind: benchmarkKind.default('run'),
  blocks: z.number().int().min(1).max(1000).optional(),
  /** Of one segment. */
  seconds: z.number().gt(0).max(86_400).optional(),
  warmupSeconds: z.number().min(0).max(3600).optional(),
  /** Of an A/A run. */
  comparisons: z.number().int().min(1).max(200).default(1),
  seed: z.number().int().min(0).max(2_147_483_647).optional(),
});

export const benchmarkParams = z.strictObject({ id: z.uuid() });
export const starBody = z.strictObject({ star: z.boolean() });

/** What is tested differs on purpose: `settings.work_mem`, `schema`; several with commas. */
const tested = z.string().max(1000).default('');
export const compareQuery = z.strictObject({ first: z.uuid(), second: z.uuid(), tested });
export const reportQuery = z.strictObject({
  /** Beside this one, which came before it. */
  with: z.uuid().optional(),
  tested,
  format: z.enum(['html', 'markdown']).default('html'),
});
export const report = z.object({ fileName: z.string(), mediaType: z.string(), text: z.string() });
export type Report = z.output<typeof report>;
