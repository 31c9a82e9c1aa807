/** Which nodes of two ordered trees are each other's, with the fewest changes in between (Zhang and Shasha, 1989). */

export interface TreeNode<T> {
  readonly value: T;
  /** Place of the parent; -1 for the root. */
  readonly parent: number;
  readonly children: number[];
}

/** Taking a node away, or putting one in, costs 1. */
export const changeCost = { never: 2 } as const;

/** Beyond this many pairs of nodes it would take seconds: then nodes are matched from the top. */
const MOST_PAIRS = 250_000;

/**
 * Nodes in preorder, the root first. What is matched keeps its order and who is above whom.
 * @param cost of making one node into the other; from `changeCost.never` on they are not matched.
 * @returns places in `b` → places in `a`
 */
export function matchTrees<T>(
  a: readonly TreeNode<T>[],
  b: readonly TreeNode<T>[],
  cost: (a: T, b: T) => number,
): Map<number, number> {
  return a.length * b.length > MOST_PAIRS ? matchFromTop(a, b, cost) : new Matcher(a, b, cost).match();
}

function matchFromTop<T>(
  a: readonly TreeNode<T>[],
  b: readonly TreeNode<T>[],
  cost: (a: T, b: T) => number,
): Map<number, number> {
  const pairs = new Map<number, number>();
  const open: [number, number][] = [[0, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [x, y] = next;
    if (cost(a[x].value, b[y].value) >= changeCost.never) continue;
    pairs.set(y, x);
    b[y].children.forEach((child, i) => {
      if (i < a[x].children.length) open.push([a[x].children[i], child]);
    });
  }
  return pairs;
}

/** A tree in postorder, with what the algorithm wants to know. */
class Postorder<T> {
  readonly values: T[] = [];
  /** Place in preorder. */
  readonly places: number[] = [];
  /** Of each node, the leftmost leaf below it. */
  readonly left: number[] = [];
  readonly keyroots: number[];

  constructor(nodes: readonly TreeNode<T>[]) {
    const add = (place: number): number => {
      const lefts = nodes[place].children.map((child) => add(child));
      const own = this.values.push(nodes[place].value) - 1;
      this.places.push(place);
      this.left.push(lefts.length === 0 ? own : lefts[0]);
      return this.left[own];
    };
    add(0);
    const last = new Map<number, number>();
    this.left.forEach((left, i) => last.set(left, i));
    this.keyroots = [...last.values()].sort((x, y) => x - y);
  }
}

class Matcher<T> {
  readonly #a: Postorder<T>;
  readonly #b: Postorder<T>;
  readonly #cost: (a: T, b: T) => number;
  readonly #distance: Float64Array[];

  constructor(a: readonly TreeNode<T>[], b: readonly TreeNode<T>[], cost: (a: T, b: T) => number) {
    this.#a = new Postorder(a);
    this.#b = new Postorder(b);
    this.#cost = cost;
    this.#distance = a.map(() => new Float64Array(b.length));
  }

  match(): Map<number, number> {
    for (const i of this.#a.keyroots) for (const j of this.#b.keyroots) this.#forest(i, j);
    const pairs = new Map<number, number>();
    const open: [number, number][] = [[this.#a.values.length - 1, this.#b.values.length - 1]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) this.#trace(...next, pairs, open);
    return pairs;
  }

  /** Distances of all forests that begin at the leftmost leaves of `i` and `j`. */
  #forest(i: number, j: number): Float64Array[] {
    const [a, b] = [this.#a, this.#b];
    const [fromA, fromB] = [a.left[i], b.left[j]];
    const table = Array.from({ length: i - fromA + 2 }, () => new Float64Array(j - fromB + 2));
    for (let x = 1; x < table.length; x++) table[x][0] = x;
    for (let y = 1; y < table[0].length; y++) table[0][y] = y;
    for (let x = fromA; x <= i; x++) {
      for (let y = fromB; y <= j; y++) {
        const [row, column] = [x - fromA + 1, y - fromB + 1];
        const either = Math.min(table[row - 1][column], table[row][column - 1]) + 1;
        if (a.left[x] === fromA && b.left[y] === fromB) {
          table[row][column] = Math.min(either, table[row - 1][column - 1] + this.#costOf(x, y));
          this.#distance[x][y] = table[row][column];
        } else {
          const rest = table[a.left[x] - fromA][b.left[y] - fromB];
          table[row][column] = Math.min(either, rest + this.#distance[x][y]);
        }
      }
    }
    return table;
  }

  /** Goes back the way that the distance of two subtrees came; subtrees on the way are left to later. */
  #trace(i: number, j: number, pairs: Map<number, number>, open: [number, number][]): void {
    const [a, b] = [this.#a, this.#b];
    const table = this.#forest(i, j);
    const [fromA, fromB] = [a.left[i], b.left[j]];
    let [x, y] = [i, j];
    while (x >= fromA && y >= fromB) {
      const [row, column] = [x - fromA + 1, y - fromB + 1];
      const now = table[row][column];
      const whole = a.left[x] === fromA && b.left[y] === fromB;
      const together = whole
        ? table[row - 1][column - 1] + this.#costOf(x, y)
        : table[a.left[x] - fromA][b.left[y] - fromB] + this.#distance[x][y];
      if (now === together && (!whole || this.#costOf(x, y) < changeCost.never)) {
        if (whole) {
          pairs.set(b.places[y], a.places[x]);
          x--;
          y--;
        } else {
          open.push([x, y]);
          x = a.left[x] - 1;
          y = b.left[y] - 1;
        }
      } else if (now === table[row - 1][column] + 1) x--;
      else y--;
    }
  }

  #costOf(x: number, y: number): number {
    return this.#cost(this.#a.values[x], this.#b.values[y]);
  }
}
