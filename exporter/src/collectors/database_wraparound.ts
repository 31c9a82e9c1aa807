import { type Collector, gauge } from '../metrics/types.ts';

/** The names are postgres_exporter's; the numbers are transactions. xid_age has them under right names. */
export const database_wraparound: Collector = {
  name: 'database_wraparound',
  source: 'postgres',
  scope: 'server',
  sql: `
    select d.datname,
           pg_catalog.age(d.datfrozenxid) as xid_age,
           pg_catalog.mxid_age(d.datminmxid) as mxid_age
      from pg_catalog.pg_database d
     where d.datallowconn`,
  labels: ['datname'],
  columns: {
    xid_age: gauge(
      'pg_database_wraparound_age_datfrozenxid_seconds',
      'Transactions, not seconds, since the oldest unfrozen one (pg_database.datfrozenxid).',
      { fold: 'max' },
    ),
    mxid_age: gauge(
      'pg_database_wraparound_age_datminmxid_seconds',
      'Multixacts, not seconds, since the oldest one kept (pg_database.datminmxid).',
      { fold: 'max' },
    ),
  },
};
