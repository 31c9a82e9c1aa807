/** A report as Markdown: for a pull request or a wiki. */
import type { Sheet } from '../../contract/benchmarks.ts';
import { headOf } from './head.ts';
import { type Table, tablesOf } from './tables.ts';

export function markdownReport(sheet: Sheet): string {
  const { title, subtitle, verdict, notes } = headOf(sheet);
  const head = [`# ${text(title)}`, text(subtitle), `**${text(verdict)}**`, ...notes.map(text)];
  return `${[...head, ...tablesOf(sheet).map(tableMarkdown)].join('\n\n')}\n`;
}

function tableMarkdown({ title, head, rows, note }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(text).join(' | ')} |`;
  const table = [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
  return [`## ${text(title)}`, table, ...(note === undefined ? [] : [text(note)])].join('\n\n');
}

/** What has a meaning in Markdown or HTML is written so that it has none, on one line. */
const text = (plain: string): string => plain.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#&~]/g, (one) => `\\${one}`);
