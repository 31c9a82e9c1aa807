-- Watching partitions: how far they reach ahead, what the default partition holds, and which have expired.

-- As definer, since the monitor reads no table: it learns counts.
create or replace function pgvigil.default_partition_rows(parent regclass, page_budget integer default 10000)
returns table (range_start timestamptz, range_end timestamptz, row_count bigint, at_risk boolean, due boolean)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO, YMD'
as $$
declare
  t      record;
  oldest timestamptz;
begin
  select * into t from pgvigil.range_partitioned_tables() r
   where r.parent = default_partition_rows.parent and r.default_partition is not null;
  if not found then
    return;
  end if;
  -- Where policies or a foreign table's server are asked, this would run code of others with the definer's rights.
  if row_security_active(t.default_partition)
     or exists (select from pgvigil.partition_leaves(t.default_partition) l where l.relkind <> 'r')
     or page_budget < (select sum(pg_relation_size(l.leaf)) from pgvigil.partition_leaves(t.default_partition) l)
                      / current_setting('block_size')::integer then
    return query select null::timestamptz, null::timestamptz, null::bigint, null::boolean, null::boolean;
    return;
  end if;
  oldest := coalesce((select min(coalesce(lower(r.covers), upper(r.covers))) from pgvigil.partition_ranges(parent) r),
                     pgvigil.partition_period(coalesce(t.step, 'month'), t.zone, t.today));
  return query execute format(
    'select period, pgvigil.partition_period(%1$L, %2$L, period, 1), count(*),
            coalesce(isfinite(period) and period >= %5$L, false), coalesce(period between %5$L and %6$L, false)
       from (select date_trunc(%1$L, %3$I::timestamptz at time zone %2$L) at time zone %2$L from %4$s) d (period)
      group by period order by period',
    coalesce(t.step, 'month'), t.zone, t.column_name, t.default_partition, oldest,
    pgvigil.partition_period(t.step, t.zone, t.today, t.premake));
exception when lock_not_available or insufficient_privilege then
  return query select null::timestamptz, null::timestamptz, null::bigint, null::boolean, null::boolean;
end
$$;
comment on function pgvigil.default_partition_rows(regclass, integer) is
  'Rows of the default partition by the period they belong to (a month where there is no policy). at_risk: no partition '
  'can be made for that period before they are moved. due: create_partitions_ahead would move them now. One row of NULLs when they can''t be counted: more than page_budget '
  'pages, locked, guarded by row level security, foreign, or not readable by the owner of this function.';

create or replace function pgvigil.partition_report(page_budget integer default 10000)
returns table (
  parent regclass, step text, premake integer, retention interval,
  partitions integer, detach_pending integer, expired integer,
  oldest_start timestamptz, newest_end timestamptz, periods_ahead integer, seconds_ahead double precision,
  has_default boolean, default_rows_estimate double precision, default_rows bigint, rows_at_risk bigint, rows_due bigint,
  size_bytes bigint)
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  t       record;
  covered tstzmultirange;
  reach   timestamptz;
begin
  for t in select * from pgvigil.range_partitioned_tables() r order by r.parent::text loop
    parent := t.parent;
    step := t.step;
    premake := t.premake;
    retention := t.retention;
    has_default := t.default_partition is not null;
    default_rows_estimate := (select case when min(l.reltuples) >= 0 then sum(l.reltuples) end
                                from pgvigil.partition_leaves(t.default_partition) l);
    select case when count(*) = count(d.row_count) then coalesce(sum(d.row_count), 0) end,
           case when count(*) = count(d.row_count) then coalesce(sum(d.row_count) filter (where d.at_risk), 0) end,
           case when count(*) = count(d.row_count) then coalesce(sum(d.row_count) filter (where d.due), 0) end
      into default_rows, rows_at_risk, rows_due
      from pgvigil.default_partition_rows(t.parent, page_budget) d;
    partitions := null; detach_pending := null; expired := null; oldest_start := null; newest_end := null;
    seconds_ahead := null; periods_ahead := null; size_bytes := null;
    begin
      select count(*), count(*) filter (where r.detach_pending), coalesce(range_agg(r.covers), '{}'),
             case when t.retention is not null then count(*) filter (where upper(r.covers) <= t.today - t.retention) end
        into partitions, detach_pending, covered, expired
        from pgvigil.partition_ranges(t.parent) r;
      oldest_start := lower(covered);
      newest_end := upper(covered);
      -- A bound of infinity is as good as none.
      reach := (select coalesce(upper(c), 'infinity') from unnest(covered) c where c @> t.today);
      seconds_ahead := case when reach is null then 0
                            when isfinite(reach) then extract(epoch from reach - t.today)
                            else 'infinity' end;
      if t.step is not null then
        -- From -1, for not even the current one, to a little more than is asked for.
        periods_ahead := (select count(*) - 1 from generate_series(0, 2 * t.premake + 1) ahead
                           where pgvigil.partition_period(t.step, t.zone, t.today, ahead + 1) <= reach);
      end if;
      size_bytes := (select sum(pg_total_relation_size(l.leaf)) from pgvigil.partition_leaves(t.parent) l);
    exception when lock_not_available then
      null; -- What is known by now stays, the rest is NULL.
    end;
    return next;
  end loop;
