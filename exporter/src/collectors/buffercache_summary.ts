import { type Collector, gauge } from '../metrics/types.ts';

export const buffercache_summary: Collector = {
  name: 'buffercache_summary',
  source: 'postgres',
  scope: 'server',
  enabled: false,
  needs: ['extension pg_buffercache 1.4', 'role pg_monitor'],
  sql: `
    select *
      from {schema:pg_buffercache}.pg_buffercache_summary()`,
  labels: [],
  columns: {
    buffers_used: gauge('pg_buffercache_summary_buffers_used', 'Buffers in use (pg_buffercache_summary).'),
    buffers_unused: gauge('pg_buffercache_summary_buffers_unused', 'Buffers not in use (pg_buffercache_summary).'),
    buffers_dirty: gauge(
      'pg_buffercache_summary_buffers_dirty',
      'Buffers still to be written (pg_buffercache_summary).',
    ),
    buffers_pinned: gauge('pg_buffercache_summary_buffers_pinned', 'Buffers pinned (pg_buffercache_summary).'),
    usagecount_avg: gauge(
      'pg_buffercache_summary_usagecount_avg',
      'Average usage count of the buffers in use (pg_buffercache_summary).',
    ),
  },
};
