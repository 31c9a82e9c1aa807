import { type Collector, gauge } from '../metrics/types.ts';

/**
 * The size functions lock what they measure. A table is left alone while an ACCESS EXCLUSIVE lock on it, its TOAST table
 * or an index of either is held or awaited, so that we never stand in that queue.
 */
export const user_table_sizes: Collector = {
  name: 'user_table_sizes',
  source: 'postgres',
  scope: 'database',
  background: { intervalSeconds: 60, timeoutSeconds: 30 },
  budget: { max: 1000, rankBy: 'total_size' },
  keepLastWhen: 'locked',
  sql: `
      with l as materialized (
           select distinct k.relation
             from pg_catalog.pg_locks k
             join pg_catalog.pg_database d on d.oid = k.database
            where d.datname = pg_catalog.current_database()
              and k.locktype = 'relation'
              and k.mode = 'AccessExclusiveLock'),
           b as materialized (
           select l.relation as oid from l
            union
           select i.indrelid from l join pg_catalog.pg_index i on i.indexrelid = l.relation),
           t as materialized (
           select n.nspname as schemaname, c.relname, c.oid,
                  exists (select from b where b.oid in (c.oid, c.reltoastrelid)) as locked
             from pg_catalog.pg_class c
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 't', 'm', 'p')
              and n.nspname not in ('pg_catalog', 'information_schema')
              and n.nspname !~ '^pg_toast'),
           s as materialized (
           select t.schemaname, t.relname, t.locked,
                  case when not t.locked then pg_catalog.pg_table_size(t.oid) end as table_size,
                  case when not t.locked then pg_catalog.pg_indexes_size(t.oid) end as index_size
             from t)
    select *, table_size + index_size as total_size
      from s`,
  labels: ['schemaname', 'relname'],
  columns: {
    table_size: gauge('pg_stat_user_tables_table_size_bytes', 'Size of the table with its TOAST data (pg_table_size).'),
    index_size: gauge('pg_stat_user_tables_index_size_bytes', 'Size of the table’s indexes (pg_indexes_size).'),
  },
};
