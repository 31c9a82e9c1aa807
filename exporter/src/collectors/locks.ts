import { type Collector, gauge } from '../metrics/types.ts';

/**
 * Every lock mode in every database, zeros included, so that a rate or an alert never meets a missing series. Only some of
 * them take room in the server's table of locks, and so do some that belong to no database.
 */
export const locks: Collector = {
  name: 'locks',
  source: 'postgres',
  scope: 'server',
  sql: `
    with l as materialized (
      select database, lower(mode) as mode, fastpath from pg_catalog.pg_locks
    )
    select d.datname, m.mode, count(l.database) as count, null::bigint as in_table
      from pg_catalog.pg_database d
     cross join (values ('accesssharelock'), ('rowsharelock'), ('rowexclusivelock'), ('shareupdateexclusivelock'),
                        ('sharelock'), ('sharerowexclusivelock'), ('exclusivelock'), ('accessexclusivelock'),
                        ('sireadlock')) m (mode)
      left join l on l.database = d.oid and l.mode = m.mode
     group by d.datname, m.mode
     union all
    select null, null, null, count(*) from l where not l.fastpath and l.mode <> 'sireadlock'`,
  labels: ['datname', 'mode'],
  columns: {
    count: gauge('pg_locks_count', 'Locks held or awaited (pg_locks).'),
    in_table: gauge(
      'pg_locks_in_table',
      'Locks that take room in the lock table: neither by fast path nor of predicates (pg_locks.fastpath).',
      { labels: [] },
    ),
  },
};
