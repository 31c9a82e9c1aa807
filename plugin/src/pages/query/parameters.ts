/** What was entered for a parameter. */
export interface Entry {
  text: string;
  isNull: boolean;
}

export const EMPTY: Entry = { text: '', isNull: false };

export const isBoolean = (type: string): boolean => type === 'boolean' || type === 'bool';

const NUMERIC = /^(smallint|integer|bigint|int[248]?|numeric|decimal|real|double precision|float[48]?|oid)\b/;
export const isNumeric = (type: string): boolean => NUMERIC.test(type) && !type.endsWith('[]');

/** How a value of a type may look, for the field's empty state. PostgreSQL reads the text; we do not. */
export function exampleOf(type: string): string {
  if (type.endsWith('[]')) return '{a,b}';
  if (isNumeric(type)) return '42';
  if (type === 'date') return '2026-11-23';
  if (type.startsWith('timestamp')) return '2026-11-23 10:00:00';
  if (type.startsWith('time')) return '10:00';
  if (type === 'interval') return '1 hour';
  if (type === 'uuid') return '0b4f0f3e-…';
  if (type === 'json' || type === 'jsonb') return '{"a": 1}';
  return '';
}

/**
 * As it is sent: text that PostgreSQL reads by the parameter's type, so that a bigint keeps all its digits; true and
 * false where that is the type; null.
 */
export function valueOf(type: string, entry: Entry = EMPTY): string | boolean | null {
  if (entry.isNull) {
    return null;
  }
  return isBoolean(type) ? entry.text === 'true' : entry.text;
}
