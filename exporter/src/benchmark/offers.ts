/** Which workloads can be run on a target, and what they would do there. */
import type { WorkloadInfo, Workloads } from '../contract/benchmarks.ts';
import { BENCHMARK_KINDS, THRESHOLDS } from '../contract/benchmarks.ts';
import { BadValue } from '../config/problems.ts';
import type { TargetConfig } from '../config/types.ts';
import type { Query } from '../store/store.ts';
import { lastAa } from './book/rows.ts';
import { smallestChange } from './compare/plan.ts';
import { checkOrder } from './run/run.ts';
import { loadInWords, switchesInWords } from './sheet/words.ts';
import { digestOf, listWorkloads } from './workload/read.ts';
import type { Workload } from './workload/schema.ts';

/** @param folder of workloads; empty: those that come along. @throws BadValue where the folder can't be read. */
export async function workloadsFor(query: Query, target: TargetConfig, folder: string): Promise<Workloads> {
  const listed = listWorkloads(folder);
  const usable = listed.flatMap(({ workload }) => workload ?? []);
  return {
    target: target.name,
    items: await Promise.all(
      usable.map(async (workload) =>
        infoOf(target, workload, await lastAa(query, { target: target.name, digest: digestOf(workload) }, 'spread')),
      ),
    ),
    problems: listed.flatMap(({ id, error }) => (error === undefined ? [] : `${id}: ${error}`)),
  };
}

function infoOf(target: TargetConfig, workload: Workload, spread: number | null): WorkloadInfo {
  const { id, title, description, statements, blocks, length, warmupSeconds, primary, margin, thresholds, arms } =
    workload;
  const weights = statements.reduce((sum, { weight }) => sum + weight, 0);
  const obstacles = BENCHMARK_KINDS.map((kind) => [kind, obstacleOf(() => checkOrder({ kind, target, workload }))]);
  return {
    id,
    title,
    description,
    load: loadInWords(workload),
    statements: statements.map(({ name, weight, steps }) => ({
      name,
      share: weight / weights,
      sql: steps.map(({ sql }) => sql),
    })),
    blocks,
    seconds: 'seconds' in length ? length.seconds : null,
    warmupSeconds,
    primary,
    margin,
    thresholds: THRESHOLDS.flatMap((name) => {
      const wanted = thresholds[name];
      return wanted === undefined ? [] : [{ name, wanted }];
    }),
    arms: arms ? { before: switchesInWords(arms.before), after: switchesInWords(arms.after) } : null,
    obstacles: Object.fromEntries(obstacles) as WorkloadInfo['obstacles'],
    sizes: sizesOf(blocks, spread),
  };
}

const SIZES = [10, 20, 40, 80, 160];

const sizesOf = (own: number, spread: number | null): WorkloadInfo['sizes'] =>
  [...new Set([...SIZES, own])]
    .sort((a, b) => a - b)
    .map((blocks) => ({ blocks, smallest: spread === null ? null : smallestChange(spread, blocks) }));

function obstacleOf(check: () => void): { message: string; cure: string } | null {
  try {
    check();
    return null;
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    return { message: error.message, cure: error.cure };
  }
}
