/** What a benchmark can be. */

/** A workload as it is; its two arms by turns; the same arm twice by turns, which tells what the machine does by itself. */
export const KINDS = ['run', 'ab', 'aa'] as const;
export type Kind = (typeof KINDS)[number];

/** How a run can end. */
export const ENDINGS = ['done', 'failed', 'cancelled', 'interrupted'] as const;
export type Ended = (typeof ENDINGS)[number];

/** What each measures, in the order of the comparison. */
export const ARMS = {
  run: ['run'],
  ab: ['before', 'after'],
  aa: ['first', 'second'],
} as const satisfies Record<Kind, readonly [string] | readonly [string, string]>;

/** By SQLSTATE, or `connection`: the first of each. */
export type Errors = Readonly<Record<string, { readonly statement: string; readonly message: string }>>;
