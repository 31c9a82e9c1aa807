-- How large a table or an index would be if it were written anew: the model under pgvigil.table_bloat() (31) and
-- pgvigil.index_bloat() (32). A hundred rows are made up from the planner's statistics and laid out as the server does it,
-- byte for byte; averages alone would get alignment wrong, which is a fifth of many an index.

-- Widths of one column in a hundred rows, NULL where the row has none. stride keeps columns independent of each other.
create or replace function pgvigil.sample_widths(len smallint, null_frac real, avg_width integer, common text, freqs real[],
                                                 bounds text, stride integer)
returns real[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  with v as (
    -- A short value has a header of one byte, a longer one of four.
    select x.part, x.o, (octet_length(x.value) + case when octet_length(x.value) > 126 then 4 else 1 end)::real as width
      from (select 'common' as part, c.o, c.value from unnest(common::text[]) with ordinality c (value, o)
             union all
            select 'bounds', b.o, b.value from unnest(bounds::text[]) with ordinality b (value, o)) x
  ), a as (
    select array_agg(v.width order by v.o) filter (where v.part = 'common') as common,
           array_agg(v.width order by v.o) filter (where v.part = 'bounds') as bounds from v
  ), m as (
    select a.*, coalesce((select sum(f.f) from unnest(freqs) f (f)), 0) as mass,
           (select array_agg(c.upto order by c.o) from (select f.o, sum(f.f) over (order by f.o) as upto
                                                          from unnest(freqs) with ordinality f (f, o)) c) as upto from a
  ), r as (
    select i.i,
           case when u.u < null_frac then null
                when len > 0 then len
                when m.common is not null and u.u - null_frac < m.mass
                  then m.common[(select count(*) + 1 from unnest(m.upto) t (t) where t.t <= u.u - null_frac)]
                when m.bounds is not null
                  then m.bounds[1 + floor((u.u - null_frac - m.mass) / greatest(1 - null_frac - m.mass, 0.001) * cardinality(m.bounds))::integer]
                -- Nothing but the average is known: spread it over one unit of alignment.
                else greatest(avg_width + i.i % 8 - 3.5, 1) end::real as width
      from m, generate_series(0, 99) i (i)
     cross join lateral (select ((i.i * stride) % 100 + 0.5)::real / 100 as u) u
  ), s as (
    -- A hundred values do not have the average of all. A little off, each is made a little wider or narrower; far off, they
    -- are compressed or moved to TOAST, and shrink alike. avg_width has lost what is behind its decimal point.
    select case when x.scale not between 0.9 and 1.1 then x.scale else 1 end as scale,
           case when x.scale between 0.9 and 1.1 and x.varying then avg_width + 0.5 - x.mean else 0 end as shift
      from (select avg(r.width) as mean, avg_width / nullif(avg(r.width), 0) as scale, min(r.width) < max(r.width) as varying from r) x
  )
  select array_agg(case when len > 0 or r.width is null then r.width
                        else greatest(floor(r.width * s.scale + s.shift + ((r.i * 61) % 100 + 0.5) / 100), 1) end::real order by r.i)
    from r, s
$$;

-- Bytes of a hundred rows whose columns have these widths, without the line pointer.
create or replace function pgvigil.row_sizes(header integer, null_header integer, lens smallint[], aligns text[], widths real[])
returns integer[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  sizes integer[] := '{}';
  size  integer;
  width real;
  nulls boolean;
begin
  for r in 1 .. 100 loop
    size := 0;
    nulls := false;
    for c in 1 .. cardinality(lens) loop
      width := widths[c][r];
      if width is null then
        nulls := true;
        continue;
      end if;
      -- A value with the short header starts anywhere.
      if lens[c] > 0 or width > 127 then
        size := case aligns[c] when 'd' then (size + 7) & ~7 when 'i' then (size + 3) & ~3 when 's' then (size + 1) & ~1 else size end;
      end if;
      size := size + ceil(width)::integer;
    end loop;
    sizes := sizes || ((case when nulls then null_header else header end + size + 7) & ~7);
  end loop;
  return sizes;
end
$$;

-- Items of so many bytes, line pointer included, that go on a page with so many bytes for them.
create or replace function pgvigil.items_per_page(bytes double precision, usable double precision, varying boolean)
returns double precision
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select greatest(case when varying then (usable - bytes / 2) / bytes else floor(usable / bytes) end, 1)
$$;

-- Leaf pages that a B-tree's build fills with groups of equal keys. Since 13 it keeps a key once with a list of six
-- bytes for each row, as many as fit into a tenth of a page.
create or replace function pgvigil.leaf_pages(groups double precision, group_rows double precision, item double precision,
                                              varying boolean, fillfactor integer, deduplicates boolean)
returns double precision
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when groups <= 0 or group_rows <= 0 then 0
    when not deduplicates or group_rows < 1.0001
      then groups * group_rows / pgvigil.items_per_page(item + 4, p.page, varying)
    else (select sum(groups * x.part * x.items / greatest(least(floor(p.page / x.bytes) + 1, floor(8148 / x.bytes) - 1), 1))
            from (select floor(group_rows) as rows, 1 - (group_rows - floor(group_rows)) as part
                   union all
                  select floor(group_rows) + 1, group_rows - floor(group_rows)) g
           cross join lateral (select floor((812 - item) / 6) as most) m
           cross join lateral (
             select g.part, floor(g.rows / m.most) as items, ceil((item + 6 * m.most) / 8) * 8 + 4 as bytes
              union all
             select g.part, 1, case g.rows::integer % m.most::integer when 1 then item + 4
                                 else ceil((item + 6 * (g.rows::integer % m.most::integer)) / 8) * 8 + 4 end
              where g.rows::integer % m.most::integer > 0) x
           where g.part > 0)
    end
  from (select 8148 - floor(8192 * (100 - fillfactor) / 100.0) as page) p
$$;

-- As the caller: reading a table's pages is what pg_stat_scan_tables (part of pg_monitor) is for.
create or replace function pgvigil.measuring_function(name text) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%I.%I', n.nspname, p.proname)
    from pg_extension e
    join pg_namespace n on n.oid = e.extnamespace
    join pg_proc p on p.pronamespace = n.oid and p.proname = name and p.proargtypes = array['regclass'::regtype::oid]::oidvector
   where e.extname = 'pgstattuple' and has_function_privilege(p.oid, 'EXECUTE') and has_schema_privilege(n.oid, 'USAGE')
$$;
comment on function pgvigil.measuring_function(text) is
'That function of extension pgstattuple, qualified, if it is installed here and the caller may execute it; else NULL.';

comment on function pgvigil.sample_widths(smallint, real, integer, text, real[], text, integer) is
'Bytes of one column in a hundred rows made up from its statistics; NULL where the row has NULL.';
comment on function pgvigil.row_sizes(integer, integer, smallint[], text[], real[]) is
'Bytes of a hundred rows made of these columns, headers and alignment included.';
comment on function pgvigil.items_per_page(double precision, double precision, boolean) is
'How many items of so many bytes fit into so many; varying when they differ in size.';
comment on function pgvigil.leaf_pages(double precision, double precision, double precision, boolean, integer, boolean) is
'Leaf pages of a freshly built B-tree with so many groups of so many rows with equal keys.';

revoke all on function pgvigil.measuring_function(text),
  pgvigil.sample_widths(smallint, real, integer, text, real[], text, integer),
  pgvigil.row_sizes(integer, integer, smallint[], text[], real[]),
  pgvigil.items_per_page(double precision, double precision, boolean),
  pgvigil.leaf_pages(double precision, double precision, double precision, boolean, integer, boolean)
  from public;
grant execute on function pgvigil.measuring_function(text),
  pgvigil.sample_widths(smallint, real, integer, text, real[], text, integer),
  pgvigil.row_sizes(integer, integer, smallint[], text[], real[]),
  pgvigil.items_per_page(double precision, double precision, boolean),
  pgvigil.leaf_pages(double precision, double precision, double precision, boolean, integer, boolean)
  to pgvigil_monitor, pgvigil_maintain;
