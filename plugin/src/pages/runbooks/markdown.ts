/** A runbook as a list of parts: what is prose, and what is a block to copy. */
export interface Part {
  readonly kind: 'text' | 'code';
  readonly text: string;
  /** The first word after the fence: "sql". */
  readonly language: string;
}

const FENCE = /^( *)```(\S*)[^\n]*\n([\s\S]*?)^ *```[ \t]*$/gm;

/** Blocks may be indented below a list's item: their indent is taken off. */
export function partsOf(markdown: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  const addText = (to: number) => {
    const text = markdown.slice(from, to);
    if (text.trim() !== '') parts.push({ kind: 'text', text: dedent(text), language: '' });
  };
  for (const match of markdown.matchAll(FENCE)) {
    const [whole, indent, language, code] = match;
    addText(match.index);
    const text = code.replaceAll(new RegExp(`^ {0,${indent.length}}`, 'gm'), '').trimEnd();
    parts.push({ kind: 'code', text, language });
    from = match.index + whole.length;
  }
  addText(markdown.length);
  return parts;
}

/** What follows a block within an item begins indented: Markdown would take four spaces for code. */
const dedent = (text: string) => text.replaceAll(/^ {2,}(?=[^\s*\-\d])/gm, '');

/** Of a link in a runbook: the path in Grafana, or undefined where it leads out of it. */
export function pathOf(href: string, base: string): string | undefined {
  const runbook = /^([A-Za-z]+)\.md(#.*)?$/.exec(href);
  if (runbook) return `${base}/runbooks/${runbook[1]}`;
  return href.startsWith('/') ? href : undefined;
}
