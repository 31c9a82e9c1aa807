import { type Collector, gauge } from '../metrics/types.ts';

/** Every lock mode in every database, zeros included, so that a rate or an alert never meets a missing series. */
export const locks: Collector = {
  name: 'locks',
  source: 'postgres',
  scope: 'server',
  sql: `
    select d.datname, m.mode, count(l.database) as count
      from pg_catalog.pg_database d
     cross join (values ('accesssharelock'), ('rowsharelock'), ('rowexclusivelock'), ('shareupdateexclusivelock'),
                        ('sharelock'), ('sharerowexclusivelock'), ('exclusivelock'), ('accessexclusivelock'),
                        ('sireadlock')) m (mode)
      left join pg_catalog.pg_locks l on l.database = d.oid and lower(l.mode) = m.mode
     group by d.datname, m.mode`,
  labels: ['datname', 'mode'],
  columns: {
    count: gauge('pg_locks_count', 'Locks held or awaited (pg_locks).'),
  },
};
