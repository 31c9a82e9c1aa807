import { type Collector, gauge, type Row } from '../metrics/types.ts';

const toNumber = (rows: Row[]): Row[] =>
  rows.map((row) => ({ state: row.key ?? null, on: row.value === 'yes' ? '1' : '0' }));

/** PgBouncer 1.19 and newer. */
export const pgbouncer_state: Collector = {
  name: 'pgbouncer_state',
  source: 'pgbouncer',
  scope: 'server',
  sql: 'SHOW STATE',
  reshape: toNumber,
  labels: ['state'],
  columns: {
    on: gauge(
      'pgbouncer_state',
      '1 for the state PgBouncer is in: active, paused or suspended (SHOW STATE, PgBouncer 1.19+).',
    ),
  },
};
