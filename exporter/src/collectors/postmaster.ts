import { type Collector, gauge } from '../metrics/types.ts';

export const postmaster: Collector = {
  name: 'postmaster',
  source: 'postgres',
  scope: 'server',
  sql: `
    select pg_catalog.pg_postmaster_start_time() as start_time`,
  labels: [],
  columns: {
    start_time: gauge('pg_postmaster_start_time_seconds', 'When the server started (pg_postmaster_start_time).'),
  },
};
