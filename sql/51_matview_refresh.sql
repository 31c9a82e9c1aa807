-- Refreshing a materialised view: not at all when nothing was written, plainly when nobody waits for it, concurrently
-- (almost twice the work, but readers go on) when somebody would.
--   select * from pgvigil.refresh_matview('schema.view');
--   call pgvigil.refresh_matviews();
-- and remembering one that was run as a statement of its own: matview_refresh_begins(), matview_refresh_ends().

create or replace function pgvigil.matview_blockers(view oid, method text)
returns text language sql volatile
begin atomic
  select pg_catalog.string_agg(distinct coalesce('pid ' || k.pid, 'a prepared transaction'), ', ')
    from pg_catalog.pg_locks k
    join pg_catalog.pg_database d on d.oid = k.database and d.datname = pg_catalog.current_database()
   where k.locktype = 'relation' and k.pid is distinct from pg_catalog.pg_backend_pid()
     and (k.relation = view and (method = 'plain' or k.mode <> 'AccessShareLock')
          or k.mode = 'AccessExclusiveLock' and k.relation in (select s.relid from pgvigil.matview_sources(view) s));
end;
comment on function pgvigil.matview_blockers(oid, text) is
  'Sessions whose locks, held or awaited, a refresh by this method waits for. NULL when there are none.';

create or replace function pgvigil.matview_methods(view oid, out methods text[], out reason text)
language sql volatile
begin atomic
  select v.methods, v.reason
    from pg_catalog.pg_class c
    left join pgvigil.matview_refresh r on r.relid = c.oid
   cross join lateral (
         select exists (select from pg_catalog.pg_index i
                         where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid
                           and i.indpred is null and 0 <> all (i.indkey)) as has_key,
                (select pg_catalog.string_agg(distinct pg_catalog.format('pid %s', k.pid), ', ')
                   from pg_catalog.pg_locks k
                   join pg_catalog.pg_database d on d.oid = k.database and d.datname = pg_catalog.current_database()
                  where k.locktype = 'relation' and k.relation = c.oid and k.mode = 'AccessShareLock'
                    and k.pid <> pg_catalog.pg_backend_pid()) as readers,
                pgvigil.matview_scans(c.oid) <> coalesce(r.scans, 0) as was_read) now
   cross join lateral (values
         (1, not c.relispopulated, '{plain}'::text[], 'it holds no data'),
         (2, not now.has_key, '{plain}', 'it has no unique index on plain columns without a condition'),
         (3, now.readers is not null, '{concurrently}', now.readers || ' reads it'),
         (4, r.duration_seconds <= 0.2, '{plain,concurrently}', 'that is short'),
         -- What was never timed counts as slow.
         (5, now.was_read, '{concurrently}', 'it was read since the last time'),
         (6, true, '{plain,concurrently}', 'nobody reads it')) v (place, holds, methods, reason)
   where c.oid = view and v.holds
   order by v.place
   limit 1;
end;
comment on function pgvigil.matview_methods(oid) is
  'How to refresh a materialised view: the method to try first, and the one to fall back on when a lock is not to be had.';

-- 1885828713 is 'pgvi': it keeps our advisory locks apart from an application's. Who comes second would wait for the
-- first one only to do the same work again.
create or replace function pgvigil.matview_refresher(view oid)
returns text language plpgsql volatile as $$
begin
  -- An oid has no sign, an advisory lock's number has.
  if pg_catalog.pg_try_advisory_xact_lock(1885828713, ((view::bigint << 32) >> 32)::integer) then
    return null;
  end if;
  return coalesce(
    (select 'already running (pid ' || pg_catalog.min(k.pid) || ')'
       from pg_catalog.pg_locks k
       join pg_catalog.pg_database d on d.oid = k.database and d.datname = pg_catalog.current_database()
      where k.locktype = 'advisory' and k.classid = 1885828713 and k.objid = view and k.granted),
    'already running (it ended just now)');
end
$$;
comment on function pgvigil.matview_refresher(oid) is
  'Takes the right to refresh until the end of the transaction, or says who has it.';

create or replace function pgvigil.run_refresh(view oid, method text)
returns void language plpgsql volatile as $$
declare
  target record;
  caller constant text := pg_catalog.current_setting('role');
begin
  select o.rolname as owner, n.nspname as schema, pg_catalog.format('%I.%I', n.nspname, c.relname) as name
    into strict target
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_roles o on o.oid = c.relowner
   where c.oid = view;
  if method = 'plain' then
    -- Short: whoever wants to read queues behind a plain refresh that waits.
    perform pg_catalog.set_config('lock_timeout', '200ms', true);
  end if;
  -- For a member of the owner that does not inherit its rights.
  if not pg_catalog.pg_has_role(target.owner, 'USAGE')
     and pg_catalog.pg_has_role(session_user, target.owner, 'MEMBER') then
    perform pg_catalog.set_config('role', target.owner, true);
  end if;
  execute pg_catalog.format('refresh materialized view %s %s',
                            case method when 'concurrently' then 'concurrently' else '' end, target.name);
  perform pg_catalog.set_config('role', caller, true);
