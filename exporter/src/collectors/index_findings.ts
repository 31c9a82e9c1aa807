import { type Collector, gauge } from '../metrics/types.ts';

/** Indexes that cost more than they give, or that are missing: how many of each kind, and each by name. */
export const index_findings: Collector = {
  name: 'index_findings',
  source: 'postgres',
  scope: 'database',
  needs: ['function pgvigil.check_index_usage'],
  background: { intervalSeconds: 300, timeoutSeconds: 30 },
  budget: { max: 200, rankBy: 'rank' },
  sql: `
    with f as materialized (
      select kind, verdict, schemaname, relname, indexrelname, size_bytes
        from pgvigil.check_index_usage(kept => false)
    )
    select kind, verdict, null as schemaname, null as relname, null as indexrelname, count(*) as all_of_kind,
           null::bigint as findings, null::numeric as size_bytes, 1e18::float8 as rank
      from f
     group by kind, verdict
     union all
    select kind, verdict, schemaname, relname, indexrelname, null, count(*), sum(size_bytes), coalesce(sum(size_bytes), 0)
      from f
     group by kind, verdict, schemaname, relname, indexrelname`,
  labels: ['schemaname', 'relname', 'indexrelname', 'kind', 'verdict'],
  columns: {
    all_of_kind: gauge('pg_index_findings', 'Findings about indexes (pgvigil.check_index_usage).', {
      labels: ['kind', 'verdict'],
    }),
    findings: gauge('pg_index_finding_info', 'Findings about this index, or this table (pgvigil.check_index_usage).'),
    size_bytes: gauge(
      'pg_index_finding_size_bytes',
      'Size of an index that there is a finding about (pgvigil.check_index_usage).',
    ),
  },
};
