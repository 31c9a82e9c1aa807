import { type Collector, gauge } from '../metrics/types.ts';

/** Ages are counted in identifiers, not in seconds. template0 counts too: any database can bring on a shutdown. */
export const xid_age: Collector = {
  name: 'xid_age',
  source: 'postgres',
  scope: 'server',
  sql: `
    select a.*, a.xid_age / a.xid_max as xid_freeze_ratio, a.mxid_age / a.mxid_max as mxid_freeze_ratio,
           a.xid_age / 2147483648::float8 as xid_wraparound_ratio, a.mxid_age / 2147483648::float8 as mxid_wraparound_ratio
      from (select d.datname, pg_catalog.age(d.datfrozenxid) as xid_age, pg_catalog.mxid_age(d.datminmxid) as mxid_age,
                   pg_catalog.current_setting('autovacuum_freeze_max_age')::float8 as xid_max,
                   pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::float8 as mxid_max
              from pg_catalog.pg_database d) a`,
  labels: ['datname'],
  columns: {
    xid_age: gauge('pg_database_xid_age', 'Transactions since the oldest unfrozen one (pg_database.datfrozenxid).'),
    xid_freeze_ratio: gauge(
      'pg_database_xid_age_freeze_max_ratio',
      'Transaction age relative to where anti-wraparound vacuums begin (pg_database.datfrozenxid, autovacuum_freeze_max_age).',
      { fold: 'none' },
    ),
    xid_wraparound_ratio: gauge(
      'pg_database_xid_age_wraparound_ratio',
      'Transaction age relative to 2^31; the server stops writing shortly before 1 (pg_database.datfrozenxid).',
      { fold: 'none' },
    ),
    mxid_age: gauge('pg_database_multixact_age', 'Multixacts since the oldest one kept (pg_database.datminmxid).'),
    mxid_freeze_ratio: gauge(
      'pg_database_multixact_age_freeze_max_ratio',
      'Multixact age relative to where anti-wraparound vacuums begin (pg_database.datminmxid, autovacuum_multixact_freeze_max_age).',
      { fold: 'none' },
    ),
    mxid_wraparound_ratio: gauge(
      'pg_database_multixact_age_wraparound_ratio',
      'Multixact age relative to 2^31; the server stops writing shortly before 1 (pg_database.datminmxid).',
      { fold: 'none' },
    ),
  },
};
