import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Findings } from './problems.ts';

/** Keys and indexes from the root to a field. */
export type Path = readonly (string | number)[];

/** A YAML document that knows where each of its fields stands. */
export interface YamlDocument {
  readonly yaml: Document;
  /** `name:line:column field`; for a field that is missing, where it should be. */
  readonly where: (path: Path) => string;
}

/** Notes a problem for every syntax error, never with the offending line: it may hold a password. */
export const openYaml = (text: string, name: string, findings: Findings): YamlDocument | undefined => {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false }) as Document;
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  for (const { code, pos } of yaml.errors) {
    const message = `not valid YAML: ${code.toLowerCase().replaceAll('_', ' ')}`;
    findings.problem(at(pos[0]), message, 'Check the indentation and the quotes there.');
  }
  if (yaml.errors.length > 0) return undefined;
  return { yaml, where: (path) => `${at(offsetOf(yaml, path))} ${fieldName(path)}`.trim() };
};

/** `targets[0].name` */
const fieldName = (path: Path): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${step}`)).join('');

/** Where the field's key stands, or the innermost thing around it that exists. */
const offsetOf = (yaml: Document, path: Path): number => {
  let node: unknown = yaml.contents;
  let offset = yaml.contents?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(yaml);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
};

/** The path of a node that `visit` came to, out of the ancestors that it hands over. */
export const pathOf = (node: Node, ancestors: readonly unknown[]): Path => {
  const chain = [...ancestors, node];
  return chain.flatMap((ancestor, index): Path => {
    if (isPair(ancestor)) return [String((ancestor.key as { value?: unknown }).value)];
    return isSeq(ancestor) ? [ancestor.items.indexOf(chain[index + 1])] : [];
  });
};
