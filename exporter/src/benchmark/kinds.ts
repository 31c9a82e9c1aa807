/** What a benchmark measures, by its kind. */
import type { BENCHMARK_ENDINGS, BenchmarkKind } from '../contract/benchmarks.ts';

export type Ended = (typeof BENCHMARK_ENDINGS)[number];

/** In the order of the comparison. */
export const ARMS = {
  run: ['run'],
  ab: ['before', 'after'],
  aa: ['first', 'second'],
} as const satisfies Record<BenchmarkKind, readonly [string] | readonly [string, string]>;

/** By SQLSTATE, or `connection`: the first of each. */
export type Errors = Readonly<Record<string, { readonly statement: string; readonly message: string }>>;
