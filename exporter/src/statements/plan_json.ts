/** EXPLAIN's JSON as far as it is read here; what is absent the server did not say. */

export interface RawPlan {
  readonly 'Node Type': string;
  readonly 'Parent Relationship'?: string;
  readonly 'Subplan Name'?: string;
  readonly 'CTE Name'?: string;
  readonly 'Join Type'?: string;
  readonly Strategy?: string;
  readonly 'Partial Mode'?: string;
  readonly Operation?: string;
  readonly Command?: string;
  readonly 'Scan Direction'?: string;
  readonly 'Parallel Aware'?: boolean;
  readonly Schema?: string;
  readonly 'Relation Name'?: string;
  readonly 'Function Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Startup Cost': number;
  readonly 'Total Cost': number;
  readonly 'Plan Rows': number;
  readonly 'Plan Width': number;
  /** Milliseconds, of one loop. */
  readonly 'Actual Total Time'?: number;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly 'Temp Read Blocks'?: number;
  readonly 'Temp Written Blocks'?: number;
  readonly Plans?: readonly RawPlan[];
  readonly [other: string]: unknown;
}

export interface RawExplain {
  readonly Plan: RawPlan;
  /** Milliseconds. */
  readonly 'Planning Time'?: number;
  readonly 'Execution Time'?: number;
}

/** As EXPLAIN's text form calls it: `Parallel Hash Left Join`, `Partial HashAggregate`. */
export function nodeType(plan: RawPlan): string {
  const base = plan['Node Type'];
  const parts = [plan['Parallel Aware'] === true && 'Parallel', partial(plan), withJoin(base, plan['Join Type'])];
  if (base === 'Aggregate') parts[2] = AGGREGATES[plan.Strategy ?? ''] ?? base;
  if (base === 'SetOp') parts[2] = `${plan.Strategy === 'Hashed' ? 'Hash' : ''}SetOp ${plan.Command ?? ''}`.trim();
  if (base === 'ModifyTable') parts[2] = plan.Operation ?? base;
  if (plan['Scan Direction'] === 'Backward') parts.push('Backward');
  return parts.filter(Boolean).join(' ');
}

const AGGREGATES: Readonly<Record<string, string>> = {
  Sorted: 'GroupAggregate',
  Hashed: 'HashAggregate',
  Mixed: 'MixedAggregate',
};

const partial = ({ 'Partial Mode': mode }: RawPlan): string => (mode === undefined || mode === 'Simple' ? '' : mode);

function withJoin(base: string, join: string | undefined): string {
  if (join === undefined || join === 'Inner') return base;
  return base === 'Nested Loop' ? `Nested Loop ${join} Join` : base.replace(/ Join$/, ` ${join} Join`);
}

/** Labels of EXPLAIN whose value is an expression or a list of some. */
const CONDITIONS = [
  'Index Cond',
  'Recheck Cond',
  'Order By',
  'TID Cond',
  'Hash Cond',
  'Merge Cond',
  'Join Filter',
  'Filter',
  'One-Time Filter',
  'Cache Key',
  'Sort Key',
  'Presorted Key',
  'Group Key',
  'Function Call',
  'Conflict Filter',
] as const;

export function conditionsOf(plan: RawPlan): Record<string, string> {
  const found: Record<string, string> = {};
  for (const label of CONDITIONS) {
    const value = plan[label];
    if (typeof value === 'string') found[label] = value;
    else if (Array.isArray(value)) found[label] = value.join(', ');
  }
  if (plan['CTE Name'] !== undefined) found['CTE'] = plan['CTE Name'];
  if (plan['Subplan Name'] !== undefined) found['Subplan'] = plan['Subplan Name'];
  return found;
}
