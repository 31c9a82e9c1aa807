/** A runbook as data: its title, its one-line quote, its sections, and what stands in its code fences. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const RUNBOOKS_FOLDER = join(import.meta.dirname, '../../runbooks');

export interface Fence {
  readonly file: string;
  /** Of the line that opens it; the first of the file is 1. */
  readonly line: number;
  readonly section: string;
  readonly language: string;
  /** What stands behind the language: `16+`, `-16`, `pgvigil`, `musicdb`. */
  readonly words: readonly string[];
  readonly text: string;
}

export interface Prose {
  readonly line: number;
  readonly section: string;
  readonly text: string;
}

export interface Runbook {
  readonly file: string;
  /** Of the file: `PostgresDown`. */
  readonly alert: string;
  readonly title: string;
  /** The lines that begin with `>` below the title, joined. */
  readonly quote: string;
  readonly headings: readonly string[];
  readonly fences: readonly Fence[];
  /** All lines outside of fences. */
  readonly prose: readonly Prose[];
  readonly lines: number;
  /** What could not be read: a fence without an end, a heading of another level. */
  readonly problems: readonly string[];
}

/** All of the folder, by name. */
export function loadRunbooks(folder = RUNBOOKS_FOLDER): Runbook[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => readRunbook(file, readFileSync(join(folder, file), 'utf8')));
}

export function readRunbook(file: string, text: string): Runbook {
  const lines = text.split('\n');
  const fences: Fence[] = [];
  const prose: Prose[] = [];
  const headings: string[] = [];
  const problems: string[] = [];
  let title = '';
  let section = '';
  for (let at = 0; at < lines.length; at += 1) {
    const opened = /^(\s*)```(\S*)(.*)$/.exec(lines[at]);
    if (opened) {
      const [, indentation, language, rest] = opened;
      const end = lines.findIndex((line, index) => index > at && line.trim() === '```');
      if (end < 0) {
        problems.push(`${file}:${at + 1}: this fence has no end`);
        break;
      }
      const inside = lines
        .slice(at + 1, end)
        .map((line) => (line.startsWith(indentation) ? line.slice(indentation.length) : line));
      const words = rest.split(/\s+/).filter((word) => word !== '');
      fences.push({ file, line: at + 1, section, language, words, text: inside.join('\n') });
      at = end;
      continue;
    }
    const heading = /^(#+) (.*)$/.exec(lines[at]);
    if (heading?.[1] === '#' && title === '') title = heading[2].trim();
    else if (heading?.[1] === '##') headings.push((section = heading[2].trim()));
    else if (heading?.[1] === '#') problems.push(`${file}:${at + 1}: a second title`);
    else prose.push({ line: at + 1, section, text: lines[at] });
  }
  const quoted = prose.filter((line) => line.section === '' && line.text.startsWith('>'));
  return {
    file,
    alert: file.replace(/\.md$/, ''),
    title,
    quote: quoted.map((line) => line.text.slice(1).trim()).join(' '),
    headings,
    fences,
    prose,
    lines: lines.length - 1,
    problems,
  };
}
