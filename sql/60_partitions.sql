-- Range partitions by time: the policies, and what they ask for.
-- For tables that are range-partitioned on one column of type date, timestamp or timestamptz.
--
-- Creating them is in 61_partitions_create.sql, watching and detaching them in 62_partitions_report.sql.

-- A regclass is an oid that is written as a name: it follows a rename, and survives pg_dump and pg_upgrade.
-- It doesn't notice a drop, so whoever reads the table joins pg_class.
create table if not exists pgvigil.partition_policy (
  parent    regclass primary key,
  step      text not null check (step in ('day', 'week', 'month')),
  time_zone text not null default 'UTC'
            check (timestamptz '2000-01-01 00:00:00+00' at time zone time_zone is not null),
  premake   integer not null default 4 check (premake between 0 and 1000),
  retention interval check (retention > interval '0')
);
comment on table pgvigil.partition_policy is
  'Tables whose partitions pgvigil creates ahead and detaches when they expire. It never drops one.';
comment on column pgvigil.partition_policy.step is 'Length of a partition: day, week (ISO, from Monday) or month.';
comment on column pgvigil.partition_policy.time_zone is
  'Where days begin: bounds of a timestamptz key are local midnights there; for every type it says what "today" is.';
comment on column pgvigil.partition_policy.premake is 'How many partitions after the current one must be there.';
comment on column pgvigil.partition_policy.retention is
  'A partition whose newest possible row is older than this has expired. NULL: kept for ever.';

-- What there is to know about a table that these files can handle, with its policy where it has one.
create or replace function pgvigil.range_partitioned_tables()
returns table (parent regclass, default_partition regclass, column_name name, column_type regtype,
               step text, premake integer, retention interval, zone text, today timestamptz)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select t.partrelid::regclass, nullif(t.partdefid, 0)::regclass, a.attname, a.atttypid::regtype,
         p.step, p.premake, p.retention, bounds.zone,
         (now() at time zone coalesce(p.time_zone, 'UTC')) at time zone bounds.zone
    from pg_partitioned_table t
    -- Temporary tables of other sessions can't be read.
    join pg_class c on c.oid = t.partrelid and c.relpersistence <> 't'
    join pg_attribute a on a.attrelid = t.partrelid and a.attnum = t.partattrs[0]
    left join pgvigil.partition_policy p on p.parent = t.partrelid
   cross join lateral (
         select case a.atttypid when 'timestamptz'::regtype then coalesce(p.time_zone, 'UTC') else 'UTC' end) bounds (zone)
   where t.partstrat = 'r'
     and t.partnatts = 1
     and a.atttypid in ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
$$;
comment on function pgvigil.range_partitioned_tables() is
  'Tables range-partitioned on one column of a date or timestamp type, with their policy. Everywhere in these functions '
  'bounds are timestamptz, and those of a date or timestamp column are read as UTC, which is exact both ways. '
  'zone: where the days of the bounds begin. today: this instant as a bound would be written.';

create or replace function pgvigil.check_partition_policy() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from pgvigil.range_partitioned_tables() t where t.parent = new.parent) then
    raise exception '% is not range-partitioned on one column of type date, timestamp or timestamptz', new.parent
      using errcode = 'wrong_object_type', hint = 'Create it with PARTITION BY RANGE (column).';
  end if;
  return new;
end
$$;
create or replace trigger check_policy before insert or update on pgvigil.partition_policy
  for each row execute function pgvigil.check_partition_policy();

