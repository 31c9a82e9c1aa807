import { type Collector, counter } from '../metrics/types.ts';

export const statio_user_indexes: Collector = {
  name: 'statio_user_indexes',
  source: 'postgres',
  scope: 'database',
  budget: { max: 1000, rankBy: 'blocks_touched' },
  sql: `
    select *,
           idx_blks_read + idx_blks_hit as blocks_touched
      from pg_catalog.pg_statio_user_indexes`,
  labels: ['schemaname', 'relname', 'indexrelname'],
  columns: {
    idx_blks_read: counter(
      'pg_statio_user_indexes_idx_blks_read_total',
      'Blocks read from files (pg_statio_user_indexes.idx_blks_read).',
    ),
    idx_blks_hit: counter(
      'pg_statio_user_indexes_idx_blks_hit_total',
      'Blocks found in shared buffers (pg_statio_user_indexes.idx_blks_hit).',
    ),
  },
};
