import { type Collector, gauge } from '../metrics/types.ts';

export const pending_restart: Collector = {
  name: 'pending_restart',
  source: 'postgres',
  scope: 'server',
  sql: `
    with p as materialized (
      select s.name from pg_catalog.pg_settings s where s.pending_restart
    )
    select null as name, count(*) as count, null::int as one from p
     union all
    select name, null, 1 from p`,
  labels: ['name'],
  columns: {
    count: gauge(
      'pg_pending_restart_settings',
      'Settings whose change waits for a restart (pg_settings.pending_restart).',
      {
        labels: [],
      },
    ),
    one: gauge(
      'pg_pending_restart_info',
      '1 for each setting whose change waits for a restart (pg_settings.pending_restart).',
    ),
  },
};
