import { type Collector, gauge } from '../metrics/types.ts';

/** How far each table is from what starts autovacuum on it, by its own thresholds. Above 1 autovacuum is late. */
export const vacuum_need: Collector = {
  name: 'vacuum_need',
  source: 'postgres',
  scope: 'database',
  needs: ['function pgvigil.vacuum_need'],
  background: { intervalSeconds: 60, timeoutSeconds: 30 },
  budget: { max: 200, rankBy: 'rank' },
  sql: `
    select *, greatest(vacuum_need_ratio, insert_need_ratio, analyze_need_ratio, xid_age_ratio, mxid_age_ratio) as rank
      from pgvigil.vacuum_need()`,
  labels: ['schemaname', 'relname'],
  columns: {
    vacuum_need_ratio: gauge(
      'pg_table_vacuum_need_ratio',
      'Dead rows, as part of those that start autovacuum on this table (pgvigil.vacuum_need).',
      { fold: 'max' },
    ),
    insert_need_ratio: gauge(
      'pg_table_vacuum_insert_need_ratio',
      'Rows inserted since the last vacuum, as part of those that start autovacuum (pgvigil.vacuum_need).',
      { fold: 'max' },
    ),
    analyze_need_ratio: gauge(
      'pg_table_analyze_need_ratio',
      'Rows changed since the last analyze, as part of those that start it (pgvigil.vacuum_need).',
      { fold: 'max' },
    ),
    xid_age_ratio: gauge(
      'pg_table_xid_age_ratio',
      'Age of the oldest transaction id, as part of that which forces a freeze (pgvigil.vacuum_need).',
      { fold: 'max' },
    ),
    mxid_age_ratio: gauge(
      'pg_table_mxid_age_ratio',
      'Age of the oldest multixact id, as part of that which forces a freeze (pgvigil.vacuum_need).',
      { fold: 'max' },
    ),
    dead_ratio: gauge('pg_table_dead_row_ratio', 'Part of the rows that are dead (pgvigil.vacuum_need).', {
      fold: 'max',
    }),
    autovacuum_enabled: gauge(
      'pg_table_autovacuum_enabled',
      '0 where autovacuum is switched off for the table (pg_class.reloptions).',
      { fold: 'min' },
    ),
  },
};
