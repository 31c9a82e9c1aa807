import { z } from 'zod';
import { maybe, relation, time } from './common.ts';
import { oneQuery } from './queries.ts';

/** One node of EXPLAIN's tree. Times are of all loops, in seconds; rows are per loop, as EXPLAIN gives them. */
export interface PlanNode {
  type: string;
  relation: string | null;
  index: string | null;
  /** Index condition, filter, join condition: label → text. */
  conditions: Record<string, string>;
  startupCost: number;
  totalCost: number;
  planRows: number;
  planWidth: number;
  /** Null without ANALYZE. */
  actualRows: number | null;
  loops: number | null;
  /** Of this node alone, its children taken off. */
  selfSeconds: number | null;
  /** Cost of this node alone. */
  selfCost: number;
  rowsRemovedByFilter: number | null;
  /** Actual ÷ estimated, ≥ 1 either way; null without ANALYZE. */
  estimateError: number | null;
  /** Blocks of 8 KiB. */
  sharedHitBlocks: number | null;
  sharedReadBlocks: number | null;
  tempBlocks: number | null;
  children: PlanNode[];
}
export const planNode: z.ZodType<PlanNode> = z.lazy(() =>
  z.object({
    type: z.string(),
    relation: z.string().nullable(),
    index: z.string().nullable(),
    conditions: z.record(z.string(), z.string()),
    startupCost: z.number(),
    totalCost: z.number(),
    planRows: z.number(),
    planWidth: z.number(),
    actualRows: maybe,
    loops: maybe,
    selfSeconds: maybe,
    selfCost: z.number(),
    rowsRemovedByFilter: maybe,
    estimateError: maybe,
    sharedHitBlocks: maybe,
    sharedReadBlocks: maybe,
    tempBlocks: maybe,
    children: z.array(planNode),
  }),
);

export const explained = z.object({
  at: time,
  /** generic: for any parameters. parameters: for those given. analyze: run with those given. */
  mode: z.enum(['generic', 'analyze']),
  /** Of the tree's shape: node types, relations, indexes, conditions; no costs and no literals. */
  fingerprint: z.string(),
  root: planNode,
  planningSeconds: maybe,
  executionSeconds: maybe,
  /** Sentences: the costliest node, the worst estimate. */
  remarks: z.array(z.string()),
  /** EXPLAIN's own text, for copying. */
  text: z.string(),
});
export type Explained = z.output<typeof explained>;

export const planQuery = z.strictObject(oneQuery);
/** Types of $1, $2 …, so that a form can ask for them. */
export const parameters = z.object({
  parameters: z.array(z.object({ number: z.number().int(), type: z.string() })),
});

export const analyzeBody = z.strictObject({
  ...oneQuery,
  /** Values of $1, $2 … in order, sent to the server as parameters, never as SQL. */
  parameters: z.array(z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()])).max(100),
});

export const seenPlan = z.object({
  fingerprint: z.string(),
  firstSeen: time,
  lastSeen: time,
  totalCost: z.number(),
  root: planNode,
  text: z.string(),
});
/** `items` newest first. */
export const seenPlans = z.object({ items: z.array(seenPlan) });
export type SeenPlan = z.output<typeof seenPlan>;

export const planDiffQuery = z.strictObject({ ...oneQuery, a: z.string().max(64), b: z.string().max(64) });
/** Nodes of both plans aligned, in the order of a drawn tree. */
export const planDiff = z.object({
  rows: z.array(
    z.object({
      depth: z.number().int(),
      state: z.enum(['same', 'changed', 'removed', 'added', 'moved']),
      a: z.string().nullable(),
      b: z.string().nullable(),
      aCost: maybe,
      bCost: maybe,
      /** What differs, in words. */
      changes: z.array(z.string()),
    }),
  ),
  summary: z.string(),
});
export type PlanDiff = z.output<typeof planDiff>;

/** What the form "create index" is prefilled with, from the statement's predicates. */
export const indexCandidate = z.object({
  table: relation,
  columns: z.array(z.object({ name: z.string(), order: z.enum(['asc', 'desc']) })),
  method: z.enum(['btree', 'hash', 'gin', 'gist', 'brin', 'spgist']),
  include: z.array(z.string()),
  /** Why these columns in this order. */
  reasons: z.array(z.string()),
  /** An index that already begins with them, if any: then there is no need. */
  coveredBy: z.string().nullable(),
});
export const indexCandidates = z.object({
  items: z.array(indexCandidate),
  /** Why there is none, or what was left out. */
  notes: z.array(z.string()),
});
export type IndexCandidate = z.output<typeof indexCandidate>;
