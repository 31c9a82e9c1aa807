/** Parses a part of a request, and says in one sentence what is wrong with it. */
import type { z } from 'zod';
import { ApiFailure } from './failure.ts';

export type PartName = 'params' | 'query' | 'body';

const WORDS: Readonly<Record<PartName, string>> = { params: 'path', query: 'query parameter', body: 'field' };

/** @throws ApiFailure bad_request naming the field; values are not repeated. */
export function parsePart(part: PartName, schema: z.ZodObject | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (!result.success) throw refusal(part, schema, result.error);
  const nul = fieldWith(result.data, (text) => text.includes('\0'));
  // In a database's name it would end the name in the startup packet and begin a setting.
  if (nul !== undefined)
    throw badField(part, nul, 'holds a NUL character, which PostgreSQL has no place for', 'Remove it.');
  const torn = fieldWith(result.data, (text) => !text.isWellFormed());
  if (torn === undefined) return result.data;
  // Half of a character: no jsonb takes it, so that it could be noted nowhere.
  throw badField(part, torn, 'holds half of a surrogate pair, which is no character', 'Remove it.');
}

const badField = (part: PartName, field: string, message: string, hint: string): ApiFailure =>
  new ApiFailure('bad_request', field === '' ? `${part}: ${message}` : `${WORDS[part]} "${field}" ${message}`, hint);

function refusal(part: PartName, schema: z.ZodObject, { issues }: z.ZodError): ApiFailure {
  const [issue] = issues;
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = issue.path.length === 0 ? Object.keys(schema.shape).join(', ') : '';
    const field = [...issue.path, issue.keys[0]].map(String).join('.').slice(0, 100);
    return badField(
      part,
      field,
      'is not known',
      known === '' ? 'Leave it out; see /openapi.json for those there are.' : `Known: ${known}.`,
    );
  }
  const message = issue.message.replace(/^Invalid input: /, '');
  return badField(part, path, `is wrong: ${message}`, 'See /openapi.json for what is expected.');
}

function fieldWith(value: unknown, isBad: (text: string) => boolean, path = ''): string | undefined {
  if (typeof value === 'string') return isBad(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = fieldWith(inner, isBad, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
