/** PostgreSQL's own parser (of 18, which reads what earlier servers read), as WebAssembly. */
import { loadModule, type Node, parseSync } from 'libpg-query';

export type { Node } from 'libpg-query';

let loading: Promise<void> | undefined;

/** Once in the process, before anything here is parsed; later calls cost nothing. */
export function loadParser(): Promise<void> {
  loading ??= loadModule();
  return loading;
}

/** What can put one expression inside another; a list of rows, `), (`, does not. */
const NESTING = /[-+*/%^<>=|&~!@#?[]+|::|(?<!,\s*)\(|\b(?:not|is|case|collate|union|except|intersect)\b/gi;
/**
 * The parser recurses. A chain of some 8,000 operators ends its stack, which damages the module: a later call may never
 * come back. Those who read the tree recurse too.
 */
const DEEPEST = 2000;
const LONGEST = 1_000_000;

const isSafe = (text: string): boolean => text.length <= LONGEST && (text.match(NESTING)?.length ?? 0) <= DEEPEST;

export type Parsed =
  | { readonly statements: readonly Node[] }
  /** `at`: characters before the place. */
  | { readonly problem: string; readonly at: number | undefined };

/** @throws Error before `loadParser` is done. */
export function tryParse(text: string): Parsed {
  if (loading === undefined) throw new Error('loadParser() has not been called');
  if (!isSafe(text)) return { problem: 'it is too long or too deeply nested to be read here', at: undefined };
  try {
    return { statements: (parseSync(text).stmts ?? []).flatMap(({ stmt }) => stmt ?? []) };
  } catch (error) {
    const { message, sqlDetails } = error as Error & { sqlDetails?: { cursorPosition: number } };
    return { problem: message, at: sqlDetails?.cursorPosition };
  }
}

/** The statements of a text. Undefined: not SQL, cut off, or too deep. @throws Error before `loadParser` is done. */
export function parse(text: string): readonly Node[] | undefined {
  const parsed = tryParse(text);
  return 'statements' in parsed ? parsed.statements : undefined;
}

/** One node of the tree: its tag and its fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** A node is `{ Tag: fields }`. */
export function tagOf(node: unknown): readonly [tag: string, fields: Fields] | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const entries: [string, unknown][] = Object.entries(node);
  const [tag, fields] = entries[0] ?? [];
  const isNode = entries.length === 1 && tag !== undefined && /^[A-Z]/.test(tag) && typeof fields === 'object';
  return isNode ? [tag, fields as Fields] : undefined;
}

/** The fields when the node has this tag. */
export function as(node: unknown, tag: string): Fields | undefined {
  const found = tagOf(node);
  return found?.[0] === tag ? found[1] : undefined;
}

/** Text of `String` nodes, e.g. of a dotted name. */
export const strings = (nodes: unknown): string[] =>
  (Array.isArray(nodes) ? nodes : []).flatMap((node) => {
    const text = as(node, 'String')?.sval;
    return typeof text === 'string' ? [text] : [];
  });

/** Calls `visit` for each node of a tree, parents first. Returning false leaves its children out. */
export function walk(node: unknown, visit: (tag: string, fields: Fields) => boolean | void): void {
  const open: unknown[] = [node];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const found = Array.isArray(next) ? undefined : tagOf(next);
    if (found !== undefined && visit(...found) === false) continue;
    const inner: unknown[] = Array.isArray(next) ? [...(next as unknown[])] : Object.values(found?.[1] ?? next);
    open.push(...inner.reverse());
  }
}
