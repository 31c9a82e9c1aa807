-- Which statements are worth a look, and why: a reading of pg_stat_statements.

create or replace function pgvigil.analyze_query_performance(
  min_calls        bigint default 5,
  lim              integer default 100,
  slow_seconds     double precision default 0.05,
  critical_seconds double precision default 0.5)
returns table (
  queryid         bigint,
  datname         name,
  usename         name,
  toplevel        boolean,
  query           text,
  calls           bigint,
  total_seconds   double precision,
  total_ratio     double precision,
  mean_seconds    double precision,
  stddev_seconds  double precision,
  rows_per_call   double precision,
  blocks_per_call double precision,
  cache_hit_ratio double precision,
  io_seconds      double precision,
  temp_blocks     bigint,
  wal_bytes       numeric,
  stats_since     timestamptz,
  findings        text[],
  reason          text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $function$
declare
  extension_schema name;
  since            timestamptz;
begin
  if not coalesce(min_calls >= 1 and lim >= 1 and slow_seconds > 0 and critical_seconds >= slow_seconds, false) then
    raise exception 'min_calls and lim must be at least 1, and 0 < slow_seconds <= critical_seconds'
      using errcode = 'invalid_parameter_value';
  end if;
  select n.nspname into extension_schema
    from pg_extension e
    join pg_namespace n on n.oid = e.extnamespace
   where e.extname = 'pg_stat_statements';
  if not found then
    raise exception 'extension pg_stat_statements is not installed in database "%"', current_database()
      using errcode = 'object_not_in_prerequisite_state',
            hint = 'Add pg_stat_statements to shared_preload_libraries, restart, then: create extension pg_stat_statements';
  end if;
  if current_setting('pg_stat_statements.max', true) is null then
    raise exception 'pg_stat_statements is installed but not loaded by the server'
      using errcode = 'object_not_in_prerequisite_state',
            hint = 'Add pg_stat_statements to shared_preload_libraries and restart.';
  end if;
  if not has_schema_privilege(extension_schema, 'USAGE') then
    raise exception 'role "%" may not use schema "%", which holds pg_stat_statements', current_user, extension_schema
      using errcode = 'insufficient_privilege',
            hint = format('grant usage on schema %I to %I', extension_schema, current_user);
  end if;
  if to_regclass(format('%I.pg_stat_statements_info', extension_schema)) is not null then
    execute format('select i.stats_reset from %I.pg_stat_statements_info i', extension_schema) into since;
  end if;

  return query execute format($query$
    -- As jsonb, a column that this version of the extension lacks is NULL, and a renamed one has the first of its
    -- names that is there.
    with s as materialized (
      select to_jsonb(s) as j from %I.pg_stat_statements s
    ), f as materialized (
      select j,
             (j->>'calls')::bigint as calls,
             (j->>'rows')::bigint as rows,
             coalesce(j->>'total_exec_time', j->>'total_time')::float8 / 1000 as total,
             coalesce(j->>'mean_exec_time', j->>'mean_time')::float8 / 1000 as mean,
             coalesce(j->>'stddev_exec_time', j->>'stddev_time')::float8 / 1000 as stddev,
             (j->>'shared_blks_hit')::bigint as hit,
             (j->>'shared_blks_read')::bigint as read,
             (j->>'temp_blks_written')::bigint as temp,
             coalesce(j->>'shared_blk_read_time', j->>'blk_read_time')::float8 / 1000 as read_seconds,
             coalesce(j->>'shared_blk_write_time', j->>'blk_write_time')::float8 / 1000 as write_seconds
        from s
    ), t as materialized (
      select sum(total) as total from f
    ), r as materialized (
      select f.*, t.total as whole, j->>'query' as text,
             (hit + read)::float8 / nullif(calls, 0) as blocks,
             rows::float8 / nullif(calls, 0) as per_call,
             -- One row out of many is what an aggregate is for; that says nothing about an index or a loop.
             j->>'query' ~* '\m(count|sum|avg|min|max|string_agg|array_agg|json_agg|jsonb_agg)\s*\(|\mgroup\s+by\M|\mdistinct\M'
               as aggregates
        from f, t
       where calls >= $1
       order by total desc
       limit $2
    )
    select (r.j->>'queryid')::bigint, d.datname, u.rolname, (r.j->>'toplevel')::boolean, r.text,
           r.calls, r.total, r.total / nullif(r.whole, 0), r.mean, r.stddev, r.per_call, r.blocks,
           r.hit::float8 / nullif(r.hit + r.read, 0),
           -- Without track_io_timing the extension says 0, which is not a measurement.
           case when current_setting('track_io_timing')::boolean then r.read_seconds + r.write_seconds end,
           r.temp, (r.j->>'wal_bytes')::numeric,
           coalesce((r.j->>'stats_since')::timestamptz, $5),
           coalesce(x.findings, '{}'), x.reason
      from r
      left join pg_database d on d.oid = (r.j->>'dbid')::oid
      left join pg_roles u on u.oid = (r.j->>'userid')::oid
     cross join lateral (
       select array_agg(x.finding order by x.ord) as findings, string_agg(x.reason, '; ' order by x.ord) as reason
         from (values
           (1, 'critical', r.mean > $4,
            format('mean %%s ms, over %%s ms', round((r.mean * 1000)::numeric, 1), $4 * 1000)),
           (2, 'slow', r.mean > $3 and r.mean <= $4,
            format('mean %%s ms, over %%s ms', round((r.mean * 1000)::numeric, 1), $3 * 1000)),
           (3, 'missing_index', r.blocks >= 100 and r.hit + r.read >= 100 * greatest(r.rows, r.calls) and not r.aggregates
                                and r.text ~* '\mwhere\M|\mjoin\M',
            format('touches %%s blocks per row: an index may be missing',
                   round((r.hit + r.read)::numeric / greatest(r.rows, r.calls, 1)))),
           (4, 'temp_spill', r.temp > 0,
            format('spills %%s blocks per call to temporary files: more work_mem, or fewer rows to sort or hash',
                   ceil(r.temp::numeric / r.calls))),
           (5, 'n_plus_one', r.calls >= 1000 and r.per_call between 0.01 and 1.0 and r.mean < 0.005 and not r.aggregates
                             and r.text ~* '^\s*select\M.*\mwhere\M.*=\s*\$[0-9]+',
            format('called %%s times for about one row each: suspicion of N+1; ask for many keys at once (= any($1))',
                   r.calls)),
           (6, 'unstable', r.calls >= 10 and r.mean >= 0.001 and r.stddev > 3 * r.mean,
            format('standard deviation is %%s times the mean: locks, cold cache or plans that change',
                   round((r.stddev / nullif(r.mean, 0))::numeric, 1)))
         ) as x (ord, finding, holds, reason)
        where x.holds) x
     order by r.total desc
  $query$, extension_schema)
  using min_calls, lim, slow_seconds, critical_seconds, since;
end
$function$;

comment on function pgvigil.analyze_query_performance(bigint, integer, double precision, double precision) is
'Statements of the whole server by total time (pg_stat_statements, any version, any schema), each with what is conspicuous about it. Seconds, bytes, blocks of 8 kB; total_ratio is its part of the time of all statements seen; NULL is unknown. findings: critical, slow, missing_index, temp_spill, n_plus_one, unstable: suspicions, with the figures in reason. min_calls leaves out rare statements, lim is the number of rows. Needs pg_read_all_stats to see other users'' texts. Error 55000 with the cure as its hint when the extension is missing.';

revoke all on function pgvigil.analyze_query_performance(bigint, integer, double precision, double precision) from public;
grant execute on function pgvigil.analyze_query_performance(bigint, integer, double precision, double precision)
  to pgvigil_monitor;
