/** A documented query, and the index that serves it. */
export interface BenchQuery {
  readonly name: string;
  /** Schema-qualified. */
  readonly index: string;
  /** With $1, $2 … */
  readonly sql: string;
  /** `filtered`: a search that the index must make at least ten times faster. */
  readonly kind: 'filtered' | 'other';
  /** @param random gives numbers from 0 up to 1. */
  parameters(random: () => number): readonly unknown[];
}
