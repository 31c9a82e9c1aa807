import { type Collector, gauge } from '../metrics/types.ts';

/** In the background: a size is one stat() per file of the database. A database whose size we may not ask gives none, the others stay. */
export const database: Collector = {
  name: 'database',
  source: 'postgres',
  scope: 'server',
  background: { intervalSeconds: 60, timeoutSeconds: 30 },
  wants: ['role pg_read_all_stats'],
  sql: `
    select d.datname,
           d.datconnlimit,
           case when pg_catalog.has_database_privilege(d.oid, 'CONNECT')
                  or pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
                then pg_catalog.pg_database_size(d.oid)
           end as size
      from pg_catalog.pg_database d`,
  labels: ['datname'],
  columns: {
    size: gauge('pg_database_size_bytes', 'Disk space of the database (pg_database_size).'),
    datconnlimit: gauge(
      'pg_database_connection_limit',
      'Connections allowed, -1 for no limit (pg_database.datconnlimit).',
      {
        fold: 'none',
      },
    ),
  },
};
