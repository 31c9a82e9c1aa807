-- Space in indexes that REINDEX would give back: measured where pgstattuple is and the budget allows, else estimated.

-- Rows with equal keys, by how many they are: NULL is one group, each common value is one, the others share the rest
-- evenly.
create or replace function pgvigil.key_groups(entries double precision, keys double precision, nulls double precision, freqs real[],
                                              bytes double precision)
returns table (groups double precision, group_rows double precision, item double precision)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  with m as (
    select f.f * entries as group_rows from unnest(freqs) f (f)
  ), r as (
    select greatest(entries * (1 - nulls) - coalesce(sum(m.group_rows), 0), 0) as rows, greatest(keys - count(m.group_rows), 1) as groups
      from m
  )
  select 1, nulls * entries, 16 where nulls > 0
   union all
  select 1, m.group_rows, bytes from m
   union all
  select least(r.groups, r.rows), r.rows / least(r.groups, r.rows), bytes from r where r.rows >= 1
$$;
comment on function pgvigil.key_groups(double precision, double precision, double precision, real[], double precision) is
'Groups of rows with equal keys in an index, from the statistics of its columns.';

-- SECURITY DEFINER because pg_stats shows nobody the columns that he may not read. Only sizes come out.
create or replace function pgvigil.index_estimates(min_bytes bigint)
returns table (indexrelid oid, indrelid oid, amname name, size_bytes bigint, expected_bytes double precision, fillfactor integer,
               reason text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  with l as materialized (
    select l.oid from pgvigil.locked_relations() l (oid)
  ), c as materialized (
    select i.*, c.relname, c.reltuples, m.amname, n.nspname, t.relname as tablename, w.locked, s.size_bytes,
           -- ANALYZE counts the rows of the table; only of a partial index has VACUUM or ANALYZE a count of its own.
           case when i.indpred is null and t.reltuples >= 0 then t.reltuples else c.reltuples end::float8 as entries,
           coalesce((select o.option_value::integer from pg_options_to_table(c.reloptions) o where o.option_name = 'fillfactor'), 90) as fillfactor,
           i.indnatts = i.indnkeyatts and not i.indisunique
             and coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) o where o.option_name = 'deduplicate_items'), true)
             -- Equal and yet different values (2.0 and 2.00) cannot share an entry. Support function 4 says of an
             -- operator class whether it has such; for text it depends on the collation.
             and not exists (
               select from unnest(i.indclass::oid[], i.indcollation::oid[]) k (opclass, coll)
                 join pg_opclass o on o.oid = k.opclass
                 left join pg_amproc p on p.amprocfamily = o.opcfamily and p.amproclefttype = o.opcintype
                  and p.amprocrighttype = o.opcintype and p.amprocnum = 4
                 left join pg_collation g on g.oid = k.coll
                where p.amproc is null or not coalesce(g.collisdeterministic, true)) as deduplicates
      from pg_index i
      join pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
      join pg_am m on m.oid = c.relam
      join pg_class t on t.oid = i.indrelid and t.relpersistence <> 't'
      join pg_namespace n on n.oid = t.relnamespace and n.nspname not in ('pg_catalog', 'information_schema')
     cross join lateral (
       select c.oid in (select l.oid from l) or t.oid in (select l.oid from l) as locked) w
     cross join lateral (select case when not w.locked then pg_relation_size(c.oid) end as size_bytes) s
     where s.size_bytes >= min_bytes or w.locked and c.relpages * 8192::bigint >= min_bytes
  ), a as (
    select c.indexrelid, count(*) filter (where s.avg_width is null) as unknown,
           array_agg(a.attlen order by a.attnum) as lens, array_agg(a.attalign::text order by a.attnum) as aligns,
           array_agg(pgvigil.sample_widths(a.attlen, s.null_frac,
                       -- ANALYZE measures what an expression returns: with the long header, which no short value keeps.
                       s.avg_width - case when k.attnum = 0 and a.attlen = -1 and s.avg_width between 5 and 130 then 3 else 0 end,
                       case when k.text then s.most_common_vals::text end, case when k.text then s.most_common_freqs end,
                       case when k.text then s.histogram_bounds::text end, (array[1, 3, 7, 9, 11, 13, 17, 19])[a.attnum % 8 + 1])
                     order by a.attnum) as widths,
           -- Of several columns: as many different keys as their product, unless somebody counted.
           exp(sum(ln(greatest(case when s.n_distinct < 0 then -s.n_distinct * c.entries else s.n_distinct end, 1)))
               filter (where a.attnum <= c.indnkeyatts))
             as keys,
           min(s.null_frac) filter (where a.attnum = 1) as nulls, min(s.most_common_freqs::text) filter (where a.attnum = 1) as freqs
      from c
      join pg_attribute a on a.attrelid = c.indexrelid
      left join pg_type y on y.oid = a.atttypid
     cross join lateral (
       select a.attlen = -1 and coalesce(y.typcategory = 'S', false) as text, (c.indkey::int2[])[a.attnum - 1] as attnum) k
      left join pg_attribute o on o.attrelid = c.indrelid and o.attnum = k.attnum and k.attnum <> 0
      left join pg_stats s on s.schemaname = c.nspname and not s.inherited
       and s.tablename = case k.attnum when 0 then c.relname else c.tablename end
       and s.attname = case k.attnum when 0 then a.attname else o.attname end
     where c.amname = 'btree' and c.entries > 0 and not c.locked and c.nspname <> 'pg_toast'
     group by c.indexrelid
  )
  select c.indexrelid, c.indrelid, c.amname, c.size_bytes,
         case when x.reason is null and c.entries = 0 then 8192
              when x.reason is null then (1 + p.leaves + p.inner_pages) * 8192 end,
         c.fillfactor, x.reason
    from c
    left join a on a.indexrelid = c.indexrelid
    left join pg_stat_all_tables s on s.relid = c.indrelid
    left join lateral (
      select coalesce(avg(z.size)::float8, 16) as bytes, coalesce(min(z.size) < max(z.size), false) as varying
        from unnest(pgvigil.row_sizes(8, 16, a.lens, a.aligns, a.widths)) with ordinality z (size, row)
       where a.unknown = 0 and (c.indnkeyatts > 1 or a.widths[1][z.row] is not null)) r on true
    left join lateral (
      select max((e.n_distinct::text::jsonb ->> d.columns)::float8) as keys
        from pg_stats_ext e
       cross join lateral (
         select string_agg(k.k::text, ', ' order by k.k) as columns from unnest((c.indkey::int2[])[0:c.indnkeyatts - 1]) k (k)) d
       where c.indnkeyatts > 1 and e.schemaname = c.nspname and e.tablename = c.tablename) e on true
    left join lateral (
      select ceil(sum(pgvigil.leaf_pages(g.groups, g.group_rows, g.item, r.varying, c.fillfactor, c.deduplicates))) as leaves
        from pgvigil.key_groups(c.entries, coalesce(e.keys, a.keys), case c.indnkeyatts when 1 then a.nulls else 0 end,
                                case c.indnkeyatts when 1 then a.freqs::real[] end, r.bytes) g) f on true
    left join lateral (
      select f.leaves, coalesce(sum(ceil(f.leaves / (floor(5694 / (r.bytes + 4)) ^ g.level))), 0) as inner_pages
        from generate_series(1, 8) g (level)
       where f.leaves > floor(5694 / (r.bytes + 4)) ^ (g.level - 1)) p on true
   cross join lateral (
     select case when c.locked then 'locked'
                 when current_setting('block_size') <> '8192' then 'estimated for blocks of 8192 bytes only'
                 when c.amname <> 'btree' then format('not estimated: what %s makes of its keys is in no statistics', c.amname)
                 when not c.indisvalid then 'not estimated: invalid'
                 when c.nspname = 'pg_toast' then 'not estimated: TOAST has no statistics'
                 when c.entries < 0 then 'never analysed'
                 when a.unknown > 0 then
                   format('no statistics of %s columns that %I may read: never analysed, or it needs SELECT', a.unknown, current_user)
                 when s.n_mod_since_analyze > 1000 + 0.2 * c.entries then format('%s rows changed since the last ANALYZE', s.n_mod_since_analyze)
                 end as reason) x
