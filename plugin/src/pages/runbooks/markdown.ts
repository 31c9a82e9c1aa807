/** What runbooks have beyond plain Markdown. */

/** `Role: … · Lock: … · Risk: …` has a line of its own in the source, and shall have one on the page. */
export const prepare = (markdown: string): string => markdown.replaceAll(BEFORE_ROLE, '$1\\\n');

/** A line of prose before it; the end of a block is none. */
const BEFORE_ROLE = /^( *(?!```)\S.*)\n(?= *Role: )/gm;

/** Of a link in a runbook: the path in Grafana, or undefined where it leads out of it. */
export function pathOf(href: string, base: string): string | undefined {
  const runbook = /^([A-Za-z]+)\.md(#.*)?$/.exec(href);
  if (runbook) return `${base}/runbooks/${runbook[1]}`;
  return href.startsWith('/') ? href : undefined;
}
