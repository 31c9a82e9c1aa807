import { type Collector, gauge } from '../metrics/types.ts';

/** The `_seconds` names are postgres_exporter's; the numbers are transactions. template0 appears under the right names only, as it does there. */
export const database_wraparound: Collector = {
  name: 'database_wraparound',
  source: 'postgres',
  scope: 'server',
  enabled: false,
  sql: `
    select d.datname,
           pg_catalog.age(d.datfrozenxid) as xid_age,
           pg_catalog.mxid_age(d.datminmxid) as mxid_age,
           case when d.datallowconn then pg_catalog.age(d.datfrozenxid) end as connectable_xid_age,
           case when d.datallowconn then pg_catalog.mxid_age(d.datminmxid) end as connectable_mxid_age
      from pg_catalog.pg_database d`,
  labels: ['datname'],
  columns: {
    connectable_xid_age: gauge(
      'pg_database_wraparound_age_datfrozenxid_seconds',
      'Transactions, not seconds, since the oldest unfrozen one (pg_database.datfrozenxid).',
      { fold: 'max' },
    ),
    connectable_mxid_age: gauge(
      'pg_database_wraparound_age_datminmxid_seconds',
      'Multixacts, not seconds, since the oldest kept one (pg_database.datminmxid).',
      { fold: 'max' },
    ),
    xid_age: gauge(
      'pg_database_wraparound_datfrozenxid_age',
      'Transactions since the oldest unfrozen one, templates included (pg_database.datfrozenxid).',
      { fold: 'max' },
    ),
    mxid_age: gauge(
      'pg_database_wraparound_datminmxid_age',
      'Multixacts since the oldest kept one, templates included (pg_database.datminmxid).',
      { fold: 'max' },
    ),
  },
};