end
$$;
comment on function pgvigil.partition_report(integer) is
  'One row per table that is range-partitioned by time, with or without a policy. seconds_ahead, periods_ahead: how far '
  'partitions reach from now on without a gap; -1 periods: not even the current one is there. rows_at_risk, '
  'rows_due: see default_partition_rows. expired is NULL where everything is kept. '
  'Bounds of date and timestamp columns are read as UTC.';

-- Detach statements must be sent by themselves: CONCURRENTLY commits in between. That is why no function here detaches.
create or replace function pgvigil.detach_statement(partition regclass)
returns text language sql stable set search_path = pg_catalog, pg_temp
as $$
  select format('alter table %s detach partition %s%s', i.inhparent::regclass, i.inhrelid::regclass,
                case when i.inhdetachpending then ' finalize' when t.partdefid = 0 then ' concurrently' else '' end)
    from pg_inherits i join pg_partitioned_table t on t.partrelid = i.inhparent
   where i.inhrelid = detach_statement.partition
$$;
comment on function pgvigil.detach_statement(regclass) is
  'How a partition is detached right now, to be sent outside a transaction block. NULL: it is no partition.';

create or replace function pgvigil.expired_partitions(target regclass default null, older_than interval default null)
returns table (
  parent regclass, partition regclass, range_start timestamptz, range_end timestamptz, detach_pending boolean,
  rows_estimate double precision, size_bytes bigint, concurrent boolean, reason text, referenced_by text[],
  turn integer, detach_statement text, drop_statement text)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  with recursive fk as (
    select distinct c.confrelid as referenced, c.conrelid as referencing
      from pg_constraint c join pg_partitioned_table p on p.partrelid = c.conrelid
     where c.contype = 'f' and c.conparentid = 0 and c.conrelid <> c.confrelid
  ),
  -- Rows that are referenced can't leave, so partitions of referencing tables go first. A cycle ends by itself.
  depth (relid, turn, path) as (
    select t.parent::oid, 0, array[t.parent::oid] from pgvigil.range_partitioned_tables() t
    union all
    select fk.referenced, d.turn + 1, d.path || fk.referenced
      from depth d join fk on fk.referencing = d.relid and fk.referenced <> all (d.path)
  ),
  turns as (select relid, max(turn) as turn from depth group by relid)
  select t.parent, r.partition, lower(r.covers), upper(r.covers), r.detach_pending,
         size.tuples, size.bytes,
         t.default_partition is null,
         case
           when r.detach_pending then 'an earlier DETACH CONCURRENTLY was interrupted and has to be finalised'
           when t.default_partition is not null
             then format('where there is a default partition (%s) PostgreSQL does not detach concurrently: nobody can read '
                         '%s meanwhile', t.default_partition, t.parent)
         end,
         array(select format('%I on %s', c.conname, c.conrelid::regclass) from pg_constraint c
                where c.contype = 'f' and c.conparentid = 0 and c.confrelid = t.parent order by 1),
         turns.turn,
         pgvigil.detach_statement(r.partition),
         format('drop table %s', r.partition)
    from pgvigil.range_partitioned_tables() t
    join turns on turns.relid = t.parent
   cross join lateral pgvigil.partition_ranges(t.parent) r
   cross join lateral (
         select case when min(l.reltuples) >= 0 then sum(l.reltuples) end as tuples,
                sum(pg_total_relation_size(l.leaf))::bigint as bytes
           from pgvigil.partition_leaves(r.partition) l) size
   where (target is null or t.parent = target)
     and (r.detach_pending or upper(r.covers) <= t.today - coalesce(older_than, t.retention))
   order by turns.turn, r.detach_pending desc, lower(r.covers), t.parent::text
$$;
comment on function pgvigil.expired_partitions(regclass, interval) is
  'Partitions that can be detached, in the order that foreign keys allow, with the statements: older than the retention of '
  'their policy, or than older_than. referenced_by: foreign keys that refuse it while a row of theirs points there. '
  'concurrent: whether readers can go on, else the reason. Detached tables keep their name and their rows.';

revoke all on function
  pgvigil.default_partition_rows(regclass, integer), pgvigil.partition_report(integer), pgvigil.detach_statement(regclass),
  pgvigil.expired_partitions(regclass, interval)
  from public;
grant execute on function
  pgvigil.default_partition_rows(regclass, integer), pgvigil.partition_report(integer), pgvigil.detach_statement(regclass),
  pgvigil.expired_partitions(regclass, interval)
  to pgvigil_monitor, pgvigil_maintain;
