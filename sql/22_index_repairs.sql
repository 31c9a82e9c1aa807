-- Indexes that should be there and are not: missing under a foreign key, or left unusable.

-- Deleting a row, or changing its key, looks for it in every table that refers to it.
create or replace function pgvigil.unindexed_foreign_keys(min_bytes bigint)
returns table (indrelid oid, size_bytes bigint, verdict text, reason text, do_statement text, undo_statement text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive c as materialized (
    select c.oid, c.conname, c.conrelid, c.confrelid, c.conkey, cardinality(c.conkey) as n
      from pg_constraint c
     where c.contype = 'f' and c.conparentid = 0
  ), best as materialized (
    -- How many leading columns of an index are columns of the key, at best. A predicate that only leaves out NULL
    -- does no harm: nobody refers to a row by NULL.
    select c.oid, max(k.covered) as covered
      from c
      join pg_index x on x.indrelid = c.conrelid and x.indisvalid
      join pg_class i on i.oid = x.indexrelid
      join pg_am m on m.oid = i.relam and m.amname in ('btree', 'hash')
     cross join lateral (
       select coalesce(min(p.p) filter (where a.attnum is null) - 1, max(p.p)) as covered
         from generate_series(1, least(c.n, x.indnkeyatts)) p (p)
         left join pg_attribute a on a.attrelid = c.conrelid and a.attnum = (x.indkey::int2[])[p.p - 1]
          and a.attnum = any (c.conkey) and a.attcollation = (x.indcollation::oid[])[p.p - 1]) k
     where x.indpred is null
        or substring(x.indpred::text from '^{NULLTEST :arg {VAR :varno 1 :varattno ([0-9]+) [^{}]*} :nulltesttype 1 [^{}]*}$')::int2
           = any (c.conkey)
     group by c.oid
  ), missing as materialized (
    select c.*, coalesce(b.covered, 0) as covered from c left join best b on b.oid = c.oid where coalesce(b.covered, 0) < c.n
  ), tree as (
    select s.referring, m.oid as con, s.relid, null::oid as parent, 0 as level
      from missing m, lateral (values (true, m.conrelid), (false, m.confrelid)) s (referring, relid)
     union all
    select t.referring, t.con, i.inhrelid, t.relid, t.level + 1 from tree t join pg_inherits i on i.inhparent = t.relid
  ), l as materialized (
    select l.oid from pgvigil.locked_relations() l (oid)
  ), z as materialized (
    select t.con,
           sum(case when r.oid in (select l.oid from l) then r.relpages * current_setting('block_size')::bigint
                    else pg_relation_size(r.oid) end) filter (where t.referring)::bigint as size_bytes,
           sum(s.n_tup_del) filter (where not t.referring) as deleted, sum(s.n_tup_upd) filter (where not t.referring) as updated
      from tree t
      join pg_class r on r.oid = t.relid and r.relkind in ('r', 'p')
      left join pg_stat_all_tables s on s.relid = t.relid
     group by t.con
  ), q as materialized (
    select m.*, z.size_bytes, coalesce(z.deleted, 0) as deleted, coalesce(z.updated, 0) as updated,
           (select string_agg(quote_ident(a.attname), ', ' order by k.o)
              from unnest(m.conkey) with ordinality k (attnum, o)
              join pg_attribute a on a.attrelid = m.conrelid and a.attnum = k.attnum) as columns
      from missing m
      join z on z.con = m.oid and z.size_bytes >= min_bytes
  ), steps as (
    -- On the partitioned table itself CREATE INDEX would lock all partitions while it builds.
    select q.oid, t.level, t.relid, r.relkind, format('%I.%I', n.nspname, x.name) as index_name,
           format(case r.relkind when 'p' then 'CREATE INDEX %I ON ONLY %I.%I (%s);' else 'CREATE INDEX CONCURRENTLY %I ON %I.%I (%s);' end,
                  x.name, n.nspname, r.relname, q.columns) as build,
           (select format('ALTER INDEX %I.%I ATTACH PARTITION %I.%I;', pn.nspname, left(q.conname, 36) || '_' || q.oid || '_' || p.oid, n.nspname, x.name)
              from pg_class p join pg_namespace pn on pn.oid = p.relnamespace where p.oid = t.parent) as attach
      from q
      join tree t on t.con = q.oid and t.referring
      join pg_class r on r.oid = t.relid and r.relkind in ('r', 'p')
      join pg_namespace n on n.oid = r.relnamespace
     cross join lateral (select left(q.conname, 36) || '_' || q.oid || '_' || r.oid as name) x
  )
  select q.conrelid, q.size_bytes,
         case when q.deleted > 0 and q.covered = 0 then 'create' else 'review' end,
         format('foreign key %s (%s): %s; %s rows of %s were deleted and %s updated since the counters began', q.conname, q.columns,
                case q.covered when 0 then 'no index begins with its columns'
                               else format('an index begins with %s of its %s columns', q.covered, q.n) end,
                q.deleted, q.confrelid::regclass, q.updated),
         (select string_agg(s.build, e'\n' order by s.level, s.relid) from steps s where s.oid = q.oid)
           || coalesce(e'\n' || (select string_agg(s.attach, e'\n' order by s.level desc, s.relid) from steps s where s.oid = q.oid), ''),
         (select format('DROP INDEX %s%s;', case s.relkind when 'r' then 'CONCURRENTLY ' else '' end, s.index_name)
            from steps s where s.oid = q.oid and s.level = 0)
    from q
$$;
comment on function pgvigil.unindexed_foreign_keys(bigint) is
'Foreign keys of tables of at least min_bytes whose columns, in any order, no valid B-tree index begins with; a partitioned table once. create: rows of the table it refers to are being deleted. review: they were not, or an index covers a part.';

-- A failed or cancelled CONCURRENTLY leaves an index that every write maintains and no query uses.
create or replace function pgvigil.invalid_indexes()
returns table (indexrelid oid, verdict text, reason text, do_statement text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with f as materialized (
    select f.*, x.indisunique, format('%I.%I', f.schemaname, f.indexrelname) as name, substring(f.indexrelname from '^(.*)_ccnew[0-9]*$') as original
      from pgvigil.index_facts() f
      join pg_index x on x.indexrelid = f.indexrelid
     where not f.valid
       and not exists (select from pg_stat_progress_create_index p
                        where p.datname = current_database() and (p.index_relid = f.indexrelid or p.relid = f.indrelid))
  )
  select f.indexrelid,
         case when f.partitioned then 'review' when f.original is not null or f.indexrelname ~ '_ccold[0-9]*$' then 'safe to drop'
              else 'rebuild' end,
         case when f.partitioned then
                'not every partition has it: build it there and attach it'
              when f.original is not null then
                format('left by a REINDEX CONCURRENTLY that failed: drop it, then repeat REINDEX INDEX CONCURRENTLY %I.%I', f.schemaname, f.original)
              when f.indexrelname ~ '_ccold[0-9]*$' then
                'the old one of a REINDEX CONCURRENTLY that was done but for dropping it'
              else concat('left by a CREATE INDEX CONCURRENTLY, or a DROP, that failed: build it again, or drop it',
                          case when f.indisunique then '; it already refuses duplicates, and existing ones may be why it failed' end) end,
         case when f.partitioned then null
              when f.original is not null or f.indexrelname ~ '_ccold[0-9]*$' then format('DROP INDEX CONCURRENTLY %s;', f.name)
              else format('REINDEX INDEX CONCURRENTLY %s;', f.name) end
    from f
$$;
comment on function pgvigil.invalid_indexes() is
'Indexes that cost writes and serve no query, TOAST tables included; not while an index of that table is being built.';

revoke all on function pgvigil.unindexed_foreign_keys(bigint), pgvigil.invalid_indexes() from public;
grant execute on function pgvigil.unindexed_foreign_keys(bigint), pgvigil.invalid_indexes() to pgvigil_monitor, pgvigil_maintain;
