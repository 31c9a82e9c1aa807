import { type Collector, counter, gauge } from '../metrics/types.ts';

/** How the sample catalogue is fed: its rate is that of the counters, its error rate the part that is rejected. */
export const ingestion: Collector = {
  name: 'ingestion',
  source: 'postgres',
  scope: 'database',
  needs: ['function musicdb.ingestion_summary'],
  background: { intervalSeconds: 15, timeoutSeconds: 10 },
  sql: `
    select v.outcome, v.state, v.rows, v.runs,
           case when v.rows is null and v.runs is null then s.last_rows_per_second end as last_rows_per_second,
           case when v.rows is null and v.runs is null then s.last_heartbeat_at end as last_heartbeat_at,
           case when v.rows is null and v.runs is null then s.last_finished_at end as last_finished_at
      from musicdb.ingestion_summary() s
     cross join lateral (values
           ('inserted', null, s.rows_inserted, null::bigint),
           ('updated', null, s.rows_updated, null),
           ('unchanged', null, s.rows_unchanged, null),
           ('rejected', null, s.rows_rejected, null),
           (null, 'running', null, s.runs_running),
           (null, 'done', null, s.runs_done),
           (null, 'failed', null, s.runs_failed),
           (null, 'interrupted', null, s.runs_interrupted),
           (null, null, null, null)) as v (outcome, state, rows, runs)`,
  labels: [],
  columns: {
    rows: counter('musicdb_ingested_rows_total', 'Rows read, by what became of them (musicdb.ingestion_summary).', {
      labels: ['outcome'],
    }),
    runs: gauge('musicdb_ingestion_runs', 'Runs by state (musicdb.ingestion_summary).', { labels: ['state'] }),
    last_rows_per_second: gauge(
      'musicdb_ingestion_last_run_rows_per_second',
      'Rate of the run that was done last (musicdb.ingestion_summary).',
    ),
    last_heartbeat_at: gauge(
      'musicdb_ingestion_last_heartbeat_timestamp_seconds',
      'When a run moved last (musicdb.ingestion_summary).',
    ),
    last_finished_at: gauge(
      'musicdb_ingestion_last_finished_timestamp_seconds',
      'When a run ended last (musicdb.ingestion_summary).',
    ),
  },
};
