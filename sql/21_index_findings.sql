-- One function per kind of finding about indexes; pgvigil.check_index_usage() (22) puts them together.

-- Another index of the same table does the same (duplicate), or the same and more (redundant). Whoever is kept comes
-- first in priority, so that of two equal ones never both go.
create or replace function pgvigil.redundant_indexes()
returns table (kind text, indexrelid oid, kept oid, scans bigint, verdict text, reason text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with x as materialized (
    select f.indexrelid, f.indrelid, f.root, f.indexrelname, f.relpages, f.scans, f.guards && '{extension}' as owned,
           m.amname, i.indisunique, i.indimmediate, i.indnkeyatts as n, i.indisclustered,
           i.indisexclusion or i.indisreplident or i.indisprimary
             -- A constraint that somebody refers to cannot go, whatever else enforces it.
             or exists (select from pg_constraint r where r.conindid = i.indexrelid and r.contype = 'f') as bound,
           f.guards && '{unique constraint}' as by_constraint,
           -- Servers before 15 lack the column: the name is then the outer one's.
           (select (select indnullsnotdistinct from pg_index o where o.indexrelid = i.indexrelid)
              from (select false as indnullsnotdistinct) older) as nulls_not_distinct,
           -- A slice starts at 1, whatever the vector starts at.
           case when i.indexprs is null then (i.indkey::int2[]::text[])[0:]
                else array(select case a.attnum when 0 then pg_get_indexdef(i.indexrelid, a.o::integer, false) else a.attnum::text end
                             from unnest(i.indkey::int2[]) with ordinality a (attnum, o) order by a.o) end as columns,
           (i.indclass::oid[])[0:] as classes, (i.indcollation::oid[])[0:] as collations, (i.indoption::int2[])[0:] as options,
           -- Two texts of one predicate differ in where the parser found its words.
           coalesce(regexp_replace(i.indpred::text, ':(stmt_)?(location|len) -?[0-9]+', '', 'g'), '') as predicate,
           case when m.amname <> 'btree' then c.reloptions::text end as storage,
           array(select a.attoptions::text from pg_attribute a
                  where a.attrelid = i.indexrelid and a.attoptions is not null order by a.attnum) as class_options,
           case when i.indisprimary then 0 when f.guards && '{unique constraint}' then 1 when i.indisreplident then 2
                when i.indisunique then 3 when f.root <> f.indexrelid then 4 when i.indisclustered then 5 else 6 end as priority
      from pgvigil.index_facts() f
      join pg_index i on i.indexrelid = f.indexrelid
      join pg_class c on c.oid = f.indexrelid
      join pg_am m on m.oid = c.relam
     -- To spell out an expression the server opens the table.
     where f.valid and not (f.locked and i.indexprs is not null)
  ), p as (
    select distinct on (a.indexrelid)
           s.same, a.indexrelid, a.scans, a.relpages, a.by_constraint, a.indisclustered,
           b.indexrelid as kept, b.indexrelname as kept_name, b.relpages as kept_pages
      from x a
      join x b on b.indrelid = a.indrelid and b.indexrelid <> a.indexrelid and b.amname = a.amname
       and b.columns[1] = a.columns[1] and b.predicate = a.predicate and b.n >= a.n
     cross join lateral (
       select b.n = a.n and a.columns[a.n + 1:] <@ b.columns[b.n + 1:] and b.columns[b.n + 1:] <@ a.columns[a.n + 1:] as same) s
     where a.root = a.indexrelid and not a.bound and not a.owned
       and b.columns[1:a.n] = a.columns[1:a.n] and b.classes[1:a.n] = a.classes[1:a.n]
       and b.collations[1:a.n] = a.collations[1:a.n] and b.options[1:a.n] = a.options[1:a.n]
       and b.storage is not distinct from a.storage and b.class_options = a.class_options
       and (not a.indisunique
            or s.same and b.indisunique and b.nulls_not_distinct = a.nulls_not_distinct and (b.indimmediate or not a.indimmediate))
       and case when s.same
                then (b.priority, not b.indimmediate, -coalesce(b.scans, 0), b.indexrelid)
                     < (a.priority, not a.indimmediate, -coalesce(a.scans, 0), a.indexrelid)
                else a.amname = 'btree' and a.columns[a.n + 1:] <@ b.columns end
     -- The widest is kept: what covers it would be kept instead.
     order by a.indexrelid, b.n desc, cardinality(b.columns) desc, b.priority, b.scans desc nulls last, b.indexrelid
  )
  select case when p.same then 'duplicate' else 'redundant' end, p.indexrelid, p.kept, p.scans,
         case when p.by_constraint or p.indisclustered or (not p.same and p.scans > 0 and p.kept_pages > 3 * p.relpages)
              then 'review' else 'safe to drop' end,
         format('%s does the same%s%s%s', p.kept_name,
                case when p.same then '' else ' and more' end,
                case when p.by_constraint then '; statements that name the constraint (ON CONFLICT ON CONSTRAINT) would fail' end,
                case when not p.same and p.scans > 0 and p.kept_pages > 3 * p.relpages
                     then format('; it is %s times as large, so the %s scans would read more',
                                 round(p.kept_pages::numeric / greatest(p.relpages, 1), 1), p.scans) end)
    from p
$$;
comment on function pgvigil.redundant_indexes() is
'Indexes whose work another valid index of the same table does: same access method, columns, operator classes and their options, collations, order, NULLS, predicate; uniqueness and INCLUDE no less. Leading columns count for B-trees only.';

-- Never scanned, or next to never, while the counters counted long enough to say so.
create or replace function pgvigil.unused_indexes(min_days double precision, min_bytes bigint)
returns table (kind text, indexrelid oid, scans bigint, last_idx_scan timestamptz, window_seconds double precision, guards text[],
               verdict text, reason text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with f as materialized (
    select f.root, sum(f.scans)::bigint as scans, sum(f.relpages) * 8192 as bytes,
           bool_and(f.valid) as valid, array_agg(f.indexrelid) as members, array_agg(f.indrelid) as tables,
           string_agg(nullif(array_to_string(f.guards, ','), ''), ',') as guards
      from pgvigil.index_facts() f
     group by f.root
  ), w as materialized (
    select w.since, w.other_servers from pgvigil.statistics_window() w
  ), u as (
    select f.root, f.scans, f.tables, g.guards, b.blocking, w.other_servers, a.born, s.since,
           extract(epoch from clock_timestamp() - s.since)::float8 as seconds, l.last_idx_scan
      from f
     cross join w
      join pg_index i on i.indexrelid = f.root
     cross join lateral (
       select case when current_setting('track_commit_timestamp')::boolean then pg_xact_commit_timestamp(i.xmin) end as born) a
     -- An index younger than the counters had less time to be used.
     cross join lateral (select greatest(w.since, a.born) as since where w.since is not null union all
                         select null where w.since is null) s
     cross join lateral (
       select coalesce(array_agg(distinct g.g order by g.g), '{}') as guards from unnest(string_to_array(f.guards, ',')) g (g)) g
     cross join lateral (
       select array(select b.b from unnest(g.guards) b (b) where b.b not in ('partial', 'expression')) as blocking) b
     cross join lateral (
       -- Servers before 16 lack the column: the name is then the outer one's.
       select (select last_idx_scan from pg_stat_all_indexes s where s.indexrelid = any (f.members) and f.scans > 0
                order by last_idx_scan desc nulls last limit 1)
         from (select null::timestamptz as last_idx_scan) older) l (last_idx_scan)
     where f.valid and f.scans is not null and f.bytes >= min_bytes
       and (f.scans = 0 or f.scans < 0.1 * extract(epoch from clock_timestamp() - w.since) / 86400)
  )
  select case u.scans when 0 then 'unused' else 'rarely_used' end, u.root, u.scans, u.last_idx_scan, u.seconds, u.guards,
         v.verdict,
         concat(case u.scans when 0 then 'never scanned' else format('scanned %s times', u.scans) end,
                case when u.since is null then ', since when is unknown'
                     else format(' in %s days', round(u.seconds::numeric / 86400, 1)) end,
                '; ' || case v.verdict
                  when 'keep' then 'needed as: ' || array_to_string(u.blocking, ', ')
                  when 'insufficient' then format('at least %s are asked for', min_days)
                  when 'check standbys first' then 'each server counts its own reads, ask: ' || array_to_string(u.other_servers, ', ')
                  else format('%s rows of the table were written meanwhile', w.rows) end,
                case when u.born is null and v.verdict <> 'keep' then '; it may be younger than that: nothing tells its age (track_commit_timestamp)' end,
                case when 'expression' = any (u.guards)
                     then '; what the planner knows of its expression goes with it (create statistics first)' end)
    from u
   cross join lateral (
     select case when u.blocking <> '{}' then 'keep'
                 when u.since is null or u.seconds < min_days * 86400 then 'insufficient'
                 when u.other_servers <> '{}' then 'check standbys first'
                 when u.scans > 0 then 'review'
                 when u.born is null then 'check age first'
                 else 'safe to drop' end as verdict) v
   cross join lateral (
     select sum(t.n_tup_ins + t.n_tup_upd + t.n_tup_del) as rows from pg_stat_all_tables t where t.relid = any (u.tables)) w
   where u.scans = 0 or v.verdict <> 'insufficient'
$$;
comment on function pgvigil.unused_indexes(double precision, bigint) is
'Indexes of at least min_bytes that this server never scanned, or fewer than once in ten days. Partitions are summed up to what can be dropped. keep: it is there for something else than scans.';

revoke all on function pgvigil.redundant_indexes(), pgvigil.unused_indexes(double precision, bigint) from public;
grant execute on function pgvigil.redundant_indexes(), pgvigil.unused_indexes(double precision, bigint)
  to pgvigil_monitor, pgvigil_maintain;
