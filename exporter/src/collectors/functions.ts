import { type Collector, counter } from '../metrics/types.ts';

/** Nothing unless track_functions is on. Functions of the same name are added up. */
export const functions: Collector = {
  name: 'functions',
  source: 'postgres',
  scope: 'database',
  sql: `
    select schemaname, funcname, sum(calls) as calls, sum(total_time) as total_time, sum(self_time) as self_time
      from pg_catalog.pg_stat_user_functions
     where (select pg_catalog.current_setting('track_functions') <> 'none')
     group by schemaname, funcname`,
  labels: ['schemaname', 'funcname'],
  budget: { max: 200, rankBy: 'total_time' },
  columns: {
    calls: counter('pg_stat_user_functions_calls_total', 'Calls (pg_stat_user_functions.calls).'),
    total_time: counter(
      'pg_stat_user_functions_seconds_total',
      'Time spent in the function and what it calls (pg_stat_user_functions.total_time, ms at source).',
      { scale: 1e-3 },
    ),
    self_time: counter(
      'pg_stat_user_functions_self_seconds_total',
      'Time spent in the function itself (pg_stat_user_functions.self_time, ms at source).',
      { scale: 1e-3 },
    ),
  },
};
