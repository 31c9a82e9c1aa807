import { type Collector, gauge } from '../metrics/types.ts';

/** PgBouncer 1.19 and newer; no rows without a [peers] section. */
export const pgbouncer_peer_pools: Collector = {
  name: 'pgbouncer_peer_pools',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW PEER_POOLS',
  labels: ['peer_id'],
  columns: {
    cl_active_cancel_req: gauge(
      'pgbouncer_peer_pools_client_active_cancel_connections',
      'Clients whose cancel request is on its way to the peer (SHOW PEER_POOLS cl_active_cancel_req).',
    ),
    cl_waiting_cancel_req: gauge(
      'pgbouncer_peer_pools_client_waiting_cancel_connections',
      'Clients whose cancel request waits for a link to the peer (SHOW PEER_POOLS cl_waiting_cancel_req).',
    ),
    sv_active_cancel: gauge(
      'pgbouncer_peer_pools_server_active_cancel_connections',
      'Links that forward a cancel request to the peer (SHOW PEER_POOLS sv_active_cancel).',
    ),
    sv_login: gauge(
      'pgbouncer_peer_pools_server_login_connections',
      'Links to the peer being opened (SHOW PEER_POOLS sv_login).',
    ),
  },
};
