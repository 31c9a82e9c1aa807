import { type Collector, gauge } from '../metrics/types.ts';

export const server: Collector = {
  name: 'server',
  source: 'postgres',
  scope: 'server',
  sql: `
    select pg_catalog.version() as version, pg_catalog.current_setting('server_version') as short_version,
           case when r.recovery then 'standby' else 'primary' end as role, 1 as one, r.recovery,
           pg_catalog.pg_conf_load_time() as config_load
      from (select pg_catalog.pg_is_in_recovery() as recovery) r`,
  labels: ['version', 'short_version', 'role'],
  columns: {
    one: gauge(
      'pg_server_info',
      '1, with the version and the role of the server (version, server_version, pg_is_in_recovery).',
    ),
    recovery: gauge('pg_server_in_recovery', '1 on a standby or while recovering (pg_is_in_recovery).', { labels: [] }),
    config_load: gauge(
      'pg_server_config_load_timestamp_seconds',
      'When the configuration files were last read (pg_conf_load_time).',
      { labels: [] },
    ),
  },
};
