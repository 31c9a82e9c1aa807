import { type Collector, counter } from '../metrics/types.ts';

export const statio_user_tables: Collector = {
  name: 'statio_user_tables',
  source: 'postgres',
  scope: 'database',
  budget: { max: 1000, rankBy: 'blocks_touched' },
  sql: `
    select *,
           heap_blks_read + heap_blks_hit + coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0) as blocks_touched
      from pg_catalog.pg_statio_user_tables`,
  labels: ['schemaname', 'relname'],
  columns: {
    heap_blks_read: counter(
      'pg_statio_user_tables_heap_blocks_read',
      'Table blocks read from files (pg_statio_user_tables.heap_blks_read).',
    ),
    heap_blks_hit: counter(
      'pg_statio_user_tables_heap_blocks_hit',
      'Table blocks found in shared buffers (pg_statio_user_tables.heap_blks_hit).',
    ),
    idx_blks_read: counter(
      'pg_statio_user_tables_idx_blocks_read',
      'Index blocks read from files (pg_statio_user_tables.idx_blks_read).',
    ),
    idx_blks_hit: counter(
      'pg_statio_user_tables_idx_blocks_hit',
      'Index blocks found in shared buffers (pg_statio_user_tables.idx_blks_hit).',
    ),
    toast_blks_read: counter(
      'pg_statio_user_tables_toast_blocks_read',
      'TOAST blocks read from files (pg_statio_user_tables.toast_blks_read).',
    ),
    toast_blks_hit: counter(
      'pg_statio_user_tables_toast_blocks_hit',
      'TOAST blocks found in shared buffers (pg_statio_user_tables.toast_blks_hit).',
    ),
    tidx_blks_read: counter(
      'pg_statio_user_tables_tidx_blocks_read',
      'Blocks of the TOAST index read from files (pg_statio_user_tables.tidx_blks_read).',
    ),
    tidx_blks_hit: counter(
      'pg_statio_user_tables_tidx_blocks_hit',
      'Blocks of the TOAST index found in shared buffers (pg_statio_user_tables.tidx_blks_hit).',
    ),
  },
};
