-- Space in tables that a rewrite would give back: measured where pgstattuple is and the budget allows, else estimated.

-- SECURITY DEFINER because pg_stats shows nobody the columns that he may not read. Only sizes come out.
create or replace function pgvigil.table_estimates(min_bytes bigint)
returns table (relid oid, size_bytes bigint, expected_bytes double precision, row_bytes double precision, varying boolean, reason text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  with l as materialized (
    select l.oid from pgvigil.locked_relations() l (oid)
  ), c as materialized (
    select c.oid, c.relname, n.nspname, c.relkind, c.reltuples, s.size_bytes, c.oid in (select l.oid from l) as locked, c.relpages,
           coalesce((select o.option_value::integer from pg_options_to_table(c.reloptions) o where o.option_name = 'fillfactor'), 100) as fillfactor
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     cross join lateral (
       select case when c.oid not in (select l.oid from l) then pg_relation_size(c.oid) end as size_bytes) s
     where c.relkind in ('r', 'm', 't') and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema')
       and c.relnamespace not in (select i.oid from pg_namespace i where i.nspname ~ '^pg_toast_temp_')
       and (s.size_bytes >= min_bytes or s.size_bytes is null and c.relpages * 8192::bigint >= min_bytes)
  ), a as (
    select c.oid, count(*) as columns, count(*) filter (where not a.attisdropped and s.avg_width is null) as unknown,
           array_agg(a.attlen order by a.attnum) as lens, array_agg(a.attalign::text order by a.attnum) as aligns,
           array_agg(pgvigil.sample_widths(a.attlen, case when a.attisdropped then 1 else s.null_frac end, s.avg_width,
                       case when t.text then s.most_common_vals::text end, case when t.text then s.most_common_freqs end,
                       case when t.text then s.histogram_bounds::text end,
                       -- Odd and not a multiple of 5: steps that visit all hundred rows.
                       (array[1, 3, 7, 9, 11, 13, 17, 19, 21, 23, 27, 29, 31, 33, 37, 39])[a.attnum % 16 + 1]) order by a.attnum) as widths
      from c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      left join pg_type y on y.oid = a.atttypid
     cross join lateral (select a.attlen = -1 and coalesce(y.typcategory = 'S', false) as text) t
      left join pg_stats s on s.schemaname = c.nspname and s.tablename = c.relname and s.attname = a.attname and not s.inherited
     where c.relkind <> 't' and not c.locked and c.reltuples > 0
     group by c.oid
  ), r as (
    select a.oid, z.bytes + 4 as bytes, z.varying
      from a
     cross join lateral (
       select avg(z.size)::float8 as bytes, min(z.size) < max(z.size) as varying
         from unnest(pgvigil.row_sizes(24, ((23 + (a.columns + 7) / 8 + 7) & ~7)::integer, a.lens, a.aligns, a.widths)) z (size)) z
     where a.unknown = 0
  )
  select c.oid, c.size_bytes,
         case when x.reason is null then
           ceil(c.reltuples / pgvigil.items_per_page(r.bytes, 8168 - 8192 * (100 - c.fillfactor) / 100, r.varying)) * 8192
         end, case when x.reason is null then r.bytes end, r.varying, x.reason
    from c
    left join a on a.oid = c.oid
    left join r on r.oid = c.oid
    left join pg_stat_all_tables s on s.relid = c.oid
   cross join lateral (
     select case when c.locked then 'locked'
                 when current_setting('block_size') <> '8192' then 'estimated for blocks of 8192 bytes only'
                 when c.relkind = 't' then 'not estimated: TOAST has no statistics'
                 when c.reltuples < 0 then 'never analysed'
                 when c.reltuples = 0 then case when s.n_live_tup > 0 then 'analysed while it was empty' end
                 when a.unknown > 0 then
                   format('no statistics of %s columns that %I may read: never analysed, or it needs SELECT', a.unknown, current_user)
                 when s.n_mod_since_analyze > 1000 + 0.2 * c.reltuples then format('%s rows changed since the last ANALYZE', s.n_mod_since_analyze)
                 end as reason) x
$$;
comment on function pgvigil.table_estimates(bigint) is
'For each table and TOAST table of at least min_bytes: its size, and what it would have if it were rewritten, from the planner''s statistics; or the reason why that is not known.';

create or replace function pgvigil.table_bloat(page_budget bigint default 32768, min_bytes bigint default 1048576)
returns table (
  schemaname   name,
  relname      name,
  part         text,
  size_bytes   bigint,
  bloat_bytes  bigint,
  bloat_ratio  double precision,
  method       text,
  pages_read   bigint,
  reason       text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  measure text := pgvigil.measuring_function('pgstattuple_approx');
  budget  bigint := page_budget;
  t       record;
begin
  if not coalesce(page_budget >= 0 and min_bytes >= 0, false) then
    raise exception 'page_budget and min_bytes must be 0 or more' using errcode = 'invalid_parameter_value';
  end if;
  for t in
    select n.nspname, o.relname, case c.relkind when 't' then 'toast' else 'table' end as part, e.*, c.oid,
           -- Pages that are known to hold nothing dead are not read: the free space map knows their free space.
           greatest(e.size_bytes / current_setting('block_size')::bigint - c.relallvisible, 0) + 1 as cost,
           coalesce((select v.option_value::integer from pg_options_to_table(c.reloptions) v where v.option_name = 'fillfactor'), 100) as fillfactor
      from pgvigil.table_estimates(min_bytes) e
      join pg_class c on c.oid = e.relid
      join pg_class o on case c.relkind when 't' then o.reltoastrelid = c.oid else o.oid = c.oid end
      join pg_namespace n on n.oid = o.relnamespace
     order by e.size_bytes - coalesce(e.expected_bytes, 0) desc nulls last, e.relid
  loop
    schemaname := t.nspname; relname := t.relname; part := t.part; size_bytes := t.size_bytes;
    method := case when t.expected_bytes is not null then 'estimate' end;
    pages_read := 0; reason := t.reason;
    if measure is not null and t.size_bytes is not null and t.cost <= budget then
      begin
        -- What is not free is rows, their line pointers, and what no rewrite would keep: pointers of rows that are gone,
        -- values of dropped columns. Hence no more for a row than it should take.
        execute format(
          $q$ select m.table_len, case when m.approx_tuple_count < 1 then 0 else ceil(
                       m.approx_tuple_count / pgvigil.items_per_page(
                         least(((m.table_len - m.approx_free_space - m.dead_tuple_len - m.table_len / 8192 * 24) / m.approx_tuple_count)::float8, $4),
                         8168 - 8192 * (100 - $2) / 100, $3)) * 8192 end
                from %s($1) m $q$, measure)
          into size_bytes, t.expected_bytes using t.oid::regclass, t.fillfactor, coalesce(t.varying, true), t.row_bytes;
        method := 'pgstattuple_approx'; pages_read := t.cost; reason := null;
        budget := budget - t.cost;
      exception when lock_not_available then
        reason := 'locked'; method := null; t.expected_bytes := null;
      when undefined_table then
        continue;
      end;
    end if;
    if method = 'estimate' and t.expected_bytes > 1.1 * size_bytes then
      reason := 'the estimate exceeds its size: the statistics do not describe its rows';
      method := null; t.expected_bytes := null;
    end if;
    -- greatest() passes over NULL, and unknown is not 0.
    bloat_bytes := case when t.expected_bytes is not null then greatest(size_bytes - t.expected_bytes, 0) end;
    bloat_ratio := bloat_bytes / nullif(size_bytes, 0)::float8;
    return next;
  end loop;
end
$$;
comment on function pgvigil.table_bloat(bigint, bigint) is
'Bytes that rewriting a table (VACUUM FULL) would give back, TOAST apart, tables of at least min_bytes. method: pgstattuple_approx for the largest suspects, as long as page_budget pages are not read up, else estimate; NULL with the reason when neither is to be had. Nothing waits for a lock: a locked table has reason locked.';

revoke all on function pgvigil.table_estimates(bigint), pgvigil.table_bloat(bigint, bigint) from public;
grant execute on function pgvigil.table_estimates(bigint), pgvigil.table_bloat(bigint, bigint) to pgvigil_monitor, pgvigil_maintain;
