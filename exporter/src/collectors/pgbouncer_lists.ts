import { type Collector, gauge, pivot } from '../metrics/types.ts';

export const pgbouncer_lists: Collector = {
  name: 'pgbouncer_lists',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW LISTS',
  reshape: pivot('list', 'items'),
  labels: [],
  columns: {
    databases: gauge('pgbouncer_databases', 'Databases (SHOW LISTS).'),
    users: gauge('pgbouncer_users', 'Users (SHOW LISTS).'),
    pools: gauge('pgbouncer_pools', 'Pools (SHOW LISTS).'),
    free_clients: gauge('pgbouncer_free_clients', 'Client slots allocated and free (SHOW LISTS).'),
    used_clients: gauge('pgbouncer_used_clients', 'Client slots in use (SHOW LISTS).'),
    login_clients: gauge('pgbouncer_login_clients', 'Clients that are logging in (SHOW LISTS).'),
    free_servers: gauge('pgbouncer_free_servers', 'Server slots allocated and free (SHOW LISTS).'),
    used_servers: gauge('pgbouncer_used_servers', 'Server slots in use (SHOW LISTS).'),
    dns_names: gauge('pgbouncer_cached_dns_names', 'DNS names in the cache (SHOW LISTS).'),
    dns_zones: gauge('pgbouncer_cached_dns_zones', 'DNS zones in the cache (SHOW LISTS).'),
    dns_queries: gauge('pgbouncer_in_flight_dns_queries', 'DNS queries in flight (SHOW LISTS).'),
    dns_pending: gauge('pgbouncer_dns_pending', 'DNS queries waiting to be sent (SHOW LISTS).'),
    peers: gauge('pgbouncer_peers', 'Peers configured (SHOW LISTS, PgBouncer 1.19+).'),
    peer_pools: gauge('pgbouncer_peer_pools', 'Pools to peers (SHOW LISTS, PgBouncer 1.19+).'),
  },
};
