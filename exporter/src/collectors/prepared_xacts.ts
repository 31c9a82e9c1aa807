import { type Collector, gauge } from '../metrics/types.ts';

export const prepared_xacts: Collector = {
  name: 'prepared_xacts',
  source: 'postgres',
  scope: 'server',
  sql: `
    select d.datname, count(p.gid) as count,
           greatest(0, coalesce(max(extract(epoch from pg_catalog.clock_timestamp() - p.prepared)), 0)) as oldest
      from pg_catalog.pg_database d
      left join pg_catalog.pg_prepared_xacts p on p.database = d.datname
     where d.datallowconn
     group by d.datname`,
  labels: ['datname'],
  columns: {
    count: gauge('pg_prepared_xacts', 'Prepared transactions not yet finished (pg_prepared_xacts).'),
    oldest: gauge(
      'pg_prepared_xacts_oldest_age_seconds',
      'Age of the oldest prepared transaction, 0 without one (pg_prepared_xacts.prepared).',
      { fold: 'max' },
    ),
  },
};
