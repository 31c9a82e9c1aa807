import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ask } from '../../exporter/test/support/caller.ts';
import { apiOf, keepOn } from '../lib/lab/deeds.ts';
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

/** Milliseconds that the server stands still, and that it runs. */
const STILL = 800;
const RUNNING = 20;

/** The host lets the server run for a fortieth of the time; now and then a page of the app asks what goes on. */
function starve(lab: Lab): Promise<void> {
  const api = apiOf(lab);
  keepOn(lab, RUNNING, async () => {
    lab.primary.pause();
    await setTimeout(STILL);
    lab.primary.resume();
  });
  keepOn(lab, 8000, () => ask(api, 'activity'));
  return Promise.resolve();
}

/** Many times its budget. */
const ACTION_ENDS_WITHIN_MS = 60_000;

/** An action that gets no lock within its budget. */
async function actInVain(lab: Lab): Promise<void> {
  const api = apiOf(lab);
  const session = await lab.session(lab.primary.url('musicdb'));
  await session.query('begin; lock table musicdb.tracks in access exclusive mode');
  const [{ oid }] = await lab.primary.query<{ oid: number }>(
    "select 'musicdb.tracks'::regclass::oid as oid",
    'musicdb',
  );
  const { id: planId } = await ask<{ id: string }>(api, 'actions/analyze/plan', { params: { table: oid } });
  const { id } = await ask<{ id: string }>(api, 'actions/analyze/run', { planId });
  for (const end = Date.now() + ACTION_ENDS_WITHIN_MS; Date.now() < end; await setTimeout(500)) {
    const { state } = await ask<{ state: string }>(api, `jobs/${id}`);
    if (state !== 'failed') continue;
    // What else reads this table goes on.
    await session.query('rollback');
    return;
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
    name: 'server-starved',
    topology: 'complete',
    make: starve,
    repair: () => Promise.resolve(),
    fires: [
      { alert: 'PgvigilScrapeSlow', severity: 'warning' },
      { alert: 'PgvigilApiSlow', severity: 'warning' },
    ],
    // What a scrape has no time for; and its statements last.
    mayFire: ['PgvigilCollectorFailing/warning', 'PgvigilDatabaseCostHigh/warning'],
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
    // Another one fails when the first is forgotten, after more than half an hour. Both are counted until the exporter
    // starts anew: the last fault.
    name: 'action-fails',
    topology: 'complete',
    make: actInVain,
    repair: actInVain,
    // Long enough for what the second one adds to be seen as one step.
    scrapes: [4, 8, 8],
    lasts: 1920,
    fires: (['fault', 'repaired'] as const).map((phase) => ({
      alert: 'PgvigilActionFailed',
      severity: 'warning',
      labels: { action: 'analyze', target: '127.0.0.1:5432', outcome: 'failed' },
      in: phase,
      after: 60,
      clears: null,
    })),
  },
];
