import type { Fault, Firing } from './types.ts';

const onBoth = (firing: Firing): Firing[] =>
  ['db1:9187', 'db2:9187'].map((instance) => ({ ...firing, labels: { ...firing.labels, instance } }));

/** Metrics without which alerts are blind; see PgvigilInputMissing. */
const INPUTS = [
  'pg_connections_used',
  'pg_sessions_blocked',
  'pg_locks_in_table',
  'pg_replication_is_replica',
  'pg_stat_database_xact_commit',
  'pg_stat_database_deadlocks',
  'pg_stat_checkpointer_num_requested_total',
  'pg_archive_ready_files',
  'pg_wal_size_bytes',
  'pg_database_xid_age_wraparound_ratio',
  'pg_xmin_horizon_age_xids',
  'pg_stat_statements_calls_total',
  'pg_database_size_bytes',
  'pg_settings_max_connections',
  'pgbouncer_pools_client_maxwait_seconds',
  'pgbouncer_databases_paused',
  'pgbouncer_used_clients',
];

/** PgBouncer's are no default metrics. */
const NO_POOLER = ['pools', 'databases', 'lists'].map((name) => `--no-collector.pgbouncer_${name}`);

export const exporter: readonly Fault[] = [
  {
    name: 'exporter-down',
    topology: 'pair',
    make: ({ nodes: [{ exporter }] }) => Promise.resolve(process.kill(exporter.pid, 'SIGKILL')),
    repair: ({ nodes: [node] }) => node.restartExporter(),
    unscraped: true,
    fires: [{ alert: 'PgvigilExporterDown', severity: 'critical' }],
  },
  {
    name: 'target-missing',
    topology: 'pair',
    make: ({ prometheus, targets }) => Promise.resolve(prometheus.scrape(targets.slice(1))),
    repair: ({ prometheus, targets }) => Promise.resolve(prometheus.scrape(targets)),
    unscraped: true,
    fires: [{ alert: 'PgvigilTargetMissing', severity: 'warning', after: 120, clears: 120 }],
  },
  {
    // Reaches its servers and asks them nothing.
    name: 'inputs-missing',
    topology: 'pair',
    make: ({ nodes: [node] }) => node.restartExporter(['--disable-default-metrics', ...NO_POOLER]),
    repair: ({ nodes: [node] }) => node.restartExporter(),
    unscraped: true,
    scrapes: [4, 8, 14],
    fires: INPUTS.map((input) => ({
      alert: 'PgvigilInputMissing',
      severity: 'warning',
      labels: { input },
      after: 180,
      clears: 180,
    })),
  },
  {
    name: 'collector-fails',
    topology: 'pair',
    make: ({ primary }) =>
      primary.query('revoke execute on function musicdb.ingestion_summary() from pgvigil_monitor', 'musicdb'),
    repair: ({ primary }) =>
      primary.query('grant execute on function musicdb.ingestion_summary() to pgvigil_monitor', 'musicdb'),
    fires: onBoth({ alert: 'PgvigilCollectorFailing', severity: 'warning', labels: { collector: 'ingestion' } }),
  },
];
