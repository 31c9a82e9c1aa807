import { type Collector, gauge } from '../metrics/types.ts';

/** Roles are listed where they have a limit or sessions. The server and its databases rank first within the budget. */
export const connection_limits: Collector = {
  name: 'connection_limits',
  source: 'postgres',
  scope: 'server',
  wants: ['role pg_read_all_stats'],
  sql: `
    with a as materialized (
      select datid, usesysid
        from pg_catalog.pg_stat_activity
       where backend_type = 'client backend'
    ), v as (
      select pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') as yes
    )
    select null as datname, null as rolname, 2e9 as rank,
           pg_catalog.current_setting('max_connections')::int as server_max,
           pg_catalog.current_setting('superuser_reserved_connections')::int
             + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0) as server_reserved,
           case when v.yes then (select count(*) from a) end as server_used,
           null::int as database_limit, null::bigint as database_used, null::int as role_limit, null::bigint as role_used
      from v
     union all
    select d.datname, null, 1e9, null, null, null, nullif(d.datconnlimit, -1), case when v.yes then coalesce(u.used, 0) end,
           null, null
      from pg_catalog.pg_database d
     cross join v
      left join (select datid, count(*) as used from a group by datid) u on u.datid = d.oid
     where d.datallowconn
     union all
    select null, r.rolname, coalesce(u.used, 0), null, null, null, null, null,
           nullif(r.rolconnlimit, -1), case when v.yes then coalesce(u.used, 0) end
      from pg_catalog.pg_roles r
     cross join v
      left join (select usesysid, count(*) as used from a group by usesysid) u on u.usesysid = r.oid
     where r.rolcanlogin and (u.used > 0 or r.rolconnlimit >= 0)`,
  labels: ['datname', 'rolname'],
  budget: { max: 500, rankBy: 'rank' },
  columns: {
    server_max: gauge('pg_connections_max', 'Connections the server allows (max_connections).', { labels: [] }),
    server_reserved: gauge(
      'pg_connections_reserved',
      'Connections kept back for superusers and pg_use_reserved_connections (superuser_reserved_connections, reserved_connections).',
      { labels: [] },
    ),
    server_used: gauge('pg_connections_used', 'Client connections open (pg_stat_activity).', { labels: [] }),
    database_limit: gauge(
      'pg_connections_database_limit',
      'Connections a database allows, where limited (pg_database.datconnlimit).',
      { labels: ['datname'] },
    ),
    database_used: gauge('pg_connections_database_used', 'Client connections to a database (pg_stat_activity.datid).', {
      labels: ['datname'],
    }),
    role_limit: gauge(
      'pg_connections_role_limit',
      'Connections a role may open, where limited (pg_roles.rolconnlimit).',
      { labels: ['rolname'] },
    ),
    role_used: gauge('pg_connections_role_used', 'Client connections of a role (pg_stat_activity.usesysid).', {
      labels: ['rolname'],
    }),
  },
};
