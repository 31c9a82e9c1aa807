-- What the indexes of a database are worth: the findings of 21 and 22 in one list, each with what to do and how to undo it.

create or replace function pgvigil.check_index_usage(
  min_days  double precision default 7,
  min_bytes bigint default 1048576,
  kept      boolean default true)
returns table (
  kind           text,
  schemaname     name,
  relname        name,
  indexrelname   name,
  size_bytes     bigint,
  scans          bigint,
  last_idx_scan  timestamptz,
  window_seconds double precision,
  verdict        text,
  reason         text,
  guards         text[],
  do_statement   text,
  undo_statement text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not coalesce(min_days >= 0 and min_bytes >= 0 and kept is not null, false) then
    raise exception 'min_days and min_bytes must be 0 or more, kept true or false' using errcode = 'invalid_parameter_value';
  end if;
  return query
  with r as materialized (
    select r.* from pgvigil.redundant_indexes() r
  ), u as materialized (
    select u.* from pgvigil.unused_indexes(min_days, min_bytes) u
  ), w as materialized (
    select w.seconds from pgvigil.statistics_window() w
  ), found as (
    select r.kind, null::oid as tableid, r.indexrelid, r.scans, null::timestamptz as last_scan, w.seconds, r.verdict, r.reason,
           null::text as cure, null::text as undo, null::bigint as bytes
      from r, w
     union all
    -- Of two indexes that do the same, the planner may use the one and never the other: not both may go.
    select u.kind, null, u.indexrelid, u.scans, u.last_idx_scan, u.window_seconds,
           case when c.scans > 0 then 'keep' else u.verdict end,
           case when c.scans > 0 then 'it stands in for an index that is scanned and reported here as duplicate or redundant'
                else u.reason end,
           null, null, null
      from u
      left join (select r.kept, max(r.scans) as scans from r group by r.kept) c on c.kept = u.indexrelid
     where u.indexrelid not in (select r.indexrelid from r)
     union all
    select 'missing_fk', m.indrelid, null, null, null, w.seconds, m.verdict, m.reason, m.do_statement, m.undo_statement, m.size_bytes
      from pgvigil.unindexed_foreign_keys(min_bytes) m, w
     union all
    select 'invalid', null, i.indexrelid, null, null, null, i.verdict, i.reason, i.do_statement, null, null
      from pgvigil.invalid_indexes() i
  ), x as materialized (
    select f.indexrelid, f.root, f.guards, f.partitioned, f.locked from pgvigil.index_facts() f
  ), s as materialized (
    -- Asked for what is reported only: the server has to open each of them.
    select x.root, sum(pg_relation_size(x.indexrelid))::bigint as size_bytes
      from x
     where x.root in (select f.indexrelid from found f where kept or f.verdict <> 'keep')
       and not exists (select from x l where l.root = x.root and l.locked)
     group by x.root
  ), d as materialized (
    select d.indexrelid, d.statements from pgvigil.index_undo(
      array(select f.indexrelid from found f where f.verdict <> 'keep' and f.indexrelid is not null)) d
  )
  select f.kind, n.nspname, t.relname, i.relname, coalesce(f.bytes, s.size_bytes), f.scans, f.last_scan, f.seconds, f.verdict,
         f.reason || case when x.locked then '; somebody locks the table: size and statements are unknown now' else '' end, x.guards,
         coalesce(f.cure,
           case when d.statements is null or f.kind = 'invalid' then null
                when c.conname is not null then format('ALTER TABLE %I.%I DROP CONSTRAINT %I;', n.nspname, t.relname, c.conname)
                -- The only form there is for a partitioned index; it locks the table and all partitions for a moment.
                when x.partitioned then format('DROP INDEX %I.%I;', n.nspname, i.relname)
                else format('DROP INDEX CONCURRENTLY %I.%I;', n.nspname, i.relname) end),
         coalesce(f.undo, d.statements)
    from found f
    left join x on x.indexrelid = f.indexrelid
    left join s on s.root = f.indexrelid
    left join d on d.indexrelid = f.indexrelid
    left join pg_index ix on ix.indexrelid = f.indexrelid
    left join pg_class i on i.oid = f.indexrelid
    join pg_class t on t.oid = coalesce(f.tableid, ix.indrelid)
    join pg_namespace n on n.oid = t.relnamespace
    left join pg_constraint c on c.conindid = f.indexrelid and c.contype = 'u'
   where kept or f.verdict <> 'keep'
   order by array_position('{rebuild,safe to drop,create,check age first,check standbys first,review,insufficient,keep}', f.verdict),
            coalesce(f.bytes, s.size_bytes) desc nulls last, n.nspname, t.relname, i.relname;
end
$$;
comment on function pgvigil.check_index_usage(double precision, bigint, boolean) is
'Findings about indexes, most certain and largest first. kind: unused, rarely_used, duplicate, redundant, missing_fk, invalid. verdict: safe to drop, check age first, check standbys first, insufficient (counters younger than min_days), review, create, rebuild, keep (left out with kept => false). Sizes in bytes; while the table is locked they and the statements are NULL; unused ones and tables under min_bytes are left out. undo_statement brings back what do_statement takes; send their statements one by one, outside a transaction.';

revoke all on function pgvigil.check_index_usage(double precision, bigint, boolean) from public;
grant execute on function pgvigil.check_index_usage(double precision, bigint, boolean) to pgvigil_monitor, pgvigil_maintain;
