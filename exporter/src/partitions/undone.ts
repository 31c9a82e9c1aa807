import type pg from 'pg';
import { describeFailure } from '../db/errors.ts';

/** Something that was to be done and was not, with the reason and, where there is one, the cure. */
export interface Undone {
  readonly name: string;
  readonly why: string;
}

const FOREIGN_KEY_VIOLATION = '23503';

/**
 * The server's message with its hint: ours are written to be acted on. Never its detail, which quotes the row.
 * @throws DatabaseFailure where the session has ended.
 */
export function reasonOf(error: unknown): string {
  const failure = describeFailure(error);
  if (failure.fatal) throw failure;
  const { hint, schema, table, constraint } = (failure.cause ?? {}) as Partial<pg.DatabaseError>;
  const lines = [failure.message];
  if (failure.sqlState === FOREIGN_KEY_VIOLATION && table !== undefined) {
    lines.push(`rows of ${schema}.${table} still point at it by foreign key ${constraint}`);
  }
  if (hint !== undefined) lines.push(hint);
  return lines.join('\n');
}
