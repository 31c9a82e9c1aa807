-- Refreshing materialised views only when it makes a difference, and without making readers wait.
--   pgvigil.matview_sources(view)        what it reads
--   pgvigil.matview_state(view)          what those looked like: remembered before a refresh, compared before the next
--   pgvigil.matview_change(then, now)    the difference, in words
--   pgvigil.refresh_matview(view)        see 51_matview_refresh.sql
--   pgvigil.matview_staleness()          what the exporter polls
-- The rows that were inserted, updated and deleted are counted by the server per table. What it doesn't count is told by
-- other things: a TRUNCATE or a rewrite by the file number, a partition that came or went by the set of tables, a view
-- that was replaced by its definition, counters that began anew by the time of the last reset.
-- Where nothing can tell (the time of day, foreign tables, the catalogue) the view is always refreshed.

create table if not exists pgvigil.matview_refresh (
  -- Not regclass: a restore may fill this table before the views are there.
  relid             oid primary key,
  last_refreshed_at timestamptz,
  duration_seconds  double precision,
  last_method       text check (last_method in ('plain', 'concurrently')),
  state             jsonb,
  scans             bigint,
  refreshes         bigint not null default 0,
  skips             bigint not null default 0,
  failures          bigint not null default 0,
  last_error        text,
  last_error_at     timestamptz
);
comment on table pgvigil.matview_refresh is 'What pgvigil.refresh_matview() and refreshes by the app did, one row per materialised view.';
comment on column pgvigil.matview_refresh.last_refreshed_at is 'Everything committed before it is in the view.';
comment on column pgvigil.matview_refresh.state is 'pgvigil.matview_state() just before the last refresh.';
comment on column pgvigil.matview_refresh.scans is 'Scans of the view counted up to the end of the last refresh, its own included.';
comment on column pgvigil.matview_refresh.last_error is 'Of the last attempt; NULL when that went well.';

-- A session reports what it wrote a little later. Its own unreported rows count too: whoever writes and refreshes in one
-- session would otherwise hear that nothing has changed.
create or replace function pgvigil.rows_written(relation oid, out reported bigint, out unreported bigint)
language sql volatile parallel restricted
begin atomic
  select pg_catalog.pg_stat_get_tuples_inserted(relation) + pg_catalog.pg_stat_get_tuples_updated(relation)
         + pg_catalog.pg_stat_get_tuples_deleted(relation),
         pg_catalog.pg_stat_get_xact_tuples_inserted(relation) + pg_catalog.pg_stat_get_xact_tuples_updated(relation)
         + pg_catalog.pg_stat_get_xact_tuples_deleted(relation);
end;
comment on function pgvigil.rows_written(oid) is
  'Rows inserted, updated and deleted since the statistics were reset: reported by all sessions, and not yet by this one.';

create or replace function pgvigil.matview_scans(view oid)
returns bigint language sql volatile parallel restricted
begin atomic
  select pg_catalog.sum(pg_catalog.pg_stat_get_numscans(r.oid) + pg_catalog.pg_stat_get_xact_numscans(r.oid))::bigint
    from (select view as oid
           union all
          select i.indexrelid from pg_catalog.pg_index i where i.indrelid = view) r;
end;
comment on function pgvigil.matview_scans(oid) is 'Scans of a materialised view and its indexes since the statistics were reset.';

create or replace function pgvigil.matview_sources(view oid)
returns table (relid oid, relkind "char", query text) language sql stable
begin atomic
  with recursive source (relid, relkind, query) as (
    select c.oid, c.relkind, r.ev_action::text
      from pg_catalog.pg_class c
      join pg_catalog.pg_rewrite r on r.ev_class = c.oid
     where c.oid = view
    union
    select c.oid, c.relkind, r.ev_action::text
      from source s
     cross join lateral (
           -- Of another materialised view only the rows count: it changes when it is refreshed.
           select d.refobjid as oid
             from pg_catalog.pg_rewrite w
             join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
            where w.ev_class = s.relid and (s.relkind = 'v' or s.relid = view)
              and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> s.relid
            union all
           -- Partitions and children.
           select i.inhrelid from pg_catalog.pg_inherits i where i.inhparent = s.relid) below
      join pg_catalog.pg_class c on c.oid = below.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
      left join pg_catalog.pg_rewrite r on r.ev_class = c.oid and c.relkind = 'v' and r.rulename = '_RETURN'
  )
  select s.relid, s.relkind, s.query from source s;
