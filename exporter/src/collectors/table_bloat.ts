import { type Collector, gauge } from '../metrics/types.ts';

/** Measured where pgstattuple is and its page budget allows, else estimated: the label `method` says which. */
export const table_bloat: Collector = {
  name: 'table_bloat',
  source: 'postgres',
  scope: 'database',
  needs: ['function pgvigil.table_bloat'],
  wants: ['role pg_stat_scan_tables'],
  background: { intervalSeconds: 3600, timeoutSeconds: 120 },
  budget: { max: 500, rankBy: 'bloat_bytes' },
  sql: 'select * from pgvigil.table_bloat()',
  labels: ['schemaname', 'relname', 'part', 'method'],
  columns: {
    bloat_bytes: gauge(
      'pg_table_bloat_bytes',
      'Space that a rewrite of the table would give back (pgvigil.table_bloat).',
    ),
    bloat_ratio: gauge('pg_table_bloat_ratio', 'Part of its size that is bloat (pgvigil.table_bloat).', {
      fold: 'max',
    }),
  },
};
