import { type Collector, gauge } from '../metrics/types.ts';

/** A table may be loaded by many sessions at once: their numbers are added up. A query's output has no table name. */
export const stat_progress_copy: Collector = {
  name: 'stat_progress_copy',
  source: 'postgres',
  scope: 'server',
  needs: ['pg_stat_progress_copy'],
  wants: ['role pg_read_all_stats'],
  sql: [
    {
      needs: ['pg_stat_progress_copy.tuples_skipped'],
      sql: `
    select p.datname, n.nspname as schemaname, coalesce(c.relname, nullif(p.relid, 0)::text) as relname, p.command,
           p.type, count(*) as commands, sum(p.bytes_processed) as bytes_processed,
           sum(nullif(p.bytes_total, 0)) as bytes_total, sum(p.tuples_processed) as tuples_processed,
           sum(p.tuples_excluded) as tuples_excluded, sum(p.tuples_skipped) as tuples_skipped
      from pg_catalog.pg_stat_progress_copy p
      left join pg_catalog.pg_class c on c.oid = p.relid and p.datname = pg_catalog.current_database()
      left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where p.command is not null
     group by 1, 2, 3, 4, 5`,
    },
    {
      sql: `
    select p.datname, n.nspname as schemaname, coalesce(c.relname, nullif(p.relid, 0)::text) as relname, p.command,
           p.type, count(*) as commands, sum(p.bytes_processed) as bytes_processed,
           sum(nullif(p.bytes_total, 0)) as bytes_total, sum(p.tuples_processed) as tuples_processed,
           sum(p.tuples_excluded) as tuples_excluded
      from pg_catalog.pg_stat_progress_copy p
      left join pg_catalog.pg_class c on c.oid = p.relid and p.datname = pg_catalog.current_database()
      left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where p.command is not null
     group by 1, 2, 3, 4, 5`,
    },
  ],
  labels: ['datname', 'schemaname', 'relname', 'command', 'type'],
  columns: {
    commands: gauge('pg_stat_progress_copy_commands', 'COPY commands running (pg_stat_progress_copy).'),
    bytes_processed: gauge(
      'pg_stat_progress_copy_processed_bytes',
      'Bytes copied so far (pg_stat_progress_copy.bytes_processed).',
    ),
    bytes_total: gauge(
      'pg_stat_progress_copy_source_bytes',
      'Size of the source file, where there is one (pg_stat_progress_copy.bytes_total).',
    ),
    tuples_processed: gauge(
      'pg_stat_progress_copy_tuples_processed',
      'Rows copied so far (pg_stat_progress_copy.tuples_processed).',
    ),
    tuples_excluded: gauge(
      'pg_stat_progress_copy_tuples_excluded',
      'Rows left out by the WHERE clause (pg_stat_progress_copy.tuples_excluded).',
    ),
    tuples_skipped: gauge(
      'pg_stat_progress_copy_tuples_skipped',
      'Malformed rows skipped with ON_ERROR (pg_stat_progress_copy.tuples_skipped, 17+).',
    ),
  },
};