create or replace function pgvigil.partition_ranges(parent regclass)
returns table (partition regclass, detach_pending boolean, covers tstzrange)
language sql stable
set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO, YMD'
as $$
  select c.oid::regclass, i.inhdetachpending,
         tstzrange(substring(bound from $re$FROM \('([^']+)'\)$re$)::timestamptz,
                   substring(bound from $re$TO \('([^']+)'\)$re$)::timestamptz)
    from pg_partitioned_table t
    join pg_inherits i on i.inhparent = t.partrelid and i.inhrelid <> t.partdefid
    join pg_class c on c.oid = i.inhrelid
   cross join lateral pg_get_expr(c.relpartbound, c.oid) as bound
   where t.partrelid = partition_ranges.parent
$$;
comment on function pgvigil.partition_ranges(regclass) is
  'Partitions of a table without the default one, and what each covers. MINVALUE and MAXVALUE are unbounded.';

-- Unlike pg_partition_tree this waits for no lock.
create or replace function pgvigil.partition_leaves(root regclass)
returns table (leaf regclass, relkind "char", reltuples real)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  with recursive tree (relid) as (
    select root::oid
    union all
    select i.inhrelid from tree join pg_inherits i on i.inhparent = tree.relid
  )
  select c.oid::regclass, c.relkind, c.reltuples
    from tree join pg_class c on c.oid = tree.relid
   where c.relkind <> 'p'
$$;
comment on function pgvigil.partition_leaves(regclass) is
  'The tables that hold the rows of a table, which is itself where it is not partitioned.';

-- pgvigil_maintain has none of the rights of a table's owner until it becomes him (see 02_roles.sql), so whatever touches
-- a table goes through here. What he makes is his own from the start, too.
create or replace function pgvigil.as_owner(owned regclass, statement text)
returns text language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  owner  name := (select pg_get_userbyid(relowner) from pg_class where oid = owned);
  before text := current_setting('role');
  answer text;
begin
  begin
    perform set_config('role', owner, true);
  exception when insufficient_privilege then
    raise exception '% may not act as %, the owner of %', session_user, owner, owned
      using errcode = 'insufficient_privilege', hint = format('grant %I to pgvigil_owners;', owner);
  end;
  if statement like 'select %' then
    execute statement into answer;
  else
    execute statement;
    get diagnostics answer = row_count;
  end if;
  perform set_config('role', before, true);
  return answer;
end
$$;
comment on function pgvigil.as_owner(regclass, text) is
  'Runs a statement as the owner of a table: a select gives its one value, anything else the number of rows.';

-- Where the period begins that an instant falls in, or the one that many further on.
create or replace function pgvigil.partition_period(step text, zone text, instant timestamptz, ahead integer default 0)
returns timestamptz language sql stable parallel safe set search_path = pg_catalog, pg_temp
as $$
  select (date_trunc(step, instant at time zone zone) + ahead * ('1 ' || step)::interval) at time zone zone
$$;
comment on function pgvigil.partition_period(text, text, timestamptz, integer) is
  'Start of the period that holds an instant, or of one that many periods later; days begin at midnight in the zone.';

-- A bound in the key's own type, as a literal that means the same in every session.
create or replace function pgvigil.partition_bound(bound timestamptz, column_type regtype)
returns text language sql stable
set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO, YMD'
as $$
  select quote_literal(case column_type
                         when 'timestamptz'::regtype then bound::text
                         when 'timestamp'::regtype then bound::timestamp::text
                         else bound::date::text
                       end)
$$;

-- What should be there and isn't: the current period, `premake` more, and every hole further back that the default
-- partition has rows for. A period that is covered in part gives the part that is missing.
create or replace function pgvigil.missing_partitions(parent regclass)
returns table (range_start timestamptz, range_end timestamptz)
language plpgsql
set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO, YMD'
as $$
declare
  t       record;
  covered tstzmultirange;
  oldest  timestamptz;
  starts  timestamptz[];
  holes   timestamptz[];
begin
  select * into strict t from pgvigil.range_partitioned_tables() r where r.parent = missing_partitions.parent;
  select coalesce(range_agg(r.covers), '{}'), min(coalesce(lower(r.covers), upper(r.covers))) into covered, oldest
    from pgvigil.partition_ranges(parent) r;
  select array_agg(pgvigil.partition_period(t.step, t.zone, t.today, ahead) order by ahead) into starts
    from generate_series(0, t.premake) ahead;
  if t.default_partition is not null and oldest is not null then
    holes := pgvigil.as_owner(parent, format(
      'select array_agg(distinct date_trunc(%1$L, %2$I::timestamptz at time zone %3$L) at time zone %3$L)
         from %4$s where %2$I >= %5$s and %2$I < %6$s',
      t.step, t.column_name, t.zone, t.default_partition,
      pgvigil.partition_bound(oldest, t.column_type), pgvigil.partition_bound(starts[1], t.column_type)));
  end if;
  return query
    select lower(gap), upper(gap)
      from (select distinct unnest(starts || holes)) period (start)
     cross join lateral unnest(
             tstzmultirange(tstzrange(period.start, pgvigil.partition_period(t.step, t.zone, period.start, 1)))
             - covered) gap
     order by 1;
end
$$;
comment on function pgvigil.missing_partitions(regclass) is
  'Ranges that create_partitions_ahead would make partitions for. Reads the default partition.';

revoke all on function
  pgvigil.range_partitioned_tables(), pgvigil.check_partition_policy(), pgvigil.partition_ranges(regclass),
  pgvigil.partition_leaves(regclass),
  pgvigil.as_owner(regclass, text), pgvigil.partition_period(text, text, timestamptz, integer),
  pgvigil.partition_bound(timestamptz, regtype), pgvigil.missing_partitions(regclass)
  from public;
grant select on pgvigil.partition_policy to pgvigil_monitor;
grant select, insert, update, delete on pgvigil.partition_policy to pgvigil_maintain;
grant execute on function
  pgvigil.range_partitioned_tables(), pgvigil.partition_ranges(regclass), pgvigil.partition_leaves(regclass),
  pgvigil.partition_period(text, text, timestamptz, integer), pgvigil.partition_bound(timestamptz, regtype)
  to pgvigil_monitor, pgvigil_maintain;
grant execute on function pgvigil.as_owner(regclass, text), pgvigil.missing_partitions(regclass) to pgvigil_maintain;
