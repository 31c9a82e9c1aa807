/** A record on its way into pg_temp.staged_tracks, as a line of COPY's text format. */
import { type Cell, FIELD_NAMES } from './fields.ts';

/** A record as it stands in the file, which is what a reject keeps: where it is, or, where that is no UTF-8, as text. */
export type Content = string | { readonly bytes: Buffer; readonly from: number; readonly to: number };

export interface Row {
  /** Line of the file where the record begins, from 1. */
  readonly line: number;
  readonly record: Content;
  /** With its end of line. */
  readonly copy: string;
}

export const COPY_TRACKS = `copy pg_temp.staged_tracks (line, ${FIELD_NAMES.join(', ')}, unreadable, broken) from stdin`;

const NULL = '\\N';
const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

const escape = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]) : text;

/** @param unknown names of fields that no track has. */
export function trackRow(line: number, record: Content, cells: readonly Cell[], unknown: readonly string[] = []): Row {
  let copy = String(line);
  let unreadable = unknown;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    if (cell === undefined) unreadable = [...unreadable, FIELD_NAMES[i]];
    copy += cell ? `\t${escape(cell)}` : `\t${NULL}`;
  }
  const names = unreadable.map((name) => `"${name.replace(/["\\]/g, '\\$&')}"`).join(',');
  copy += unreadable.length === 0 ? `\t${NULL}\t${NULL}\n` : `\t${escape(`{${names}}`)}\t${NULL}\n`;
  return { line, record, copy };
}

const NO_FIELDS = `\t${NULL}`.repeat(FIELD_NAMES.length + 1);

/** A record that has no fields to judge, or that PostgreSQL did not take. */
export const brokenCopy = (line: number, reason: string): string => `${line}${NO_FIELDS}\t${escape(reason)}\n`;

export const brokenRow = (line: number, record: Content, reason: string): Row => ({
  line,
  record,
  copy: brokenCopy(line, reason),
});
