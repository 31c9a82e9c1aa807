import { type Collector, gauge } from '../metrics/types.ts';

/**
 * The size function would wait behind an access exclusive lock, and behind a request for one,
 * so it isn't called for those indexes; their last size stays.
 */
export const user_index_sizes: Collector = {
  name: 'user_index_sizes',
  source: 'postgres',
  scope: 'database',
  background: { intervalSeconds: 300, timeoutSeconds: 60 },
  sql: `
    with locked as materialized (
      select distinct l.relation
        from pg_catalog.pg_locks l
       where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.pid <> pg_catalog.pg_backend_pid()
         and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    )
    select n.nspname as schemaname, t.relname, i.relname as indexrelname, i.relpages,
           k.relation is not null as locked,
           case when k.relation is null then pg_catalog.pg_relation_size(i.oid) end as size_bytes,
           x.indisunique as is_unique, x.indisprimary as is_primary, x.indisvalid as is_valid
      from pg_catalog.pg_index x
      join pg_catalog.pg_class i on i.oid = x.indexrelid and i.relkind = 'i'
      join pg_catalog.pg_class t on t.oid = x.indrelid and t.relkind in ('r', 'm')
      join pg_catalog.pg_namespace n on n.oid = i.relnamespace
      left join locked k on k.relation = i.oid
     where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and t.relpersistence <> 't'`,
  labels: ['schemaname', 'relname', 'indexrelname'],
  budget: { max: 1000, rankBy: 'relpages' },
  keepLastWhen: 'locked',
  columns: {
    size_bytes: gauge('pg_stat_user_indexes_size_bytes', 'Size on disk (pg_relation_size).'),
    is_unique: gauge('pg_stat_user_indexes_unique', '1 for a unique index (pg_index.indisunique).', { fold: 'none' }),
    is_primary: gauge('pg_stat_user_indexes_primary', '1 for a primary key (pg_index.indisprimary).', { fold: 'none' }),
    is_valid: gauge(
      'pg_stat_user_indexes_valid',
      '0 while queries cannot use the index: being built, or left by a failed build (pg_index.indisvalid).',
      { fold: 'none' },
    ),
  },
};
