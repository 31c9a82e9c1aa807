import { type Collector, gauge } from '../metrics/types.ts';

export const roles: Collector = {
  name: 'roles',
  source: 'postgres',
  scope: 'server',
  sql: `
    select r.rolname,
           r.rolconnlimit,
           case when pg_catalog.isfinite(r.rolvaliduntil) then r.rolvaliduntil end as valid_until
      from pg_catalog.pg_roles r`,
  labels: ['rolname'],
  columns: {
    rolconnlimit: gauge('pg_roles_connection_limit', 'Connections allowed, -1 for no limit (pg_roles.rolconnlimit).', {
      fold: 'none',
    }),
    valid_until: gauge(
      'pg_roles_valid_until_timestamp_seconds',
      'When the password expires (pg_roles.rolvaliduntil).',
      {
        fold: 'min',
      },
    ),
  },
};
