-- What is known about every index of the database: the ground under the findings of 21 and 22.

-- Whoever asks for the size of such a relation waits; whoever asks behind a waiting request waits too.
create or replace function pgvigil.locked_relations() returns setof oid
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select distinct l.relation
    from pg_locks l
    join pg_database d on d.oid = l.database and d.datname = current_database()
   where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.pid <> pg_backend_pid()
$$;
comment on function pgvigil.locked_relations() is
'Relations of this database that another session holds, or waits to hold, in ACCESS EXCLUSIVE mode.';

-- A crash, a restored copy and pg_upgrade lose the counters of tables and indexes without leaving a date in
-- pg_stat_database; but they date the server-wide counters anew, all at once. A reset by hand dates only one of them.
create or replace function pgvigil.statistics_window()
returns table (since timestamptz, seconds double precision, other_servers text[])
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select w.since, extract(epoch from clock_timestamp() - w.since)::float8,
         array(select format('replication slot %s', s.slot_name) from pg_replication_slots s where s.slot_type = 'physical'
                union all
               select format('standby %s', coalesce(nullif(r.application_name, ''), r.pid::text))
                 from pg_stat_replication r
                where r.application_name not in ('pg_basebackup', 'pg_receivewal')
                  and r.pid not in (select s.active_pid from pg_replication_slots s where s.active_pid is not null)
                union all
               select 'its primary' where pg_is_in_recovery()
                order by 1)
    from (select greatest(d.stats_reset, least(a.stats_reset, b.stats_reset)) as since
            from pg_stat_database d, pg_stat_archiver a, pg_stat_bgwriter b
           where d.datname = current_database()) w
$$;
comment on function pgvigil.statistics_window() is
'Since when the counters of this database''s tables and indexes count at the latest, and the servers that count their own reads. A standby that is fed from an archive only is not seen.';

-- An index of a partition that is attached to a partitioned one cannot be dropped by itself: root is what can be.
create or replace function pgvigil.index_facts()
returns table (
  indexrelid   oid,
  indrelid     oid,
  root         oid,
  level        integer,
  parent       oid,
  schemaname   name,
  relname      name,
  indexrelname name,
  partitioned  boolean,
  valid        boolean,
  locked       boolean,
  relpages     integer,
  scans        bigint,
  guards       text[])
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive tree as (
    select i.inhrelid, i.inhparent, i.inhparent as root, 1 as level
      from pg_inherits i
      join pg_class c on c.oid = i.inhparent and c.relkind = 'I'
     where not exists (select from pg_inherits p where p.inhrelid = i.inhparent)
     union all
    select i.inhrelid, i.inhparent, t.root, t.level + 1
      from tree t
      join pg_inherits i on i.inhparent = t.inhrelid
  ), locked as materialized (
    select l.oid from pgvigil.locked_relations() l (oid)
  ), k as materialized (
    select c.conindid, min(c.contype::text) as contype
      from pg_constraint c
     where c.conindid <> 0 and c.contype in ('p', 'u', 'x')
     group by c.conindid
  ), f as materialized (
    select c.oid, c.conrelid, c.conkey, cardinality(c.conkey) as n from pg_constraint c where c.contype = 'f'
  ), supports as materialized (
    -- The foreign keys that only this index serves.
    select min(x.indexrelid::bigint)::oid as indexrelid
      from f
      join pg_index x on x.indrelid = f.conrelid and x.indisvalid and x.indpred is null
       and (x.indkey::int2[])[0:f.n - 1] @> f.conkey and (x.indkey::int2[])[0:f.n - 1] <@ f.conkey
     group by f.oid
    having count(*) = 1
  ), e as materialized (
    select d.objid from pg_depend d where d.classid = 'pg_class'::regclass and d.deptype = 'e'
  )
  select x.indexrelid, x.indrelid, coalesce(t.root, x.indexrelid), coalesce(t.level, 0), t.inhparent,
         n.nspname, r.relname, i.relname, i.relkind = 'I', x.indisvalid and x.indisready and x.indislive,
         x.indexrelid in (select l.oid from locked l) or x.indrelid in (select l.oid from locked l), i.relpages, s.idx_scan,
         array_remove(array[
           case k.contype when 'p' then 'primary key' when 'u' then 'unique constraint' when 'x' then 'exclusion constraint' end,
           case when x.indisunique and k.contype is null then 'unique' end,
           case when x.indisreplident then 'replica identity' end,
           case when x.indisclustered then 'clustered' end,
           case when x.indexrelid in (select o.indexrelid from supports o) then 'foreign key' end,
           case when x.indrelid in (select e.objid from e) then 'extension' end,
           case when x.indpred is not null then 'partial' end,
           case when x.indexprs is not null then 'expression' end], null)
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
    join pg_class r on r.oid = x.indrelid
    join pg_namespace n on n.oid = r.relnamespace
    left join tree t on t.inhrelid = x.indexrelid
    left join k on k.conindid = x.indexrelid
    left join pg_stat_all_indexes s on s.indexrelid = x.indexrelid
   where n.nspname not in ('pg_catalog', 'information_schema') and r.relpersistence <> 't'
     and (n.nspname <> 'pg_toast' or not x.indisvalid)
