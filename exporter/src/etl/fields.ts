/** The fields of a track as a source gives them, and what can be read into their types. What is allowed is SQL's matter. */

export type Kind = 'text' | 'integer' | 'texts' | 'json';

/** The columns of pg_temp.staged_tracks between `line` and `unreadable`, in its order. */
export const FIELDS: Readonly<Record<string, Kind>> = {
  external_id: 'text',
  title: 'text',
  artist_credit: 'text',
  album_title: 'text',
  artist_external_id: 'text',
  album_external_id: 'text',
  track_number: 'integer',
  duration_ms: 'integer',
  release_year: 'integer',
  isrc: 'text',
  genres: 'texts',
  popularity: 'integer',
  metadata: 'json',
  source: 'text',
  processing_status: 'text',
};
export const FIELD_NAMES = Object.keys(FIELDS);
const FIELD_KINDS = Object.values(FIELDS);

/** PostgreSQL's text form of a value; null: not given; undefined: not readable as the field's type. */
export type Cell = string | null | undefined;

const INTEGER = /^-?[0-9]{1,18}$/;
/** One level of PostgreSQL's array literal without NULL in it. */
const ARRAY_LITERAL = /^\{(?:(?:"(?:[^"\\]|\\.)*"|(?!null[,}])[^\s"\\{},][^"\\{},]*)(?:,(?!\})|(?=\})))*\}$/is;

/** A JSON list of texts without escapes: but for its brackets, PostgreSQL writes it the same way. */
const PLAIN_LIST = /^\[(?:"[^"\\\p{Cc}]*"(?:,(?!\])|(?=\])))*\]$/u;

const readInteger = (text: string): Cell => (INTEGER.test(text) ? text : undefined);

const arrayLiteral = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

function readTexts(value: unknown): Cell {
  const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return isTexts ? arrayLiteral(value) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value of a CSV file; lists may be JSON (`["rock","pop"]`) or PostgreSQL's literal (`{rock,pop}`). */
export function readText(field: number, text: string): Cell {
  if (text === '') return null;
  switch (FIELD_KINDS[field]) {
    case 'text':
      return text;
    case 'integer':
      return readInteger(text);
    case 'texts':
      if (PLAIN_LIST.test(text)) return `{${text.slice(1, -1)}}`;
      return text.startsWith('{') ? (ARRAY_LITERAL.test(text) ? text : undefined) : readTexts(parsed(text));
    case 'json':
      // As it was written: what JSON.stringify makes of a large number is another number.
      return parsed(text) === undefined ? undefined : text;
  }
}

/** A value of a JSON object. */
export function readJson(field: number, value: unknown): Cell {
  if (value === null || value === '') return null;
  const kind = FIELD_KINDS[field];
  if (kind === 'json') return JSON.stringify(value);
  if (kind === 'texts') return readTexts(value);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return kind === 'integer' ? readInteger(String(value)) : String(value);
}
