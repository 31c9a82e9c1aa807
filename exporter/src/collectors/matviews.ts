import { type Collector, gauge } from '../metrics/types.ts';

/** How old each materialized view is, and whether that matters: whether the tables below it have changed since. */
export const matviews: Collector = {
  name: 'matviews',
  source: 'postgres',
  scope: 'database',
  needs: ['function pgvigil.matview_staleness'],
  background: { intervalSeconds: 60, timeoutSeconds: 20 },
  budget: { max: 200, rankBy: 'size_bytes' },
  sql: 'select * from pgvigil.matview_staleness()',
  labels: ['schemaname', 'matviewname'],
  columns: {
    ispopulated: gauge('pg_matview_populated', '1 when the view can be read (pg_class.relispopulated).', {
      fold: 'min',
    }),
    last_refresh: gauge(
      'pg_matview_last_refresh_timestamp_seconds',
      'When pgvigil refreshed it last (pgvigil.matview_staleness).',
      { fold: 'min' },
    ),
    duration_seconds: gauge(
      'pg_matview_refresh_duration_seconds',
      'How long that refresh took (pgvigil.matview_staleness).',
      { fold: 'max' },
    ),
    changes_since_refresh: gauge(
      'pg_matview_changes_since_refresh',
      'Rows inserted, updated and deleted since in the tables it is made of (pgvigil.matview_staleness).',
    ),
    stale: gauge('pg_matview_stale', '1 when those tables have changed since (pgvigil.matview_staleness).', {
      fold: 'max',
    }),
    size_bytes: gauge('pg_matview_size_bytes', 'Size of the view with its TOAST data (pgvigil.matview_staleness).'),
  },
};
