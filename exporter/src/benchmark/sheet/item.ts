/** A run as lists show it. */
import type { Benchmark, Reached } from '../../contract/benchmarks.ts';
import type { ListedRow } from '../book/rows.ts';
import { ARMS } from '../kinds.ts';

export function itemOf(row: ListedRow): Benchmark {
  const { id, kind, target, workload, blocks, state, message, star, progress, summary } = row;
  return {
    id,
    kind,
    target,
    workload: { id: workload.id, title: workload.title },
    blocks,
    state,
    requestedBy: row.requested_by,
    cancelRequestedBy: (state === 'running' && row.cancel_requested_by) || '',
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    message,
    star,
    progress,
    verdict: summary?.verdict ?? null,
    figures: summary?.arms[ARMS[kind][0]] ?? null,
    thresholds: counted(Object.values(summary?.thresholds ?? {}).flat()),
  };
}

const counted = (all: readonly Reached[]): Benchmark['thresholds'] => ({
  met: all.filter(({ met }) => met === true).length,
  missed: all.filter(({ met }) => met === false).length,
  unknown: all.filter(({ met }) => met === null).length,
});
