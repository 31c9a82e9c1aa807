-- How near each table is to its own thresholds of autovacuum, and what keeps VACUUM from removing what is dead.

-- Everything that still needs old row versions of this database, the oldest first.
create or replace function pgvigil.xmin_holders()
returns table (kind text, name text, xmin_age bigint, since timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with here as (
    select d.oid from pg_database d where d.datname = current_database()
  )
  select h.kind, h.name, h.age::bigint, h.since
    from (select case a.backend_type when 'walsender' then 'standby feedback' else 'session' end as kind,
                 case a.backend_type when 'walsender' then coalesce(nullif(a.application_name, ''), 'pid ' || a.pid)
                   else format('pid %s, %s, %s%s', a.pid, a.usename, a.state, case when a.application_name <> '' then ', ' || a.application_name end)
                 end as name,
                 greatest(age(a.backend_xmin), age(a.backend_xid)) as age, a.xact_start as since
            from pg_stat_activity a, here
           where a.pid <> pg_backend_pid() and (a.datid = here.oid or a.backend_type = 'walsender')
             -- A running VACUUM holds nobody back, itself included.
             and a.pid not in (select p.pid from pg_stat_progress_vacuum p)
           union all
          select 'prepared transaction', format('%s, %s', p.gid, p.owner), age(p.transaction), p.prepared
            from pg_prepared_xacts p where p.database = current_database()
           union all
          select 'replication slot', format('%s%s', s.slot_name, case when s.active then '' else ', inactive' end), age(s.xmin), null
            from pg_replication_slots s) h
   where h.age is not null
   -- Who came later has the same age where he needs rows because the first does.
   order by h.age desc, h.since nulls last
$$;
comment on function pgvigil.xmin_holders() is
'What keeps VACUUM in this database from removing dead rows: sessions, prepared transactions, replication slots, standbys with feedback; xmin_age in transactions. Other users'' sessions need pg_read_all_stats.';

-- What autovacuum decides by: the settings, and what the table says otherwise. A TOAST table without options of its own
-- goes by its table's.
create or replace function pgvigil.autovacuum_settings()
returns table (relid oid, enabled boolean, vacuum_threshold double precision, insert_threshold double precision,
               analyze_threshold double precision, freeze_max_age bigint, multixact_freeze_max_age bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with g as materialized (
    select current_setting('autovacuum_vacuum_threshold')::float8 as base, current_setting('autovacuum_vacuum_scale_factor')::float8 as scale,
           -- NULL before 18, which brought it; -1 is no limit.
           nullif(current_setting('autovacuum_vacuum_max_threshold', true)::float8, -1) as most,
           current_setting('autovacuum_vacuum_insert_threshold')::float8 as insert_base,
           current_setting('autovacuum_vacuum_insert_scale_factor')::float8 as insert_scale,
           current_setting('autovacuum_analyze_threshold')::float8 as analyze_base,
           current_setting('autovacuum_analyze_scale_factor')::float8 as analyze_scale,
           current_setting('autovacuum_freeze_max_age')::bigint as freeze,
           current_setting('autovacuum_multixact_freeze_max_age')::bigint as multixact,
           current_setting('autovacuum')::boolean and current_setting('track_counts')::boolean as enabled
  ), c as (
    select c.oid, greatest(c.reltuples, 0)::float8 as rows,
           -- From 18 on only the part that is not frozen counts; before, the column is missing and its name the outer one's.
           (select (select case when f.relpages > 0 and relallfrozen > 0 then 1 - least(relallfrozen, f.relpages)::float8 / f.relpages else 1 end
                      from pg_class f where f.oid = c.oid)
              from (select 0 as relallfrozen) older) as unfrozen,
           case when c.relkind = 't' and c.reloptions is null then o.reloptions else c.reloptions end as options
      from pg_class c
      left join pg_class o on o.reltoastrelid = c.oid and c.relkind = 't'
     where c.relkind in ('r', 'm', 't')
  )
  select c.oid, g.enabled and coalesce(o.enabled, true),
         least(coalesce(o.base, g.base) + coalesce(o.scale, g.scale) * c.rows, case when o.most is null then g.most else nullif(o.most, -1) end),
         case when coalesce(o.insert_base, g.insert_base) >= 0
              then coalesce(o.insert_base, g.insert_base) + coalesce(o.insert_scale, g.insert_scale) * c.rows * c.unfrozen end,
         coalesce(o.analyze_base, g.analyze_base) + coalesce(o.analyze_scale, g.analyze_scale) * c.rows,
         -- A table can only ask for less than the server.
         least(o.freeze, g.freeze), least(o.multixact, g.multixact)
    from c
   cross join g
    left join lateral (
      select bool_and(v.option_value::boolean) filter (where v.option_name = 'autovacuum_enabled') as enabled,
             max(v.option_value::float8) filter (where v.option_name = 'autovacuum_vacuum_threshold') as base,
             max(v.option_value::float8) filter (where v.option_name = 'autovacuum_vacuum_scale_factor') as scale,
             max(v.option_value::float8) filter (where v.option_name = 'autovacuum_vacuum_max_threshold') as most,
             max(v.option_value::float8) filter (where v.option_name = 'autovacuum_vacuum_insert_threshold') as insert_base,
             max(v.option_value::float8) filter (where v.option_name = 'autovacuum_vacuum_insert_scale_factor') as insert_scale,
             max(v.option_value::float8) filter (where v.option_name = 'autovacuum_analyze_threshold') as analyze_base,
             max(v.option_value::float8) filter (where v.option_name = 'autovacuum_analyze_scale_factor') as analyze_scale,
             max(v.option_value::bigint) filter (where v.option_name = 'autovacuum_freeze_max_age') as freeze,
             max(v.option_value::bigint) filter (where v.option_name = 'autovacuum_multixact_freeze_max_age') as multixact
        from pg_options_to_table(c.options) v
       where v.option_name like 'autovacuum%' and v.option_name not like '%delay' and v.option_name not like '%limit') o on c.options is not null
$$;
comment on function pgvigil.autovacuum_settings() is
'Per table and TOAST table: rows after which autovacuum vacuums (dead; inserted, NULL if off) and analyses (changed), and the ages at which it freezes whatever else, from the table''s options and the server''s settings.';

create or replace function pgvigil.vacuum_need(min_need double precision default 0)
returns table (
  schemaname         name,
  relname            name,
  live_rows          bigint,
  dead_rows          bigint,
  dead_ratio         double precision,
  toast_dead_rows    bigint,
  vacuum_threshold   double precision,
  vacuum_need_ratio  double precision,
  insert_need_ratio  double precision,
  analyze_need_ratio double precision,
  xid_age            bigint,
  xid_age_ratio      double precision,
  mxid_age           bigint,
  mxid_age_ratio     double precision,
  autovacuum_enabled boolean,
  running            boolean,
  last_vacuum        timestamptz,
  last_autovacuum    timestamptz,
  last_analyze       timestamptz,
  last_autoanalyze   timestamptz,
  statement          text,
  reason             text,
  blocked_by         text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with a as materialized (
    select a.relid, a.enabled, a.vacuum_threshold, c.oid as oid, c.relkind, c.relnamespace, c.relname, c.reltoastrelid,
           s.n_live_tup, s.n_dead_tup, s.last_vacuum, s.last_autovacuum, s.last_analyze, s.last_autoanalyze,
           -- Without a threshold (0) one row is enough.
           s.n_dead_tup / greatest(a.vacuum_threshold, 1) as vacuum_need,
           s.n_ins_since_vacuum / case when a.insert_threshold is not null then greatest(a.insert_threshold, 1) end as insert_need,
           case when c.relkind <> 't' then s.n_mod_since_analyze / greatest(a.analyze_threshold, 1) end as analyze_need,
           age(nullif(c.relfrozenxid::text, '0')::xid)::bigint as xid_age, a.freeze_max_age,
           mxid_age(nullif(c.relminmxid::text, '0')::xid)::bigint as mxid_age, a.multixact_freeze_max_age
      from pgvigil.autovacuum_settings() a
      join pg_class c on c.oid = a.relid and c.relpersistence <> 't'
      left join pg_stat_all_tables s on s.relid = a.relid
  ), t as materialized (
    select m.oid, n.nspname, m.relname, m.n_live_tup, m.n_dead_tup, m.vacuum_threshold, x.n_dead_tup as toast_dead, m.enabled,
           greatest(m.vacuum_need, x.vacuum_need) as vacuum_need,
           greatest(m.insert_need, x.insert_need) as insert_need,
           m.analyze_need, greatest(m.xid_age, x.xid_age) as xid_age,
           greatest(m.xid_age::float8 / m.freeze_max_age, x.xid_age::float8 / x.freeze_max_age) as xid_ratio,
           greatest(m.mxid_age, x.mxid_age) as mxid_age,
           greatest(m.mxid_age::float8 / m.multixact_freeze_max_age, x.mxid_age::float8 / x.multixact_freeze_max_age) as mxid_ratio,
           exists (select from pg_stat_progress_vacuum p where p.relid in (m.oid, x.oid)) as running,
           m.last_vacuum, m.last_autovacuum, m.last_analyze, m.last_autoanalyze
      from a m
      join pg_namespace n on n.oid = m.relnamespace and n.nspname not in ('pg_catalog', 'information_schema')
      left join a x on x.oid = m.reltoastrelid
     where m.relkind <> 't'
  ), h as materialized (
    select h.kind || ' ' || h.name as name, h.xmin_age, h.since from pgvigil.xmin_holders() h order by h.xmin_age desc, h.since nulls last limit 1
  )
  select t.nspname, t.relname, t.n_live_tup, t.n_dead_tup, t.n_dead_tup / nullif(t.n_live_tup + t.n_dead_tup, 0)::float8, t.toast_dead,
         t.vacuum_threshold, t.vacuum_need, t.insert_need, t.analyze_need, t.xid_age, t.xid_ratio, t.mxid_age, t.mxid_ratio,
         t.enabled, t.running, t.last_vacuum, t.last_autovacuum, t.last_analyze, t.last_autoanalyze,
         case when w.freeze then format('VACUUM (FREEZE) %I.%I', t.nspname, t.relname)
              when w.vacuum and w.analyze then format('VACUUM (ANALYZE) %I.%I', t.nspname, t.relname)
              when w.vacuum then format('VACUUM %I.%I', t.nspname, t.relname)
              when w.analyze then format('ANALYZE %I.%I', t.nspname, t.relname) end,
         nullif(concat_ws('; ',
           case when w.freeze then format('its age is %s %% of what autovacuum waits for', round(100 * greatest(t.xid_ratio, t.mxid_ratio)::numeric)) end,
           case when t.vacuum_need >= 1 then 'more dead rows than its threshold' end,
           case when t.insert_need >= 1 then 'more inserted rows than its threshold' end,
           case when w.analyze then 'more changed rows than its threshold of analyze' end,
           case when (w.vacuum or w.analyze or w.freeze) and not t.enabled then 'autovacuum is off for it' end), ''),
         case when (w.vacuum or w.freeze) and b.blocks then format('%s (holds %s transactions back)', h.name, h.xmin_age) end
    from t
   cross join lateral (
     select coalesce(greatest(t.vacuum_need, t.insert_need) >= 1, false) as vacuum, coalesce(t.analyze_need >= 1, false) as analyze,
            coalesce(greatest(t.xid_ratio, t.mxid_ratio) >= 0.9, false) as freeze) w
    left join h on true
   cross join lateral (
     -- Somebody old enough to matter: he was there when the last VACUUM came and left rows dead, or for five minutes.
     select coalesce(h.since < greatest(t.last_vacuum, t.last_autovacuum) or h.since < clock_timestamp() - interval '5 minutes'
                     or h.since is null and h.xmin_age > 10000, false) as blocks) b
   where coalesce(greatest(t.vacuum_need, t.insert_need, t.analyze_need, t.xid_ratio, t.mxid_ratio), 0) >= min_need
   order by greatest(t.vacuum_need, t.insert_need, t.analyze_need, t.xid_ratio, t.mxid_ratio) desc nulls last, t.nspname, t.relname
$$;
comment on function pgvigil.vacuum_need(double precision) is
'Per table, TOAST reckoned to its owner, partitions but not their parents: how near to its own thresholds, 1 being where autovacuum acts; those at min_need or more. xid_age_ratio and mxid_age_ratio: part of the age at which autovacuum freezes in any case. statement is what is due; blocked_by is the oldest that keeps VACUUM from removing rows, when it is old enough to matter.';

revoke all on function pgvigil.xmin_holders(), pgvigil.autovacuum_settings(), pgvigil.vacuum_need(double precision) from public;
grant execute on function pgvigil.xmin_holders(), pgvigil.autovacuum_settings(), pgvigil.vacuum_need(double precision)
  to pgvigil_monitor, pgvigil_maintain;
