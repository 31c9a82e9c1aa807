import { type Collector, gauge, type Row } from '../metrics/types.ts';

/** The longest wait is split into whole seconds and the rest; they are joined as text, so nothing is rounded. */
const joinWait = (rows: Row[]): Row[] =>
  rows.map((row) => ({
    ...row,
    one: '1',
    maxwait_seconds: row.maxwait == null ? null : `${row.maxwait}.${(row.maxwait_us ?? '0').padStart(6, '0')}`,
  }));

export const pgbouncer_pools: Collector = {
  name: 'pgbouncer_pools',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW POOLS',
  reshape: joinWait,
  labels: ['database', 'user', 'pool_mode'],
  columns: {
    one: gauge('pgbouncer_pools_info', '1, with the mode the pool is in (SHOW POOLS pool_mode).'),
    cl_active: pool('client_active_connections', 'Clients linked to a server or idle (SHOW POOLS cl_active).'),
    cl_waiting: pool('client_waiting_connections', 'Clients waiting for a server (SHOW POOLS cl_waiting).'),
    cl_active_cancel_req: pool(
      'client_active_cancel_connections',
      'Clients whose cancel request is on its way (SHOW POOLS cl_active_cancel_req).',
    ),
    cl_waiting_cancel_req: pool(
      'client_waiting_cancel_connections',
      'Clients whose cancel request waits for a server (SHOW POOLS cl_waiting_cancel_req).',
    ),
    sv_active: pool('server_active_connections', 'Servers linked to a client (SHOW POOLS sv_active).'),
    sv_active_cancel: pool(
      'server_active_cancel_connections',
      'Servers that forward a cancel request (SHOW POOLS sv_active_cancel).',
    ),
    sv_being_canceled: pool(
      'server_being_canceled_connections',
      'Servers whose query is being cancelled (SHOW POOLS sv_being_canceled).',
    ),
    sv_idle: pool('server_idle_connections', 'Servers ready for a client (SHOW POOLS sv_idle).'),
    sv_used: pool(
      'server_used_connections',
      'Servers idle for so long that they are checked before use (SHOW POOLS sv_used).',
    ),
    sv_tested: pool('server_testing_connections', 'Servers being checked or reset (SHOW POOLS sv_tested).'),
    sv_login: pool('server_login_connections', 'Servers being logged in to (SHOW POOLS sv_login).'),
    maxwait_seconds: pool(
      'client_maxwait_seconds',
      'How long the first client in the queue has waited (SHOW POOLS maxwait, maxwait_us).',
    ),
  },
};

function pool(name: string, help: string) {
  return gauge(`pgbouncer_pools_${name}`, help, {
    labels: ['database', 'user'],
    fold: name === 'client_maxwait_seconds' ? 'max' : 'sum',
  });
}
