import { type Collector, gauge } from '../metrics/types.ts';

/** Whether partitions are there before the rows are, and whether the default partition holds rows that will be in the way. */
export const partitions: Collector = {
  name: 'partitions',
  source: 'postgres',
  scope: 'database',
  needs: ['function pgvigil.partition_report'],
  background: { intervalSeconds: 300, timeoutSeconds: 30 },
  budget: { max: 200, rankBy: 'size_bytes' },
  sql: `
    select n.nspname as schemaname, c.relname, r.*
      from pgvigil.partition_report() r
      join pg_catalog.pg_class c on c.oid = r.parent
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace`,
  labels: ['schemaname', 'relname'],
  columns: {
    partitions: gauge('pg_partitions', 'Partitions, without the default one (pgvigil.partition_report).'),
    periods_ahead: gauge(
      'pg_partitions_ahead',
      'Partitions there are after the current one, without a gap (pgvigil.partition_report).',
      { fold: 'min' },
    ),
    seconds_ahead: gauge(
      'pg_partitions_ahead_seconds',
      'Time until rows meet no partition but the default one (pgvigil.partition_report).',
      { fold: 'min' },
    ),
    expired: gauge('pg_partitions_expired', 'Partitions older than the retention (pgvigil.partition_report).'),
    detach_pending: gauge(
      'pg_partitions_detach_pending',
      'Partitions whose DETACH CONCURRENTLY was cut short (pg_inherits.inhdetachpending).',
    ),
    default_rows: gauge('pg_partition_default_rows', 'Rows in the default partition (pgvigil.partition_report).'),
    rows_at_risk: gauge(
      'pg_partition_default_rows_at_risk',
      'Rows in the default partition that keep a partition from being created (pgvigil.partition_report).',
    ),
    size_bytes: gauge('pg_partitions_size_bytes', 'Size of all partitions (pgvigil.partition_report).'),
  },
};
