import { type Collector, gauge, type Row } from '../metrics/types.ts';

const withOne = (rows: Row[]): Row[] => rows.map((row) => ({ ...row, one: '1' }));

export const pgbouncer_version: Collector = {
  name: 'pgbouncer_version',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW VERSION',
  reshape: withOne,
  labels: ['version'],
  columns: {
    one: gauge('pgbouncer_version_info', '1, with the version of PgBouncer (SHOW VERSION).'),
  },
};
