import { type Collector, histogram } from '../metrics/types.ts';

export const process_idle: Collector = {
  name: 'process_idle',
  source: 'postgres',
  scope: 'server',
  enabled: false,
  wants: ['role pg_read_all_stats'],
  sql: `
    select s.state,
           s.application_name,
           array[1, 2, 5, 15, 30, 60, 90, 120, 300] as seconds,
           array[count(*) filter (where s.idle <= 1),
                 count(*) filter (where s.idle <= 2),
                 count(*) filter (where s.idle <= 5),
                 count(*) filter (where s.idle <= 15),
                 count(*) filter (where s.idle <= 30),
                 count(*) filter (where s.idle <= 60),
                 count(*) filter (where s.idle <= 90),
                 count(*) filter (where s.idle <= 120),
                 count(*) filter (where s.idle <= 300)] as seconds_bucket,
           sum(s.idle) as seconds_sum,
           count(*) as seconds_count
      from (select a.state,
                   a.application_name,
                   greatest(0, extract(epoch from pg_catalog.clock_timestamp() - a.state_change)) as idle
              from pg_catalog.pg_stat_activity a
             where a.state like 'idle%'
               and a.pid <> pg_catalog.pg_backend_pid()) s
     group by s.state, s.application_name`,
  labels: ['state', 'application_name'],
  columns: {
    seconds: histogram(
      'pg_process_idle_seconds',
      'How long idle sessions have been idle (pg_stat_activity.state_change).',
    ),
  },
};