end;
comment on function pgvigil.matview_sources(oid) is
  'The view itself and everything it reads: tables with their partitions, views and what those read. query: of the view and of views, as the server keeps it.';

create or replace function pgvigil.matview_state(view oid)
returns jsonb language sql volatile
begin atomic
  with source as materialized (
    select s.relid, s.relkind, s.query from pgvigil.matview_sources(view) s
  ),
  table_read as (
    select s.relid, c.relfilenode, w.reported, w.unreported
      from source s
      join pg_catalog.pg_class c on c.oid = s.relid
     cross join lateral pgvigil.rows_written(s.relid) w
     where s.relkind in ('r', 'm') and s.relid <> view
  ),
  blind_spot (reason) as (
    select 'track_counts is off'
     where pg_catalog.current_setting('track_counts') = 'off'
    union all
    select 'it reads the foreign table ' || s.relid::pg_catalog.regclass from source s where s.relkind = 'f'
    union all
    select 'it reads no table' where not exists (select from table_read)
    union all
    -- What belongs to the server itself is in no pg_depend. Node trees name relations and functions by number.
    select 'it reads ' || c.oid::pg_catalog.regclass || ', whose changes are not counted'
      from source s
     cross join lateral pg_catalog.regexp_matches(s.query, ':relid (\d+)', 'g') m
      join pg_catalog.pg_class c on c.oid = m[1]::oid and c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
    union all
    select 'it asks for the time or the user' from source s where s.query ~ '\{SQLVALUEFUNCTION'
    union all
    select 'it calls ' || p.oid::pg_catalog.regprocedure || ', which can give something else each time'
      from source s
     cross join lateral pg_catalog.regexp_matches(s.query, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g') m
      join pg_catalog.pg_proc p on p.oid = m[1]::oid
      join pg_catalog.pg_language l on l.oid = p.prolang
     where p.provolatile = 'v'
        or p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
           and (p.proname in ('now', 'transaction_timestamp', 'statement_timestamp')
                or p.proname = 'age' and p.pronargs = 1)
        -- A function in SQL or another language may read tables of its own.
        or p.provolatile = 's' and l.lanname not in ('internal', 'c')
  )
  select pg_catalog.jsonb_build_object(
    'blind', (select pg_catalog.min(b.reason) from blind_spot b),
    -- The second one changes when the statistics were lost: after a crash, on a promoted standby, after an upgrade.
    'statistics', pg_catalog.jsonb_build_array(
      extract(epoch from pg_catalog.pg_stat_get_db_stat_reset_time(
        (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()))),
      extract(epoch from pg_catalog.pg_stat_get_bgwriter_stat_reset_time())),
    'definitions', (select pg_catalog.jsonb_object_agg(s.relid::text, pg_catalog.md5(s.query))
                      from source s where s.query is not null),
    'tables', (select coalesce(pg_catalog.jsonb_object_agg(
                        t.relid::text, pg_catalog.jsonb_build_array(t.relfilenode, t.reported, t.unreported)), '{}')
                 from table_read t));
end;
comment on function pgvigil.matview_state(oid) is
  'What a materialised view is made of at this moment. blind: why a change could not be seen; statistics: times of their reset; definitions: MD5 by oid; tables: [file number, rows written, those not reported yet] by oid.';

create or replace function pgvigil.matview_change(
  earlier jsonb, later jsonb, out stale boolean, out changes bigint, out reason text)
language sql immutable
begin atomic
  -- Of the earlier state only what was reported counts. Rows that were not may be reported by now, or not: taken into
  -- account, they could hide as many rows that somebody else wrote. This way they cost another refresh at most.
  with pair as (
    select a.value ->> 0 as earlier_file, (a.value ->> 1)::bigint as earlier_rows,
           b.value ->> 0 as later_file, (b.value ->> 1)::bigint + (b.value ->> 2)::bigint as later_rows
      from pg_catalog.jsonb_each(earlier -> 'tables') a
      full join pg_catalog.jsonb_each(later -> 'tables') b using (key)
  ),
  total as (
    select pg_catalog.bool_or(p.earlier_file is null or p.later_file is null) as other_tables,
           pg_catalog.bool_or(p.earlier_file <> p.later_file) as rewritten,
           pg_catalog.bool_or(p.later_rows < p.earlier_rows) as backwards,
           pg_catalog.sum(p.later_rows - p.earlier_rows)::bigint as changes
      from pair p
  )
  select v.stale, v.changes, v.reason
    from total t
   cross join lateral (values
         (1, earlier is null, null::boolean, null::bigint, 'this function never refreshed it'),
         (2, later ->> 'blind' is not null, null, null, 'whether it changed cannot be known: ' || (later ->> 'blind')),
         (3, earlier -> 'statistics' is distinct from later -> 'statistics', null, null,
             'the statistics were reset since'),
         (4, earlier -> 'definitions' is distinct from later -> 'definitions', true, null,
             'the query of a view that it reads was changed'),
         (5, t.other_tables, true, null, 'a table or partition that it reads came or went'),
         (6, t.rewritten, true, null, 'a table that it reads was truncated or rewritten'),
         (7, t.backwards, null, null, 'the counters of a table that it reads went backwards'),
         (8, t.changes > 0, true, t.changes, pg_catalog.format('%s rows written since', t.changes)),
         (9, true, false, 0, 'nothing was written since')) v (place, holds, stale, changes, reason)
   where v.holds
   order by v.place
   limit 1;
end;
comment on function pgvigil.matview_change(jsonb, jsonb) is
  'What happened between two states of pgvigil.matview_state(). stale: NULL when that cannot be known; changes: rows written, NULL when unknown.';

create or replace function pgvigil.matview_staleness()
returns table (schemaname name, matviewname name, ispopulated boolean, last_refresh timestamptz,
               duration_seconds double precision, changes_since_refresh bigint, stale boolean, size_bytes bigint)
language sql volatile
begin atomic
  -- A size function waits for the lock of a plain refresh, for as long as that takes.
  with recursive locked as materialized (
    select k.relation as oid
      from pg_catalog.pg_locks k
      join pg_catalog.pg_database d on d.oid = k.database and d.datname = pg_catalog.current_database()
     where k.locktype = 'relation' and k.mode = 'AccessExclusiveLock'
  ),
  busy as materialized (
    select l.oid from locked l
    union
    select i.indrelid from locked l join pg_catalog.pg_index i on i.indexrelid = l.oid
  ),
  verdict as materialized (
    select c.oid, r.last_refreshed_at, r.duration_seconds, d.changes, d.stale
      from pg_catalog.pg_class c
      left join pgvigil.matview_refresh r on r.relid = c.oid and r.state is not null
     cross join lateral (select case when r.state is not null then pgvigil.matview_state(c.oid) end as state) now
     cross join lateral pgvigil.matview_change(r.state, now.state) d
     where c.relkind = 'm'
  ),
  -- Out of date is also what reads a view that is out of date.
  edge as materialized (
    select v.oid as reader, s.relid as source
      from verdict v
     cross join lateral pgvigil.matview_sources(v.oid) s
     where s.relkind = 'm'
  ),
  outdated (oid) as (
    select v.oid from verdict v where v.stale
    union
    select e.reader from outdated o join edge e on e.source = o.oid
  )
  select n.nspname, c.relname, c.relispopulated, v.last_refreshed_at, v.duration_seconds, v.changes,
         case when exists (select from outdated o where o.oid = v.oid) then true else v.stale end,
         case when not exists (select from busy b where b.oid in (c.oid, c.reltoastrelid))
              then pg_catalog.pg_total_relation_size(c.oid) end
    from verdict v
    join pg_catalog.pg_class c on c.oid = v.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   order by n.nspname, c.relname;
end;
comment on function pgvigil.matview_staleness() is
  'Every materialised view of this database. stale and changes_since_refresh: against what pgvigil.matview_refresh remembers; NULL where that is nothing, or where it cannot be known.';

revoke all on pgvigil.matview_refresh from public;
revoke all on function pgvigil.rows_written(oid), pgvigil.matview_scans(oid), pgvigil.matview_sources(oid),
  pgvigil.matview_state(oid), pgvigil.matview_change(jsonb, jsonb), pgvigil.matview_staleness() from public;
grant select on pgvigil.matview_refresh to pgvigil_monitor;
grant select, insert, update, delete on pgvigil.matview_refresh to pgvigil_maintain;
grant execute on function pgvigil.rows_written(oid), pgvigil.matview_scans(oid), pgvigil.matview_sources(oid),
  pgvigil.matview_state(oid), pgvigil.matview_change(jsonb, jsonb), pgvigil.matview_staleness()
  to pgvigil_monitor, pgvigil_maintain;
