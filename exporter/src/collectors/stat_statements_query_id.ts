import { type Collector, counter } from '../metrics/types.ts';

/** The text of the most expensive statements, to be joined on `queryid`. Reads the file with all texts: seldom.
 * The `pgvigil.*` settings are the configuration's `statements`, set on each session. */
export const stat_statements_query_id: Collector = {
  name: 'stat_statements_query_id',
  source: 'postgres',
  scope: 'server',
  enabled: false,
  background: { intervalSeconds: 300, timeoutSeconds: 30 },
  needs: ['extension pg_stat_statements 1.8'],
  wants: ['role pg_read_all_stats'],
  sql: `
    select q.queryid, pg_catalog."left"(q.query, current_setting('pgvigil.query_length')::int) as query, 1 as one
      from (select s.queryid, min(s.query) as query, sum(s.total_exec_time) as total_exec_time
              from {schema:pg_stat_statements}.pg_stat_statements(true) s
              join pg_catalog.pg_database d on d.oid = s.dbid
             where s.queryid is not null
               and d.datname <> all (string_to_array(current_setting('pgvigil.exclude_databases'), e'\\n'))
               and pg_catalog.pg_get_userbyid(s.userid)
                   <> all (string_to_array(current_setting('pgvigil.exclude_users'), e'\\n'))
             group by s.queryid) q
     order by q.total_exec_time desc
     limit 100`,
  labels: ['queryid', 'query'],
  columns: {
    one: counter(
      'pg_stat_statements_query_id',
      'The beginning of the statement, normalised (pg_stat_statements.query).',
    ),
  },
};
