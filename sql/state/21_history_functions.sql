-- What the exporter may change of the history beyond adding to it. All run as their owner, so that it owns nothing itself.

create or replace function pgvigil_state.prepare_days(first_day date, last_day date) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' set lock_timeout = '2s' as $$
declare
  parent text;
  day date;
  partition text;
  made integer := 0;
begin
  if last_day - first_day > 400 then
    raise invalid_parameter_value using message = 'at most 400 days at once';
  end if;
  -- Two exporters that start together would both create the same partition.
  perform pg_advisory_xact_lock(1885828713, 1);
  foreach parent in array array['point', 'trend', 'trend_chunk'] loop
    for day in select first_day + i from generate_series(0, last_day - first_day) i loop
      partition := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
      continue when to_regclass('pgvigil_state.' || partition) is not null;
      -- Attached once it is there: `partition of` would lock out every reader of the parent.
      execute format('create table pgvigil_state.%I (like pgvigil_state.%I including all)', partition, parent);
      execute format('alter table pgvigil_state.%I attach partition pgvigil_state.%I for values from (%L) to (%L)',
        parent, partition, day::timestamptz, (day + 1)::timestamptz);
      made := made + 1;
    end loop;
  end loop;
  return made;
end
$$;
comment on function pgvigil_state.prepare_days(date, date) is 'Makes the partitions of these days (UTC) that are missing. Gives their number.';

create or replace function pgvigil_state.expire(keep_days integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' set lock_timeout = '2s' as $$
declare
  oldest date := current_date - keep_days;
  partition record;
  dropped integer := 0;
begin
  if keep_days is null or keep_days < 1 then
    raise invalid_parameter_value using message = 'history is kept for one day at least';
  end if;
  for partition in
    select c.relname
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
     where i.inhparent in ('pgvigil_state.point'::regclass, 'pgvigil_state.trend'::regclass,
                           'pgvigil_state.trend_chunk'::regclass)
       and c.relname ~ '_\d{8}$' and to_date(right(c.relname, 8), 'YYYYMMDD') < oldest
  loop
    execute format('drop table pgvigil_state.%I', partition.relname);
    dropped := dropped + 1;
  end loop;
  if dropped > 0 then
    delete from pgvigil_state.life where ended < oldest;
    delete from pgvigil_state.wait where ended < oldest;
    delete from pgvigil_state.statement s
     where s.first_seen < oldest and not exists (select from pgvigil_state.life l where l.statement = s.id);
  end if;
  return dropped;
end
$$;
comment on function pgvigil_state.expire(integer) is 'Drops the partitions of days (UTC) that are older than so many, and what only they named. Gives the number of partitions.';

create or replace function pgvigil_state.end_lives(stream text, ids integer[], at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if stream = 'statement' then
    update pgvigil_state.life l set ended = end_lives.at where l.id = any (ids) and l.ended is null;
  else
    update pgvigil_state.wait w set ended = end_lives.at where w.id = any (ids) and w.ended is null;
  end if;
end
$$;
comment on function pgvigil_state.end_lives(text, integer[], timestamptz) is 'Notes when lives ended, once.';

create or replace function pgvigil_state.describe_statements(described jsonb) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  update pgvigil_state.statement s set kind = d.kind, tables = d.tables
    from jsonb_to_recordset(described) as d (id integer, kind text, tables text[])
   where s.id = d.id and s.kind is null
$$;
comment on function pgvigil_state.describe_statements(jsonb) is 'Notes what parsing the texts has found, once.';

revoke all on function pgvigil_state.prepare_days(date, date), pgvigil_state.expire(integer),
  pgvigil_state.end_lives(text, integer[], timestamptz), pgvigil_state.describe_statements(jsonb) from public;
grant execute on function pgvigil_state.prepare_days(date, date), pgvigil_state.expire(integer),
  pgvigil_state.end_lives(text, integer[], timestamptz), pgvigil_state.describe_statements(jsonb)
  to pgvigil_state;
