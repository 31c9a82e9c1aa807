import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { callApi, keepOn } from '../lib/lab/deeds.ts';
import type { Lab } from '../lib/lab/lab.ts';
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

/** A query of the user's own that takes its time. */
const EXPENSIVE = `
report:
  query: with work as materialized (select pg_sleep(4)) select count(*) as rows from work
  metrics:
    - rows: { usage: GAUGE, description: Rows of the report. }
`;

async function askExpensively(lab: Lab): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-queries-'));
  lab.later(() => Promise.resolve(rmSync(folder, { recursive: true })));
  const file = join(folder, 'queries.yaml');
  writeFileSync(file, EXPENSIVE);
  await lab.nodes[0].restartExporter([`--extend.query-path=${file}`]);
}

/** Many times its budget. */
const ACTION_ENDS_WITHIN_MS = 60_000;

/** An action that gets no lock within its budget. */
async function actInVain(lab: Lab): Promise<void> {
  const session = await lab.session(lab.primary.url('musicdb'));
  await session.query('begin; lock table musicdb.tracks in access exclusive mode');
  const [{ oid }] = await lab.primary.query<{ oid: number }>(
    "select 'musicdb.tracks'::regclass::oid as oid",
    'musicdb',
  );
  const { id: planId } = await callApi<{ id: string }>(lab, 'actions/analyze/plan', { params: { table: oid } });
  const { id } = await callApi<{ id: string }>(lab, 'actions/analyze/run', { planId });
  for (const end = Date.now() + ACTION_ENDS_WITHIN_MS; Date.now() < end; await setTimeout(500)) {
    const { state } = await callApi<{ state: string }>(lab, `jobs/${id}`);
    if (state === 'failed') return;
  }
  throw new Error('the action did not fail');
}

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
  {
    name: 'server-hangs',
    topology: 'complete',
    make: (lab) => {
      lab.primary.pause();
      keepOn(lab, 500, () => callApi(lab, 'activity'));
      return Promise.resolve();
    },
    repair: ({ primary }) => Promise.resolve(primary.resume()),
    fires: [
      { alert: 'PgvigilScrapeSlow', severity: 'warning' },
      { alert: 'PgvigilApiSlow', severity: 'warning' },
    ],
    // Nothing answers any more.
    mayFire: ['PgvigilCollectorFailing/warning'],
  },
  {
    name: 'query-expensive',
    topology: 'complete',
    make: askExpensively,
    repair: ({ nodes: [node] }) => node.restartExporter(),
    unscraped: true,
    fires: [{ alert: 'PgvigilDatabaseCostHigh', severity: 'warning' }],
  },
  {
    // The last one: what has failed is counted until the exporter starts anew.
    name: 'action-fails',
    topology: 'complete',
    make: actInVain,
    repair: () => Promise.resolve(),
    fires: [
      {
        alert: 'PgvigilActionFailed',
        severity: 'warning',
        labels: { action: 'analyze', target: '127.0.0.1:5432', outcome: 'failed' },
        after: 60,
        clears: 1800,
      },
    ],
  },
];
