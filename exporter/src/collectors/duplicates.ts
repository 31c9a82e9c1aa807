import { type Collector, gauge } from '../metrics/types.ts';

/** Rows that are probably one thing recorded twice, in the tables listed in pgvigil.duplicate_watch. */
export const duplicates: Collector = {
  name: 'duplicates',
  source: 'postgres',
  scope: 'database',
  needs: ['function pgvigil.duplicate_summary'],
  background: { intervalSeconds: 3600, timeoutSeconds: 300 },
  budget: { max: 50, rankBy: 'rows' },
  sql: 'select * from pgvigil.duplicate_summary()',
  labels: ['schemaname', 'relname'],
  columns: {
    rows: gauge('pg_duplicates_checked_rows', 'Rows of the table that were compared (pgvigil.duplicate_summary).'),
    pairs: gauge('pg_duplicate_pairs', 'Pairs above the threshold (pgvigil.duplicate_summary).'),
    clusters: gauge('pg_duplicate_clusters', 'Groups of rows that are the same thing (pgvigil.duplicate_summary).'),
    duplicate_rows: gauge('pg_duplicate_rows', 'Rows beyond the first of each group (pgvigil.duplicate_summary).'),
    seconds: gauge('pg_duplicates_check_seconds', 'How long the search took (pgvigil.duplicate_summary).', {
      fold: 'sum',
    }),
  },
};