exception
  when insufficient_privilege then
    if pg_catalog.pg_has_role(target.owner, 'USAGE') then
      raise;
    end if;
    raise insufficient_privilege using message = pg_catalog.format(
      '%s: %I needs to be a member of %I, which owns the view, or (from PostgreSQL 17 on) MAINTAIN on it and USAGE on '
      'schema %I', sqlerrm, current_user, target.owner, target.schema);
end
$$;
comment on function pgvigil.run_refresh(oid, text) is
  'Refreshes a materialised view plainly or concurrently, as its owner where the caller may become that.';

-- Read before the refresh: what is counted later although the refresh has seen it costs one refresh too many. The other
-- way round it would be one too few.
create or replace function pgvigil.matview_state_before(view oid)
returns jsonb language plpgsql volatile as $$
begin
  -- Otherwise the refresh could see an older state of the tables than the counters that are remembered for it.
  if pg_catalog.current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise invalid_transaction_state using
      message = 'a refresh that is remembered needs the isolation level read committed',
      hint = 'begin isolation level read committed';
  end if;
  perform pg_catalog.pg_stat_clear_snapshot();
  return pgvigil.matview_state(view);
end
$$;
comment on function pgvigil.matview_state_before(oid) is 'pgvigil.matview_state() as of now, for a refresh that begins after it.';

create or replace function pgvigil.note_matview_refresh(view oid, method text, began timestamptz, state jsonb)
returns double precision language sql volatile
begin atomic
  insert into pgvigil.matview_refresh as r
    (relid, last_refreshed_at, duration_seconds, last_method, state, scans, refreshes)
  values (view, began, extract(epoch from pg_catalog.clock_timestamp() - began), method, state,
          pgvigil.matview_scans(view), 1)
  on conflict (relid) do update
    set last_refreshed_at = excluded.last_refreshed_at, duration_seconds = excluded.duration_seconds,
        last_method = excluded.last_method, state = excluded.state, scans = excluded.scans,
        refreshes = r.refreshes + 1, last_error = null, last_error_at = null
  returning duration_seconds;
end;
comment on function pgvigil.note_matview_refresh(oid, text, timestamptz, jsonb) is
  'Remembers a refresh that has just ended. Returns the seconds since it began.';

create or replace function pgvigil.refresh_matview(view regclass, force boolean default false)
returns table (matview regclass, outcome text, reason text, duration_seconds double precision, rows_written bigint)
language plpgsql volatile
-- What is set inside ends with the function.
set lock_timeout = '2s'
as $$
declare
  populated boolean;
  state     jsonb;
  change    record;
  how       record;
  method    text;
  began     timestamptz;
begin
  if pg_catalog.pg_is_in_recovery() then
    raise read_only_sql_transaction using message = 'this server is a standby: refresh the view on the primary';
  end if;
  select c.relispopulated into populated from pg_catalog.pg_class c where c.oid = view and c.relkind = 'm';
  if not found then
    raise wrong_object_type using message = pg_catalog.format('%s is not a materialised view', view);
  end if;
  matview := view;

  reason := pgvigil.matview_refresher(view);
  if reason is not null then
    outcome := 'skipped: already running';
    return next;
    return;
  end if;

  state := pgvigil.matview_state_before(view);
  select c.stale, c.reason into change
    from pgvigil.matview_change((select r.state from pgvigil.matview_refresh r where r.relid = view), state) c;
  if change.stale is false and populated and not force then
    update pgvigil.matview_refresh r set skips = r.skips + 1 where r.relid = view;
    outcome := 'skipped: unchanged';
    reason := change.reason;
    return next;
    return;
  end if;

  select m.methods, m.reason into how from pgvigil.matview_methods(view) m;
  foreach method in array how.methods loop
    began := pg_catalog.clock_timestamp();
    rows_written := (pgvigil.rows_written(view)).unreported;
    begin
      perform pgvigil.run_refresh(view, method);
      outcome := case method when 'plain' then 'refreshed' else 'refreshed concurrently' end;
      exit;
    exception
      when lock_not_available then
        outcome := 'skipped: locked';
        reason := pg_catalog.format('%s: %s (%s because %s)', sqlerrm,
          coalesce(pgvigil.matview_blockers(view, method), 'nobody any more'), method, how.reason);
        how.reason := 'a plain one would have waited';
      when others then
        outcome := 'failed';
        reason := sqlerrm;
        exit;
    end;
  end loop;

  if outcome in ('skipped: locked', 'failed') then
    rows_written := null;
    insert into pgvigil.matview_refresh as r (relid, skips, failures, last_error, last_error_at)
    values (view, (outcome <> 'failed')::integer, (outcome = 'failed')::integer, reason, pg_catalog.clock_timestamp())
    on conflict (relid) do update
      set skips = r.skips + excluded.skips, failures = r.failures + excluded.failures,
          last_error = excluded.last_error, last_error_at = excluded.last_error_at;
    return next;
    return;
  end if;
  duration_seconds := pgvigil.note_matview_refresh(view, method, began, state);
  rows_written := (pgvigil.rows_written(view)).unreported - rows_written;
  reason := pg_catalog.format('%s; %s because %s',
    case when force then 'forced' when not populated then 'never filled' else change.reason end, method, how.reason);
  return next;
