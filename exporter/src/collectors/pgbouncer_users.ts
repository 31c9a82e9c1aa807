import { type Collector, gauge, type Row } from '../metrics/types.ts';

/** Written by PgBouncer with blanks before it (`        2`), and empty where it isn't set. */
const sizeOf = (text: string | null | undefined): string | null => text?.trim() || null;

/**
 * PgBouncer before 1.23 says nothing about a user but the name, later ones leave empty what isn't set.
 * auth_query may make them many.
 */
const rank = (rows: Row[]): Row[] =>
  rows.map((row) => ({
    ...row,
    user: row.name ?? null,
    pool_size: sizeOf(row.pool_size),
    reserve_pool_size: sizeOf(row.reserve_pool_size),
    rank: row.current_client_connections ?? row.current_connections ?? '0',
  }));

export const pgbouncer_users: Collector = {
  name: 'pgbouncer_users',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW USERS',
  reshape: rank,
  labels: ['user'],
  budget: { max: 500, rankBy: 'rank' },
  columns: {
    pool_size: gauge(
      'pgbouncer_users_pool_size',
      'Servers a pool of the user may have, where set (SHOW USERS pool_size, PgBouncer 1.23+).',
    ),
    reserve_pool_size: gauge(
      'pgbouncer_users_reserve_pool_size',
      'Servers a pool of the user may have beyond its size, where set (SHOW USERS reserve_pool_size, PgBouncer 1.24+).',
    ),
    max_user_connections: gauge(
      'pgbouncer_users_max_connections',
      'Servers the user may have, 0 for any number (SHOW USERS max_user_connections, PgBouncer 1.23+).',
    ),
    current_connections: gauge(
      'pgbouncer_users_current_connections',
      'Servers the user has (SHOW USERS current_connections, PgBouncer 1.23+).',
    ),
    max_user_client_connections: gauge(
      'pgbouncer_users_max_client_connections',
      'Clients the user may connect, 0 for any number (SHOW USERS max_user_client_connections, PgBouncer 1.24+).',
    ),
    current_client_connections: gauge(
      'pgbouncer_users_current_client_connections',
      'Clients the user has connected (SHOW USERS current_client_connections, PgBouncer 1.24+).',
    ),
  },
};
