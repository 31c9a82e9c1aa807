import { type Collector, gauge } from '../metrics/types.ts';

/** Client sessions over TCP except the exporter's own; sessions without TLS are always counted, 0 included. */
export const ssl: Collector = {
  name: 'ssl',
  source: 'postgres',
  scope: 'server',
  needs: ['role pg_read_all_stats'],
  sql: `
    with s as materialized (
      select s.ssl, s.version, s.cipher
        from pg_catalog.pg_stat_ssl s
        join pg_catalog.pg_stat_activity a on a.pid = s.pid
       where a.backend_type = 'client backend' and a.client_addr is not null and a.pid <> pg_catalog.pg_backend_pid()
    )
    select 'off' as ssl, null as version, null as cipher, count(*) as sessions from s where not s.ssl
     union all
    select 'on', version, cipher, count(*) from s where s.ssl group by version, cipher`,
  labels: ['ssl', 'version', 'cipher'],
  columns: {
    sessions: gauge('pg_stat_ssl_sessions', 'Client sessions over TCP, with and without TLS (pg_stat_ssl).'),
  },
};
