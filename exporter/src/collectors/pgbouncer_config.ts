import { type Collector, gauge, type Metric, pivot } from '../metrics/types.ts';

/** pgbouncer_exporter's name where it has one, else the setting's own. */
const setting = (key: string, help: string, name = key): Metric =>
  gauge(`pgbouncer_config_${name}`, `${help} (SHOW CONFIG ${key}).`);

const seconds = (key: string, help: string): Metric => setting(key, help, `${key}_seconds`);

export const pgbouncer_config: Collector = {
  name: 'pgbouncer_config',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW CONFIG',
  reshape: pivot('key', 'value'),
  labels: [],
  columns: {
    max_client_conn: setting('max_client_conn', 'Clients allowed', 'max_client_connections'),
    max_user_connections: setting('max_user_connections', 'Servers allowed per user, 0 for any number'),
    max_user_client_connections: setting('max_user_client_connections', 'Clients allowed per user, 0 for any number'),
    max_db_connections: setting('max_db_connections', 'Servers allowed per database, 0 for any number'),
    max_db_client_connections: setting('max_db_client_connections', 'Clients allowed per database, 0 for any number'),
    default_pool_size: setting('default_pool_size', 'Servers a pool may have'),
    min_pool_size: setting('min_pool_size', 'Servers a pool keeps'),
    reserve_pool_size: setting('reserve_pool_size', 'Servers a pool may have beyond its size'),
    reserve_pool_timeout: seconds('reserve_pool_timeout', 'Wait after which a client gets a reserve server'),
    listen_backlog: setting('listen_backlog', 'Connections the kernel queues before they are accepted'),
    max_prepared_statements: setting('max_prepared_statements', 'Prepared statements kept per server, 0 for off'),
    query_timeout: seconds('query_timeout', 'Statements that run longer are cancelled, 0 for never'),
    query_wait_timeout: seconds('query_wait_timeout', 'Clients that wait longer are disconnected, 0 for never'),
    cancel_wait_timeout: seconds('cancel_wait_timeout', 'Cancel requests that wait longer are dropped, 0 for never'),
    client_idle_timeout: seconds('client_idle_timeout', 'Clients idle for longer are disconnected, 0 for never'),
    client_login_timeout: seconds('client_login_timeout', 'Clients that take longer to log in are disconnected'),
    idle_transaction_timeout: seconds(
      'idle_transaction_timeout',
      'Clients idle in a transaction for longer are disconnected, 0 for never',
    ),
    transaction_timeout: seconds(
      'transaction_timeout',
      'Clients in a transaction for longer are disconnected, 0 for never',
    ),
    server_lifetime: seconds('server_lifetime', 'Age at which an unused server is closed'),
    server_idle_timeout: seconds('server_idle_timeout', 'Servers idle for longer are closed, 0 for never'),
    server_connect_timeout: seconds('server_connect_timeout', 'Connecting to a server may take this long'),
    server_login_retry: seconds('server_login_retry', 'Pause after a failed login to a server'),
    server_check_delay: seconds('server_check_delay', 'Servers idle for longer are checked before use'),
    autodb_idle_timeout: seconds('autodb_idle_timeout', 'Automatic pools unused for longer are freed'),
    pool_idle_timeout: seconds('pool_idle_timeout', 'Pools unused for longer are freed'),
    suspend_timeout: seconds('suspend_timeout', 'SUSPEND and restarts wait this long for buffers to empty'),
    stats_period: seconds('stats_period', 'Interval of the averages in SHOW STATS'),
  },
};
