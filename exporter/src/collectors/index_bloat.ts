import { type Collector, gauge } from '../metrics/types.ts';

/** Measured where pgstattuple is and its page budget allows, else estimated: the label `method` says which. */
export const index_bloat: Collector = {
  name: 'index_bloat',
  source: 'postgres',
  scope: 'database',
  needs: ['function pgvigil.index_bloat'],
  wants: ['role pg_stat_scan_tables'],
  background: { intervalSeconds: 3600, timeoutSeconds: 120 },
  budget: { max: 500, rankBy: 'bloat_bytes' },
  sql: 'select * from pgvigil.index_bloat()',
  labels: ['schemaname', 'relname', 'indexrelname', 'method'],
  columns: {
    bloat_bytes: gauge('pg_index_bloat_bytes', 'Space that REINDEX would give back (pgvigil.index_bloat).'),
    bloat_ratio: gauge('pg_index_bloat_ratio', 'Part of its size that is bloat (pgvigil.index_bloat).', {
      fold: 'max',
    }),
  },
};
