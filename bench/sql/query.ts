/** A documented query, and the index that serves it. */
export interface BenchQuery {
  readonly name: string;
  /** Schema-qualified. */
  readonly index: string;
  /** With $1, $2 … */
  readonly sql: string;
  /** `filtered`: a search that is to be at least ten times faster than before there was any index for it. */
  readonly kind: 'filtered' | 'other';
  /**
   * Of a prepared statement over all partitions: planned once (`plan_cache_mode = force_generic_plan`), since planning two
   * dozen of them anew takes longer than the query.
   */
  readonly planOnce?: true;
  /** @param random gives numbers from 0 up to 1. */
  parameters(random: () => number): readonly unknown[];
}
