-- How far it is to where the server stops: transaction ids, multixacts, values of sequences.

create or replace function pgvigil.freeze_headroom()
returns table (
  datname                name,
  xid_age                bigint,
  xids_to_autovacuum     bigint,
  xids_to_failsafe       bigint,
  xids_to_stop           bigint,
  mxid_age               bigint,
  mxids_to_autovacuum    bigint,
  mxids_to_failsafe      bigint,
  mxids_to_stop          bigint,
  used_ratio             double precision)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with s as (
    select current_setting('autovacuum_freeze_max_age')::bigint as freeze, current_setting('vacuum_failsafe_age')::bigint as failsafe,
           current_setting('autovacuum_multixact_freeze_max_age')::bigint as mfreeze,
           current_setting('vacuum_multixact_failsafe_age')::bigint as mfailsafe,
           -- Half of the numbers lie behind; the last three million are kept for who repairs it in single-user mode.
           2147483647 - 3000000::bigint as stop
  )
  select d.datname, a.age, s.freeze - a.age, greatest(s.failsafe, s.freeze * 105 / 100) - a.age, s.stop - a.age,
         a.mage, s.mfreeze - a.mage, greatest(s.mfailsafe, s.mfreeze * 105 / 100) - a.mage, s.stop - a.mage,
         greatest(a.age, a.mage)::float8 / s.stop
    from s, pg_database d
   cross join lateral (select age(d.datfrozenxid)::bigint as age, mxid_age(d.datminmxid)::bigint as mage) a
   order by greatest(a.age, a.mage) desc, d.datname
$$;
comment on function pgvigil.freeze_headroom() is
'Per database of the server: transactions and multixacts until autovacuum freezes in any case (negative: overdue), until VACUUM drops everything else to freeze (failsafe), and until the server refuses new ones (stop).';

-- SECURITY DEFINER because a sequence shows its last value only to who may use it. A column counts if it owns the
-- sequence (serial, identity) or takes its default from it.
create or replace function pgvigil.sequence_headroom()
returns table (
  schemaname   name,
  sequencename name,
  columns      text,
  last_value   bigint,
  increment    bigint,
  limit_value  bigint,
  limited_by   text,
  values_left  bigint,
  used_ratio   double precision,
  cycles       boolean,
  reason       text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  with k as materialized (
    select distinct l.relation
      from pg_locks l
      join pg_database d on d.oid = l.database and d.datname = current_database()
     where l.locktype = 'relation' and l.pid <> pg_backend_pid()
       -- Reading the last value takes ROW EXCLUSIVE.
       and l.mode in ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
  ), fed as materialized (
    select d.objid as seq, d.refobjid as relid, d.refobjsubid as attnum
      from pg_depend d
     where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and d.refobjsubid > 0
     union
    select d.refobjid, f.adrelid, f.adnum
      from pg_depend d
      join pg_attrdef f on f.oid = d.objid
     where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype = 'n'
  ), col as materialized (
    select f.seq, string_agg(format('%I.%I.%I', n.nspname, c.relname, a.attname), ', ' order by n.nspname, c.relname, a.attname) as columns,
           min(t.most) as most
      from fed f
      join pg_class c on c.oid = f.relid
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = f.relid and a.attnum = f.attnum
      join pg_type y on y.oid = a.atttypid
     cross join lateral (
       select case coalesce(nullif(y.typbasetype, 0), y.oid) when 'int2'::regtype then 32767::bigint when 'int4'::regtype then 2147483647 end as most) t
     group by f.seq
  ), s as (
    select n.nspname, c.relname, q.*, col.columns, u.reason,
           case when q.seqincrement > 0 then least(q.seqmax, col.most) else greatest(q.seqmin, -col.most - 1) end as top,
           case when u.reason is null then pg_sequence_last_value(c.oid) end as last
      from pg_sequence q
      join pg_class c on c.oid = q.seqrelid and c.relpersistence <> 't'
      join pg_namespace n on n.oid = c.relnamespace
      left join col on col.seq = c.oid
     cross join lateral (
       select case when c.oid in (select k.relation from k) then 'locked'
                   when not has_sequence_privilege(c.oid, 'SELECT, USAGE') then format('%I may not read it: grant select', current_user)
                   when c.relpersistence = 'u' and pg_is_in_recovery() then 'unlogged, so unknown on a standby' end as reason) u
  )
  select s.nspname, s.relname, s.columns, s.last, s.seqincrement, s.top,
         case when s.top = case when s.seqincrement > 0 then s.seqmax else s.seqmin end then 'sequence' else 'column' end,
         case when s.reason is null then least(greatest(trunc((s.top::numeric - v.at) / s.seqincrement), 0), 9223372036854775807)::bigint end,
         case when s.reason is null then
           (case when s.seqincrement > 0 then (v.at - b.first + s.seqincrement) / (s.top::numeric - b.first + s.seqincrement)
                 else (b.first - v.at - s.seqincrement) / (b.first - s.top::numeric - s.seqincrement) end)::float8 end,
         s.seqcycle, s.reason
    from s
   -- One that was never used is about to give its start value.
   cross join lateral (select coalesce(s.last::numeric, s.seqstart::numeric - s.seqincrement) as at) v
   cross join lateral (select case when s.seqincrement > 0 then least(s.seqmin, 1) else greatest(s.seqmax, -1) end::numeric as first) b
   order by 9 desc nulls last, s.nspname, s.relname
$$;
comment on function pgvigil.sequence_headroom() is
'Per sequence: values left until nextval() fails, or the column that it feeds overflows (an integer column fed by a bigint sequence), whichever comes first; used_ratio is the part already handed out. Sequences with cycles start over instead. NULL with the reason where the installing role may not read it or somebody locks it.';

revoke all on function pgvigil.freeze_headroom(), pgvigil.sequence_headroom() from public;
grant execute on function pgvigil.freeze_headroom(), pgvigil.sequence_headroom() to pgvigil_monitor, pgvigil_maintain;
