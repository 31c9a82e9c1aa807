import type { PlanNode } from '@pgvigil/exporter/contract';

/** A node for tests: not run, on nothing, costing nothing. */
export const aNode = (more: Partial<PlanNode> = {}): PlanNode => ({
  type: 'Result',
  relation: null,
  index: null,
  conditions: {},
  startupCost: 0,
  totalCost: 0,
  planRows: 1,
  planWidth: 4,
  actualRows: null,
  loops: null,
  selfSeconds: null,
  selfCost: 0,
  rowsRemovedByFilter: null,
  estimateError: null,
  sharedHitBlocks: null,
  sharedReadBlocks: null,
  tempBlocks: null,
  children: [],
  ...more,
});
