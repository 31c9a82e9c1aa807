import type { CallInput } from '../../api/client';
import type { Options } from './options';

type Query = NonNullable<CallInput<'GET /api/v1/database/slow-queries'>['query']>;

const LARGEST = 100;

/**
 * What the panel asks for.
 * @param fill puts the dashboard's variables in.
 */
export function queryOf(options: Options, window: { from: string; to: string }, fill: (text: string) => string): Query {
  return {
    target: fill(options.target).trim() || undefined,
    database: fill(options.database).trim() || undefined,
    ...window,
    sort: options.sort as Query['sort'],
    order: 'desc',
    page: 1,
    pageSize: Math.max(1, Math.min(LARGEST, Math.floor(options.limit) || 10)),
  };
}
