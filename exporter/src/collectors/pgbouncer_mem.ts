import { type Collector, gauge } from '../metrics/types.ts';

export const pgbouncer_mem: Collector = {
  name: 'pgbouncer_mem',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW MEM',
  labels: ['name'],
  columns: {
    size: gauge('pgbouncer_mem_object_bytes', 'Size of one object of this cache (SHOW MEM size).', { fold: 'none' }),
    used: gauge('pgbouncer_mem_used_objects', 'Objects in use (SHOW MEM used).'),
    free: gauge('pgbouncer_mem_free_objects', 'Objects allocated and free (SHOW MEM free).'),
    memtotal: gauge('pgbouncer_mem_bytes', 'Memory held by this cache (SHOW MEM memtotal).'),
  },
};
