import { type Collector, gauge } from '../metrics/types.ts';

/** One row per name: tables of the same name in two schemas or databases would otherwise be one series twice. */
export const stat_activity_autovacuum: Collector = {
  name: 'stat_activity_autovacuum',
  source: 'postgres',
  scope: 'server',
  enabled: false,
  wants: ['role pg_read_all_stats'],
  sql: `
    select s.relname,
           min(s.xact_start) as started,
           max(extract(epoch from pg_catalog.clock_timestamp() - s.xact_start)) as running,
           count(*) as workers
      from (select pg_catalog.regexp_replace(pg_catalog.regexp_replace(a.query, '^[^.]*\\.', ''),
                                             ' \\(to prevent wraparound\\)$', '') as relname,
                   a.xact_start
              from pg_catalog.pg_stat_activity a
             where a.query like 'autovacuum:%') s
     group by s.relname`,
  labels: ['relname'],
  columns: {
    started: gauge(
      'pg_stat_activity_autovacuum_timestamp_seconds',
      'When the oldest autovacuum of a table of this name began (pg_stat_activity.xact_start).',
      { fold: 'min' },
    ),
    running: gauge(
      'pg_stat_activity_autovacuum_age_seconds',
      'How long the oldest autovacuum of a table of this name has run (pg_stat_activity.xact_start).',
      { fold: 'max' },
    ),
    workers: gauge(
      'pg_stat_activity_autovacuum_workers',
      'Autovacuum workers on tables of this name (pg_stat_activity).',
    ),
  },
};