$$;
comment on function pgvigil.index_estimates(bigint) is
'For each index of at least min_bytes: its size, and what it would have right after REINDEX, from the planner''s statistics, with deduplication; or the reason why that is not known.';

create or replace function pgvigil.index_bloat(page_budget bigint default 32768, min_bytes bigint default 1048576)
returns table (
  schemaname   name,
  relname      name,
  indexrelname name,
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
  measure text := pgvigil.measuring_function('pgstatindex');
  budget  bigint := page_budget;
  i       record;
begin
  if not coalesce(page_budget >= 0 and min_bytes >= 0, false) then
    raise exception 'page_budget and min_bytes must be 0 or more' using errcode = 'invalid_parameter_value';
  end if;
  for i in
    select n.nspname, t.relname, c.relname as indexrelname, e.*, e.size_bytes / current_setting('block_size')::bigint as pages
      from pgvigil.index_estimates(min_bytes) e
      join pg_class c on c.oid = e.indexrelid
      join pg_class t on t.oid = e.indrelid
      join pg_namespace n on n.oid = t.relnamespace
     order by e.size_bytes - coalesce(e.expected_bytes, 0) desc nulls last, e.indexrelid
  loop
    schemaname := i.nspname; relname := i.relname; indexrelname := i.indexrelname; size_bytes := i.size_bytes;
    method := case when i.expected_bytes is not null then 'estimate' end;
    pages_read := 0; reason := i.reason;
    if measure is not null and i.amname = 'btree' and i.size_bytes is not null and i.pages <= budget then
      begin
        -- What is on the leaves, packed as a build packs it: filled to the fillfactor, one byte in ten left free.
        execute format(
          $q$ select (1 + ceil((m.leaf_pages + m.internal_pages) * coalesce(nullif(m.avg_leaf_density, 'NaN'), 0) / 100 * 8152
                               / (8148 - 8192 * (100 - $2) / 100))) * 8192, m.index_size
                from %s($1) m $q$, measure)
          into i.expected_bytes, size_bytes using i.indexrelid::regclass, i.fillfactor;
        method := 'pgstatindex'; pages_read := i.pages; reason := null;
        budget := budget - i.pages;
      exception when lock_not_available then
        reason := 'locked'; method := null; i.expected_bytes := null;
      when undefined_table then
        continue;
      end;
    end if;
    if method = 'estimate' and i.expected_bytes > 1.1 * size_bytes then
      reason := 'the estimate exceeds its size: the statistics do not describe its keys';
      method := null; i.expected_bytes := null;
    end if;
    -- greatest() passes over NULL, and unknown is not 0.
    bloat_bytes := case when i.expected_bytes is not null then greatest(size_bytes - i.expected_bytes, 0) end;
    bloat_ratio := bloat_bytes / nullif(size_bytes, 0)::float8;
    return next;
  end loop;
end
$$;
comment on function pgvigil.index_bloat(bigint, bigint) is
'Bytes that REINDEX would give back, indexes of at least min_bytes. method: pgstatindex for the largest suspects among B-trees, as long as page_budget pages are not read up, else estimate; NULL with the reason when neither is to be had. Nothing waits for a lock: a locked index has reason locked.';

revoke all on function pgvigil.key_groups(double precision, double precision, double precision, real[], double precision),
  pgvigil.index_estimates(bigint), pgvigil.index_bloat(bigint, bigint) from public;
grant execute on function pgvigil.key_groups(double precision, double precision, double precision, real[], double precision),
  pgvigil.index_estimates(bigint), pgvigil.index_bloat(bigint, bigint) to pgvigil_monitor, pgvigil_maintain;
