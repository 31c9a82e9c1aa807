/** Two runs that were measured one after the other. */
import type { Comparison, Difference, Verdict } from '../../contract/benchmarks.ts';
import { BadValue } from '../../config/problems.ts';
import { type Circumstances, differences } from '../compare/differences.ts';
import { compareSequential } from '../compare/sequential.ts';
import { verdict } from '../compare/verdict.ts';
import type { Query } from '../../store/store.ts';
import { type BenchmarkRow, lastAa, readSegments } from './rows.ts';

export interface Compared {
  /** What differs on purpose, or says nothing of speed. */
  readonly differences: readonly Difference[];
  readonly comparison: Comparison;
  readonly verdict: Verdict;
  /** Of this machine, from its last A/A run; null: nobody has measured it, and a cautious one is taken. */
  readonly drift: number | null;
}

/**
 * @param tested what differs on purpose, as in `differences`.
 * @throws BadValue with what else differs: no statistics would notice.
 */
export async function compareRuns(
  query: Query,
  first: BenchmarkRow,
  second: BenchmarkRow,
  tested: readonly string[],
): Promise<Compared> {
  if (first.id === second.id) throw new BadValue(`${first.id}: a run can't be compared with itself`, 'Name two runs.');
  const found = differences(circumstancesOf(first), circumstancesOf(second), tested);
  const forbidding = found.filter(({ forbids }) => forbids);
  if (forbidding.length > 0) {
    throw new BadValue(
      `the runs differ in more than what is tested:\n${forbidding.map(({ name, words }) => `  ${name}: ${words}`).join('\n')}`,
      'Measure one of them again where these agree, or name what is tested: --tested <name>.',
    );
  }
  const { primary, margin, load } = second.workload;
  const drift = await lastAa(query, second, 'drift');
  const [a, b] = await Promise.all([first, second].map(({ id }) => readSegments(query, id)));
  const comparison = compareSequential(
    { name: nameOf(first), segments: a },
    { name: nameOf(second), segments: b },
    { primary, margin, load, drift },
  );
  return { differences: found, comparison, verdict: verdict(comparison), drift };
}

const nameOf = ({ id }: BenchmarkRow): string => id.slice(0, 8);

function circumstancesOf({ id, kind, state, target, digest, facts }: BenchmarkRow): Circumstances {
  const refuse = (why: string, cure: string): never => {
    throw new BadValue(`${id}: ${why}`, cure);
  };
  if (kind !== 'run') refuse('its arms are compared with each other already', 'See pgvigil bench show.');
  if (state !== 'done' || facts === null) return refuse(`it is ${state}`, 'Compare runs that are done.');
  return { target, workload: digest, facts };
}
