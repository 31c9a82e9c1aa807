import { type Collector, gauge } from '../metrics/types.ts';

/** Reads the server's control file. A standby has its primary's identifier, and so has every copy of the files. */
export const system: Collector = {
  name: 'system',
  source: 'postgres',
  scope: 'server',
  sql: 'select system_identifier, 1 as one from pg_catalog.pg_control_system()',
  labels: ['system_identifier'],
  columns: {
    one: gauge(
      'pg_system_info',
      '1, with the identifier that a primary and its standbys share (pg_control_system.system_identifier).',
    ),
  },
};
