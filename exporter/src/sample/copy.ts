/** A stream of rows into a table. What the server has not taken yet holds the generator back. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** What a column can hold: a list becomes an array of text, any other object jsonb, null NULL. */
export type Value = string | number | boolean | null | readonly string[] | Readonly<Record<string, unknown>>;

export interface Target {
  /** Schema-qualified. */
  readonly table: string;
  readonly columns: readonly string[];
  /** The transaction has emptied the table: rows can be stored as if vacuumed already. */
  readonly freeze?: boolean;
}

/** Large enough that the calls don't count, small enough to be made while the one before is written. */
const CHUNK = 64 * 1024;

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escaped = (text: string): string => text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]);
const element = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
const isList = (value: Value): value is readonly string[] => Array.isArray(value);

/** COPY's text format. */
function field(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escaped(value);
  if (typeof value !== 'object') return String(value);
  return escaped(isList(value) ? `{${value.map(element).join(',')}}` : JSON.stringify(value));
}

export const copyLine = (row: readonly Value[]): string => `${row.map(field).join('\t')}\n`;

function* chunks(rows: Iterable<readonly Value[]>): Generator<Buffer> {
  let text = '';
  for (const row of rows) {
    text += copyLine(row);
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

/** @throws pg.DatabaseError; none of the rows is there then. */
export async function copyRows(client: pg.Client, target: Target, rows: Iterable<readonly Value[]>): Promise<void> {
  const { table, columns, freeze = false } = target;
  const stream = client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin (freeze ${freeze})`));
  await pipeline(Readable.from(chunks(rows), { highWaterMark: 2 }), stream);
}

/** The rows' values in the order of the columns. */
export function* valuesOf<C extends string>(
  rows: Iterable<Readonly<Record<C, Value>>>,
  columns: readonly C[],
): Generator<Value[]> {
  for (const row of rows) yield columns.map((column) => row[column]);
}
