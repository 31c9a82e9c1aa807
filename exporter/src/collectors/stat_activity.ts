import { type Collector, gauge } from '../metrics/types.ts';

/** Every state of every database, zeros included; sessions without a database are left out, as in postgres_exporter. */
export const stat_activity: Collector = {
  name: 'stat_activity',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  budget: { max: 1000, rankBy: 'count' },
  sql: `
    select d.datname, m.state, a.usename, a.application_name, a.backend_type, a.wait_event_type, a.wait_event,
           coalesce(a.count, 0) as count,
           coalesce(a.max_tx_duration, 0) as max_tx_duration
      from pg_catalog.pg_database d
     cross join (values ('active'), ('idle'), ('idle in transaction'), ('idle in transaction (aborted)'),
                        ('fastpath function call'), ('disabled')) m (state)
      left join (select s.datname, s.state, s.usename, s.application_name, s.backend_type, s.wait_event_type, s.wait_event,
                        count(*) as count,
                        max(extract(epoch from pg_catalog.now() - s.xact_start)) as max_tx_duration
                   from pg_catalog.pg_stat_activity s
                  where s.pid <> pg_catalog.pg_backend_pid()
                  group by s.datname, s.state, s.usename, s.application_name, s.backend_type, s.wait_event_type, s.wait_event
                ) a on a.datname = d.datname and a.state = m.state`,
  labels: ['datname', 'state', 'usename', 'application_name', 'backend_type', 'wait_event_type', 'wait_event'],
  columns: {
    count: gauge('pg_stat_activity_count', 'Sessions (pg_stat_activity).'),
    max_tx_duration: gauge(
      'pg_stat_activity_max_tx_duration',
      'Seconds since the oldest open transaction began, 0 without one (pg_stat_activity.xact_start).',
      { fold: 'max' },
    ),
  },
};
