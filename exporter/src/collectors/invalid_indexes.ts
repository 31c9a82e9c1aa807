import { type Collector, gauge } from '../metrics/types.ts';

/** An index that is just being built isn't counted, nor one of a partitioned table, which has no storage. */
export const invalid_indexes: Collector = {
  name: 'invalid_indexes',
  source: 'postgres',
  scope: 'database',
  sql: `
    with x as materialized (
      select n.nspname as schemaname, t.relname, i.relname as indexrelname
        from pg_catalog.pg_index x
        join pg_catalog.pg_class i on i.oid = x.indexrelid and i.relkind = 'i'
        join pg_catalog.pg_class t on t.oid = x.indrelid
        join pg_catalog.pg_namespace n on n.oid = i.relnamespace
       where not (x.indisvalid and x.indisready and x.indislive)
         and not exists (select from pg_catalog.pg_stat_progress_create_index p
                          where p.datname = pg_catalog.current_database()
                            and (p.index_relid = x.indexrelid or p.relid = x.indrelid))
    )
    select null as schemaname, null as relname, null as indexrelname, count(*) as count, null::int as one, 2 as rank
      from x
     union all
    select schemaname, relname, indexrelname, null, 1, 1 from x`,
  labels: ['schemaname', 'relname', 'indexrelname'],
  budget: { max: 200, rankBy: 'rank' },
  columns: {
    count: gauge('pg_invalid_indexes', 'Indexes that cost writes and serve no query (pg_index.indisvalid).', {
      labels: [],
    }),
    one: gauge(
      'pg_invalid_index_info',
      '1 for each index left unusable, mostly by a failed build (pg_index.indisvalid).',
    ),
  },
};
