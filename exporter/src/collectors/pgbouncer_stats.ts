import { type Collector, counter, gauge, type Metric } from '../metrics/types.ts';

/** One number under both spellings of pgbouncer_exporter: `stats_` up to its 0.10, `stats_totals_` since. */
const total = (name: string, help: string, rest: Partial<Metric> = {}): readonly Metric[] => [
  counter(`pgbouncer_stats_${name}`, help, rest),
  counter(`pgbouncer_stats_totals_${name}`, help, rest),
];

const average = (name: string, help: string, rest: Partial<Metric> = {}): Metric =>
  gauge(`pgbouncer_stats_avg_${name}`, help, { fold: 'none', ...rest });

export const pgbouncer_stats: Collector = {
  name: 'pgbouncer_stats',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW STATS',
  labels: ['database'],
  columns: {
    total_xact_count: total('sql_transactions_pooled_total', 'Transactions pooled (SHOW STATS total_xact_count).'),
    total_query_count: total('queries_pooled_total', 'Statements pooled (SHOW STATS total_query_count).'),
    total_received: total('received_bytes_total', 'Bytes received from clients (SHOW STATS total_received).'),
    total_sent: total('sent_bytes_total', 'Bytes sent to clients (SHOW STATS total_sent).'),
    total_xact_time: total(
      'server_in_transaction_seconds_total',
      'Time connected to a server within a transaction (SHOW STATS total_xact_time, µs at source).',
      { scale: 1e-6 },
    ),
    total_query_time: total(
      'queries_duration_seconds_total',
      'Time connected to a server while running statements (SHOW STATS total_query_time, µs at source).',
      { scale: 1e-6 },
    ),
    total_wait_time: total(
      'client_wait_seconds_total',
      'Time clients waited for a server (SHOW STATS total_wait_time, µs at source).',
      { scale: 1e-6 },
    ),
    total_server_assignment_count: counter(
      'pgbouncer_stats_totals_server_assignments_total',
      'Times a server was handed to a client (SHOW STATS total_server_assignment_count, PgBouncer 1.23+).',
    ),
    total_client_parse_count: counter(
      'pgbouncer_stats_totals_client_parses_total',
      'Prepared statements created by clients (SHOW STATS total_client_parse_count, PgBouncer 1.24+).',
    ),
    total_server_parse_count: counter(
      'pgbouncer_stats_totals_server_parses_total',
      'Prepared statements created on servers (SHOW STATS total_server_parse_count, PgBouncer 1.24+).',
    ),
    total_bind_count: counter(
      'pgbouncer_stats_totals_binds_total',
      'Prepared statements bound for execution (SHOW STATS total_bind_count, PgBouncer 1.24+).',
    ),
    total_client_login_count: counter(
      'pgbouncer_stats_totals_client_logins_total',
      'Logins of clients (SHOW STATS total_client_login_count, PgBouncer 1.26+).',
    ),
    avg_xact_count: average(
      'transactions_per_second',
      'Transactions per second in the last stats_period (SHOW STATS avg_xact_count).',
    ),
    avg_query_count: average(
      'queries_per_second',
      'Statements per second in the last stats_period (SHOW STATS avg_query_count).',
    ),
    avg_recv: average(
      'received_bytes_per_second',
      'Bytes received per second in the last stats_period (SHOW STATS avg_recv).',
    ),
    avg_sent: average('sent_bytes_per_second', 'Bytes sent per second in the last stats_period (SHOW STATS avg_sent).'),
    avg_xact_time: average(
      'transaction_seconds',
      'Mean duration of a transaction in the last stats_period (SHOW STATS avg_xact_time, µs at source).',
      { scale: 1e-6 },
    ),
    avg_query_time: average(
      'query_seconds',
      'Mean duration of a statement in the last stats_period (SHOW STATS avg_query_time, µs at source).',
      { scale: 1e-6 },
    ),
    avg_wait_time: average(
      'wait_seconds',
      'Mean wait for a server per transaction in the last stats_period (SHOW STATS avg_wait_time, µs at source).',
      { scale: 1e-6 },
    ),
    avg_server_assignment_count: average(
      'server_assignments_per_second',
      'Servers handed to clients per second in the last stats_period (SHOW STATS avg_server_assignment_count, PgBouncer 1.23+).',
    ),
    avg_client_parse_count: average(
      'client_parses_per_second',
      'Prepared statements created by clients per second (SHOW STATS avg_client_parse_count, PgBouncer 1.24+).',
    ),
    avg_server_parse_count: average(
      'server_parses_per_second',
      'Prepared statements created on servers per second (SHOW STATS avg_server_parse_count, PgBouncer 1.24+).',
    ),
    avg_bind_count: average(
      'binds_per_second',
      'Prepared statements bound per second (SHOW STATS avg_bind_count, PgBouncer 1.24+).',
    ),
    avg_client_login_count: average(
      'client_logins_per_second',
      'Logins of clients per second (SHOW STATS avg_client_login_count, PgBouncer 1.26+).',
    ),
  },
};
