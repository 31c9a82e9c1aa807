import type { CallInput } from '../../api/client';
import { useCall } from '../../api/useCall';
import { useOfDatabase, useScope, useWindow } from '../../lib/scope';
import { PAGE_SIZE, pageNumber, type QueriesState } from './state';

type Query = NonNullable<CallInput<'GET /api/v1/database/slow-queries'>['query']>;

/** The page of statements that the address asks for; the server orders, filters and counts. */
export function useStatements(state: QueriesState) {
  const scope = useOfDatabase();
  const { info } = useScope();
  const window = useWindow();
  const { search, user, kind, table, wait, order, page } = state;
  // The bar names the connection string's where the address names none: the list must not show more than it says.
  const named = scope?.database ?? info?.database;
  const query: Query | undefined =
    scope === undefined || named === undefined
      ? undefined
      : {
          target: scope.target,
          database: state.databases === 'all' ? undefined : named,
          ...window,
          search: search || undefined,
          user: user || undefined,
          kind: kind || undefined,
          table: table || undefined,
          wait: wait || undefined,
          // An address may hold any word: the server refuses what it does not know and names what it knows.
          sort: state.sort as Query['sort'],
          order: order === 'asc' ? 'asc' : 'desc',
          page: pageNumber(page),
          pageSize: PAGE_SIZE,
        };
  return useCall('GET /api/v1/database/slow-queries', query && { query });
}
