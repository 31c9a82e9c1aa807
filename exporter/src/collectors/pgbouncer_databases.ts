import { type Collector, gauge, type Row } from '../metrics/types.ts';

/** PgBouncer 1.24 renamed the column. */
const oneName = (rows: Row[]): Row[] =>
  rows.map((row) => ({ ...row, reserve_pool: row.reserve_pool_size ?? row.reserve_pool ?? null }));

export const pgbouncer_databases: Collector = {
  name: 'pgbouncer_databases',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW DATABASES',
  reshape: oneName,
  labels: ['name', 'host', 'port', 'database', 'force_user', 'pool_mode'],
  columns: {
    pool_size: gauge('pgbouncer_databases_pool_size', 'Servers a pool may have (SHOW DATABASES pool_size).'),
    min_pool_size: gauge('pgbouncer_databases_min_pool_size', 'Servers a pool keeps (SHOW DATABASES min_pool_size).'),
    reserve_pool: gauge(
      'pgbouncer_databases_reserve_pool',
      'Servers a pool may have beyond its size (SHOW DATABASES reserve_pool, reserve_pool_size since 1.24).',
    ),
    server_lifetime: gauge(
      'pgbouncer_databases_server_lifetime_seconds',
      'Age at which an unused server is closed (SHOW DATABASES server_lifetime, PgBouncer 1.23+).',
      { fold: 'max' },
    ),
    max_connections: gauge(
      'pgbouncer_databases_max_connections',
      'Servers allowed over all pools, 0 for any number (SHOW DATABASES max_connections).',
    ),
    current_connections: gauge(
      'pgbouncer_databases_current_connections',
      'Servers open over all pools (SHOW DATABASES current_connections).',
    ),
    max_client_connections: gauge(
      'pgbouncer_databases_max_client_connections',
      'Clients allowed, 0 for any number (SHOW DATABASES max_client_connections, PgBouncer 1.24+).',
    ),
    current_client_connections: gauge(
      'pgbouncer_databases_current_client_connections',
      'Clients connected (SHOW DATABASES current_client_connections, PgBouncer 1.24+).',
    ),
    paused: gauge('pgbouncer_databases_paused', '1 while paused (SHOW DATABASES paused).'),
    disabled: gauge('pgbouncer_databases_disabled', '1 while disabled (SHOW DATABASES disabled).'),
  },
};