end
$$;
comment on function pgvigil.refresh_matview(regclass, boolean) is
  'Refreshes a materialised view if anything that it reads was written since the last time, or by force. outcome: refreshed, refreshed concurrently, skipped: unchanged, skipped: already running, skipped: locked, failed. rows_written: to the view, all of them by a plain refresh, those that differ by a concurrent one.';

-- Around a REFRESH that somebody else runs: that of the app, which shows and watches the statement itself. All three in
-- one session. What is begun is kept in a setting: it ends with the session, and goes with a transaction that fails.
create or replace function pgvigil.matview_refresh_begins(view oid)
returns void language sql volatile
begin atomic
  select pg_catalog.set_config('pgvigil.matview_refresh', pg_catalog.jsonb_build_object(
    'view', view, 'began', pg_catalog.clock_timestamp(), 'state', pgvigil.matview_state_before(view))::text, false);
end;
comment on function pgvigil.matview_refresh_begins(oid) is
  'To be called before a REFRESH MATERIALIZED VIEW that pgvigil.refresh_matview() does not run; pgvigil.matview_refresh_ends() after it remembers it.';

create or replace function pgvigil.matview_refresh_ends(view oid, method text)
returns double precision language plpgsql volatile as $$
declare
  begun constant jsonb := nullif(pg_catalog.current_setting('pgvigil.matview_refresh', true), '')::jsonb;
begin
  if (begun ->> 'view')::oid is distinct from view then
    raise object_not_in_prerequisite_state using
      message = pg_catalog.format('no refresh of %s was begun in this session', view::regclass),
      hint = pg_catalog.format('Before the refresh: select pgvigil.matview_refresh_begins(%s)', view);
  end if;
  perform pg_catalog.set_config('pgvigil.matview_refresh', '', false);
  return pgvigil.note_matview_refresh(view, method, (begun ->> 'began')::timestamptz, begun -> 'state');
end
$$;
comment on function pgvigil.matview_refresh_ends(oid, text) is
  'To be called after that REFRESH. method: plain or concurrently. Returns how many seconds it took.';

-- A procedure, so that each view is committed by itself: the exclusive lock of the first one would otherwise last until
-- the last one is done.
create or replace procedure pgvigil.refresh_matviews(force boolean default false, inout results jsonb default null)
language plpgsql as $$
declare
  views oid[];
  view  oid;
  result record;
begin
  results := '[]';
  delete from pgvigil.matview_refresh r
   where not exists (select from pg_catalog.pg_class c where c.oid = r.relid and c.relkind = 'm');
  with recursive edge as (
    select c.oid as reader, s.relid as source
      from pg_catalog.pg_class c
     cross join lateral pgvigil.matview_sources(c.oid) s
     where c.relkind = 'm' and s.relkind = 'm' and s.relid <> c.oid
  ),
  -- A view comes after those that it reads.
  placed (oid, place) as (
    select c.oid, 0 from pg_catalog.pg_class c where c.relkind = 'm'
    union
    select e.reader, p.place + 1 from placed p join edge e on e.source = p.oid
  )
  select pg_catalog.array_agg(l.oid order by l.place, l.oid) into views
    from (select p.oid, pg_catalog.max(p.place) as place from placed p group by p.oid) l;
  commit;
  foreach view in array coalesce(views, '{}') loop
    continue when not exists (select from pg_catalog.pg_class c where c.oid = view);
    select * into result from pgvigil.refresh_matview(view, force);
    results := results || pg_catalog.to_jsonb(result);
    if result.outcome = 'failed' then
      raise warning '% was not refreshed: %', result.matview, result.reason;
    end if;
    commit;
  end loop;
end
$$;
comment on procedure pgvigil.refresh_matviews(boolean, jsonb) is
  'pgvigil.refresh_matview() for every materialised view of this database, each in a transaction of its own, those that others read first. Call it outside a transaction. results: what each one gave.';

do $$
declare
  routine regprocedure;
begin
  foreach routine in array array[
    'pgvigil.matview_blockers(oid, text)', 'pgvigil.matview_methods(oid)', 'pgvigil.matview_refresher(oid)',
    'pgvigil.run_refresh(oid, text)', 'pgvigil.matview_state_before(oid)',
    'pgvigil.note_matview_refresh(oid, text, timestamptz, jsonb)', 'pgvigil.refresh_matview(regclass, boolean)',
    'pgvigil.matview_refresh_begins(oid)', 'pgvigil.matview_refresh_ends(oid, text)',
    'pgvigil.refresh_matviews(boolean, jsonb)']::regprocedure[] loop
    execute pg_catalog.format('revoke all on routine %s from public', routine);
    execute pg_catalog.format('grant execute on routine %s to pgvigil_maintain', routine);
  end loop;
end
$$;
