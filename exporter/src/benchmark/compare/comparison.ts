/** What a comparison says: numbers. `verdict.ts` puts it in words. */
import { z } from 'zod';

export const figure = z.enum(['mean', 'p50', 'p95', 'p99', 'throughput']);
export type Figure = z.output<typeof figure>;

/** Of the second arm, seen from the first. `same`: no change larger than the margin. */
export const finding = z.enum(['faster', 'slower', 'same', 'unknown']);
export type Finding = z.output<typeof finding>;

/** One figure of two arms. Ratios are second / first; null where not known. */
export const change = z.strictObject({
  figure,
  /** Of each arm as a whole: microseconds, or per second. */
  first: z.number().nullable(),
  second: z.number().nullable(),
  ratio: z.number().nullable(),
  /** The ends of its 95 % interval. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Two-sided: of this figure alone. */
  p: z.number().nullable(),
  /** Of this figure as one of those that were looked at. */
  adjustedP: z.number().nullable(),
  /** Of the logarithm of one block's ratio; null for runs one after the other, which more blocks make no better. */
  spread: z.number().nullable(),
  /** Blocks that are in the ratio. For runs one after the other: segments of the shorter one. */
  blocks: z.int().min(0),
  /** Blocks where an arm does not have the figure. */
  leftOut: z.int().min(0),
  finding,
});
export type Change = z.output<typeof change>;

/** Of what was due, what came back with an error or was never sent, 0…1. */
export const failures = z.strictObject({
  first: z.number().nullable(),
  second: z.number().nullable(),
  /** That the arms differ only by chance. */
  p: z.number().nullable(),
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
  changes: z.array(change),
  failures,
  /** How many figures share the chance of a false alarm. */
  family: z.int().min(0),
});
export type Comparison = z.output<typeof comparison>;
