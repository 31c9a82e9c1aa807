/** Who blocks whom, from who waits for whom. */
import type { Blocker } from '../contract/index.ts';

export interface Waiter {
  readonly pid: number;
  readonly blockedBy: readonly number[];
}

/** With more, only the number of victims is told: every one of them could hold the same victims. */
const MOST_TREES = 50;

/**
 * Those who block and do not wait themselves, most victims first; of a ring of sessions that wait for each other, the
 * lowest pid. Below each, every victim stands once, next to the root as it can: all who queue for one lock wait for
 * everybody before them too, and that would be told in 2ⁿ ways.
 */
export function blockingTree(waiters: readonly Waiter[]): Blocker[] {
  const victims = new Map<number, number[]>();
  for (const { pid, blockedBy } of waiters)
    for (const blocker of new Set(blockedBy)) victims.set(blocker, [...(victims.get(blocker) ?? []), pid]);
  const waiting = new Set(waiters.filter(({ blockedBy }) => blockedBy.length > 0).map(({ pid }) => pid));
  const roots = [...victims.keys()].filter((pid) => !waiting.has(pid));
  const trees = roots.map((pid) => treeOf(pid, victims));
  const seen = new Set(trees.flatMap(({ pids }) => [...pids]));
  for (const pid of [...waiting].sort((a, b) => a - b)) {
    if (seen.has(pid) || !victims.has(pid)) continue;
    const ring = treeOf(pid, victims);
    ring.pids.forEach((member) => seen.add(member));
    trees.push(ring);
  }
  return trees
    .map(({ root }) => root)
    .sort((a, b) => b.victims - a.victims || a.pid - b.pid)
    .map((root, i) => (i < MOST_TREES ? root : { ...root, children: [] }));
}

function treeOf(
  pid: number,
  victims: ReadonlyMap<number, readonly number[]>,
): { root: Blocker; pids: ReadonlySet<number> } {
  const root: Blocker = { pid, victims: 0, children: [] };
  const pids = new Set([pid]);
  const placed: { node: Blocker; parent: Blocker }[] = [];
  const queue = [root];
  for (const parent of queue)
    for (const victim of victims.get(parent.pid) ?? []) {
      if (pids.has(victim)) continue;
      pids.add(victim);
      const node: Blocker = { pid: victim, victims: 0, children: [] };
      parent.children.push(node);
      placed.push({ node, parent });
      queue.push(node);
    }
  // Children come after their parents, so from the end every node is complete before it is counted.
  for (const { node, parent } of placed.reverse()) parent.victims += 1 + node.victims;
  return { root, pids };
}
