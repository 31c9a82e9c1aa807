import type { PlanNode } from '@pgvigil/exporter/contract';

/** A node as a drawn tree has it. */
export interface PlanRow {
  node: PlanNode;
  depth: number;
  /** Child numbers from the root: "0.1.0"; a key. */
  path: string;
  /** For each level down to this one: whether more siblings follow, so that its line goes on. */
  lines: readonly boolean[];
  /** Of the whole plan's time where it ran, else of its cost; 0…1. */
  part: number;
}

/** Rows estimated and real differ by this or more: worth a word, and worth alarm. */
export const NOTABLE_ERROR = 4;
export const BAD_ERROR = 20;

export const wasRun = (root: PlanNode): boolean => root.actualRows !== null || root.loops !== null;

/** All nodes, parents before their children. */
export function planRows(root: PlanNode): PlanRow[] {
  const timed = wasRun(root);
  const weight = (node: PlanNode) => Math.max(0, (timed ? node.selfSeconds : node.selfCost) ?? 0);
  const rows: PlanRow[] = [];
  const visit = (node: PlanNode, path: string, lines: readonly boolean[]) => {
    rows.push({ node, depth: lines.length, path, lines, part: weight(node) });
    node.children.forEach((child, at) => visit(child, `${path}.${at}`, [...lines, at < node.children.length - 1]));
  };
  visit(root, '0', []);
  const total = rows.reduce((sum, row) => sum + row.part, 0);
  return rows.map((row) => ({ ...row, part: total > 0 ? row.part / total : 0 }));
}

/** What a node works on: "on tracks using tracks_pkey". */
export function nodeObject({ relation, index }: Pick<PlanNode, 'relation' | 'index'>): string {
  return [relation !== null && `on ${relation}`, index !== null && `using ${index}`].filter(Boolean).join(' ');
}

/** Paths of the nodes named above the tree: null where none stands out. */
export function standouts(rows: readonly PlanRow[]): { costliest: string | null; worst: string | null } {
  const most = rows.reduce<PlanRow | null>((best, row) => (row.part > (best?.part ?? 0) ? row : best), null);
  const worst = rows.reduce<PlanRow | null>(
    (best, row) => ((row.node.estimateError ?? 0) > (best?.node.estimateError ?? NOTABLE_ERROR) ? row : best),
    null,
  );
  return { costliest: rows.length > 1 ? (most?.path ?? null) : null, worst: worst?.path ?? null };
}

/** The planner thought fewer or more rows than came; both per loop. */
export function estimateDirection({ planRows: planned, actualRows }: PlanNode): 'too few' | 'too many' | null {
  return actualRows === null || actualRows === planned ? null : planned < actualRows ? 'too few' : 'too many';
}