$$;
comment on function pgvigil.index_facts() is
'One row per index of the users'' tables: its counters on this server, its pages as last counted by VACUUM or ANALYZE, and guards: what it is for besides being scanned. root is the partitioned index it belongs to, or itself.';

-- pg_get_indexdef leaves out the tablespace, the comment, the statistics targets and what else is said about an index.
create or replace function pgvigil.index_undo(indexes oid[])
returns table (indexrelid oid, statements text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive tree as (
    select i.i as root, i.i as oid, null::oid as parent, 0 as level from unnest(indexes) i (i)
     union all
    select t.root, i.inhrelid, i.inhparent, t.level + 1 from tree t join pg_inherits i on i.inhparent = t.oid
  ), k as materialized (
    -- pg_get_indexdef opens the table.
    select t.root from tree t join pg_index x on x.indexrelid = t.oid
     where x.indrelid in (select pgvigil.locked_relations())
  ), m as materialized (
    select t.root, t.level, t.parent, c.oid, c.relname, c.reltablespace, x.indrelid, x.indisclustered,
           format('%I.%I', n.nspname, c.relname) as name, format('%I.%I', n.nspname, r.relname) as table_name,
           -- CONCURRENTLY cannot build on a partitioned table; pg_get_indexdef says ON ONLY there.
           regexp_replace(pg_get_indexdef(c.oid), '^CREATE (UNIQUE )?INDEX ',
             case c.relkind when 'I' then 'CREATE \1INDEX ' else 'CREATE \1INDEX CONCURRENTLY ' end) as definition
      from tree t
      join pg_class c on c.oid = t.oid
      join pg_index x on x.indexrelid = c.oid
      join pg_class r on r.oid = x.indrelid
      join pg_namespace n on n.oid = c.relnamespace
     where t.root not in (select k.root from k)
  ), s as (
    select m.root, 1 as step, m.level, m.name, 1 as part,
           case when ts.spcname is null then m.definition
                else format(e'SET default_tablespace = %L;\n%s;\nRESET default_tablespace', ts.spcname, m.definition) end as sql
      from m left join pg_tablespace ts on ts.oid = m.reltablespace
     union all
    select m.root, 2, -m.level, m.name, 1, format('ALTER INDEX %s ATTACH PARTITION %s', p.name, m.name)
      from m join m p on p.root = m.root and p.oid = m.parent
     union all
    select m.root, 3, m.level, m.name, a.attnum, format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', m.name, a.attnum, a.attstattarget)
      from m join pg_attribute a on a.attrelid = m.oid and a.attstattarget >= 0
     union all
    select m.root, 3, m.level, m.name, 0, format('COMMENT ON INDEX %s IS %L', m.name, obj_description(m.oid, 'pg_class'))
      from m where obj_description(m.oid, 'pg_class') is not null
     union all
    select m.root, 4, m.level, m.name, 1, format('ALTER TABLE %s CLUSTER ON %I', m.table_name, m.relname) from m where m.indisclustered
     union all
    select m.root, 4, m.level, m.name, 0,
           format('ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX %I%s%s', m.table_name, c.conname,
                  case c.contype when 'p' then 'PRIMARY KEY' else 'UNIQUE' end, m.relname,
                  case when c.condeferrable then ' DEFERRABLE' else '' end,
                  case when c.condeferred then ' INITIALLY DEFERRED' else '' end)
      from m join pg_constraint c on c.conindid = m.oid and c.contype in ('p', 'u') and m.level = 0
     union all
    -- An index on an expression is also what the planner knows of that expression; only ANALYZE brings that back.
    select m.root, 5, m.level, m.name, 1, format('ANALYZE %s', m.table_name)
      from m join pg_index x on x.indexrelid = m.oid and x.indexprs is not null
     where m.level = 0
  )
  select s.root, string_agg(s.sql, e';\n' order by s.step, s.level, s.name, s.part) || ';' from s group by s.root
$$;
comment on function pgvigil.index_undo(oid[]) is
'For each of these indexes, statements that bring it back as it is: definition, tablespace, partitions, statistics targets, comment, CLUSTER mark, constraint; none for one whose table is locked. Each is to be sent by itself: CONCURRENTLY cannot be in a transaction.';

revoke all on function pgvigil.locked_relations(), pgvigil.statistics_window(), pgvigil.index_facts(), pgvigil.index_undo(oid[])
  from public;
grant execute on function pgvigil.locked_relations(), pgvigil.statistics_window(), pgvigil.index_facts(), pgvigil.index_undo(oid[])
  to pgvigil_monitor, pgvigil_maintain;
