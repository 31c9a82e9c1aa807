/** A run as one JSON, to be kept elsewhere or read in by another state database. */
import { BENCHMARK_ENDINGS, BENCHMARK_KINDS, facts, statementDelta } from '../../contract/benchmarks.ts';
import { z } from 'zod';
import { segment, tick } from '../recording.ts';
import { workload } from '../workload/schema.ts';
import type { BenchmarkRow, RecordedSegment } from './rows.ts';

const FORMAT = 'pgvigil-benchmark/1';

export const document = z.strictObject({
  format: z.literal(FORMAT),
  id: z.uuid(),
  kind: z.enum(BENCHMARK_KINDS),
  target: z.string().min(1),
  workload,
  blocks: z.int().min(1),
  seed: z.int().min(0),
  state: z.enum(BENCHMARK_ENDINGS),
  requestedBy: z.string(),
  /** Of pgvigil. */
  version: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  message: z.string(),
  facts: facts.nullable(),
  statements: z.array(statementDelta).nullable(),
  errors: z.record(z.string(), z.strictObject({ statement: z.string(), message: z.string() })),
  segments: z.array(segment.extend({ ticks: z.array(tick) })),
});
export type BenchmarkDocument = z.output<typeof document>;

/** @param row of a run that has ended. */
export function documentOf(row: BenchmarkRow, segments: readonly RecordedSegment[]): BenchmarkDocument {
  return {
    format: FORMAT,
    id: row.id,
    kind: row.kind,
    target: row.target,
    workload: row.workload,
    blocks: row.blocks,
    seed: Number(row.seed),
    state: row.state as BenchmarkDocument['state'],
    requestedBy: row.requested_by,
    version: row.version,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at!.toISOString(),
    message: row.message,
    facts: row.facts,
    statements: row.statement_deltas,
    errors: row.errors,
    segments: [...segments],
  };
}
