-- Creating partitions ahead, and emptying the default partition into them.
--
-- The trap is the default partition. Once it holds one row of November, PostgreSQL refuses to create November. Where that
-- row is referenced by a foreign key, it can't be deleted and inserted again either: the trigger that guards the key looks
-- for a substitute in the default partition only, deferred or not, and detaching the default partition is refused for the
-- same reason. So such a key is dropped and made again in the same transaction, which validates it.

-- Who is in the way, for an error message: sessions whose locks conflict with the ones we need. The query isn't named:
-- its literals are nobody's business.
create or replace function pgvigil.lock_holders(exclusively regclass, against_writers regclass[])
returns text language sql stable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(string_agg(distinct case when l.pid is null then 'a prepared transaction (see pg_prepared_xacts)' else
           format('pid %s (%s, %s, transaction open for %s) holds %s on %s', l.pid,
                  coalesce(nullif(a.application_name, ''), a.backend_type, 'unknown'), coalesce(a.state, 'state hidden'),
                  coalesce(date_trunc('second', clock_timestamp() - a.xact_start)::text, 'unknown'), l.mode,
                  l.relation::regclass) end, '; '),
         'whoever held it has let go meanwhile')
    from pg_locks l
    left join pg_stat_activity a using (pid)
   where l.locktype = 'relation'
     and l.database = (select oid from pg_database where datname = current_database())
     and l.granted
     and l.pid is distinct from pg_backend_pid()
     and (l.relation = exclusively
          or l.relation = any (against_writers) and l.mode not in ('AccessShareLock', 'RowShareLock'))
$$;
comment on function pgvigil.lock_holders(regclass, regclass[]) is
  'Sessions that hold any lock on the first table or one that goes with writing on the others, in words.';

-- The grants of a table for another one. A partition is read with the rights of its parent and needs none, but who reads it
-- by its own name (a dump, an archiver) needs the same. Not where rows are guarded by policies: these are the parent's, and
-- the partition would be the way around them.
create or replace function pgvigil.grants_like(source regclass, target regclass)
returns setof text language sql stable set search_path = pg_catalog, pg_temp
as $$
  -- First away with what default privileges have given.
  select format('revoke all on %s from %s', target, case grantee when 0 then 'public' else grantee::regrole::text end)
    from pg_class c, aclexplode(c.relacl)
   where c.oid = target and grantee <> c.relowner
  union all
  select format('grant %s%s on %s to %s%s', privilege_type, ' (' || quote_ident(a.column_name) || ')', target,
                case grantee when 0 then 'public' else grantee::regrole::text end,
                case when is_grantable then ' with grant option' end)
    from pg_class c
   cross join lateral (
         select null::name, c.relacl
         union all
         select attname, attacl from pg_attribute where attrelid = c.oid and attnum > 0) a (column_name, acl)
   cross join lateral aclexplode(a.acl)
   where c.oid = source and grantee <> c.relowner and not c.relrowsecurity
$$;

-- An empty table that can become a partition of `parent`, its indexes included, so that attaching it builds nothing.
-- Not CREATE TABLE … PARTITION OF: that locks out every reader of the parent; ATTACH lets them and writers pass.
create or replace function pgvigil.create_detached(parent regclass, suffix text)
returns regclass language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  origin  pg_class;
  longest integer := current_setting('max_identifier_length')::integer;
  stem    text;
  ending  text;
  chosen  name;
  created regclass;
begin
  select * into strict origin from pg_class where oid = parent;
  for attempt in 1 .. 100 loop
    ending := suffix || case when attempt > 1 then '_' || attempt else '' end;
    stem := origin.relname;
    while octet_length(stem || ending) > longest loop
      stem := left(stem, -1);
    end loop;
    chosen := stem || ending;
    -- By catalogue, not by to_regclass: whoever runs this need not have the right to use the schema.
    exit when not exists (select from pg_class where relnamespace = origin.relnamespace and relname = chosen)
          and not exists (select from pg_type where typnamespace = origin.relnamespace and typname = chosen);
  end loop;
  perform pgvigil.as_owner(parent, format('create table %s.%I (like %s including all excluding identity) %s %s',
    origin.relnamespace::regnamespace, chosen, parent,
    (select format('using %I', amname) from pg_am where oid = origin.relam),
    (select format('tablespace %I', spcname) from pg_tablespace where oid = origin.reltablespace)));
  created := (select oid from pg_class where relnamespace = origin.relnamespace and relname = chosen);
  perform pgvigil.as_owner(parent, statement) from pgvigil.grants_like(parent, created) statement;
  return created;
end
$$;

-- Foreign keys by which rows are referenced that leave the default partition `stray`; a copy of them is in `moving`.
create or replace function pgvigil.foreign_keys_into(parent regclass, stray regclass, moving regclass)
returns table (referencing regclass, drop_key text, add_key text)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  fk record;
begin
  for fk in
    select c.oid, c.conrelid::regclass as child, c.conname, c.confrelid,
           (select string_agg(format('m.%I operator(%s.%s) t.%I', r.attname, o.oprnamespace::regnamespace, o.oprname,
                                     t.attname), ' and ')
              from unnest(c.conkey, c.confkey, c.conpfeqop) as k (t, r, o)
              join pg_attribute t on t.attrelid = c.conrelid and t.attnum = k.t
              join pg_attribute r on r.attrelid = c.confrelid and r.attnum = k.r
              join pg_operator o on o.oid = k.o) as same_key
      from pg_constraint c
     where c.contype = 'f' and c.conparentid = 0 and c.confrelid in (parent, stray)
  loop
    continue when pgvigil.as_owner(parent, format('select exists (select from %s t join %s m on %s)',
                                                  fk.child, moving, fk.same_key)) = 'false';
    if fk.confrelid = stray then
      raise exception 'rows of % cannot leave its default partition: foreign key % of % points at % itself',
        parent, fk.conname, fk.child, stray
        using errcode = 'foreign_key_violation', hint = format('Let that key reference %s.', parent);
    end if;
    referencing := fk.child;
    drop_key := format('alter table %s drop constraint %I', fk.child, fk.conname);
    add_key := format('alter table %s add constraint %I %s', fk.child, fk.conname, pg_get_constraintdef(fk.oid))
      || coalesce(format('; comment on constraint %I on %s is %L', fk.conname, fk.child,
                         obj_description(fk.oid, 'pg_constraint')), '');
    return next;
  end loop;
end
$$;

-- Statements between others that switch off triggers: moving a row to another partition is no change to the table, so its
-- triggers must see neither a delete nor an insert. Those of foreign keys stay. `like_those_of`: the table itself, or the
-- parent whose row triggers it has got by being attached.
create or replace function pgvigil.without_triggers(target regclass, like_those_of regclass, statements text[])
returns text[] language sql stable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(format('alter table %s disable trigger %I', target, tgname)), '{}')
         || statements
         || coalesce(array_agg(format('alter table %s enable %s trigger %I', target,
              case tgenabled when 'A' then 'always' when 'R' then 'replica' else '' end, tgname)), '{}')
    from pg_trigger t
   where tgrelid = like_those_of and tgenabled <> 'D' and (target = like_those_of or tgtype & 1 = 1)
     and not exists (select from pg_constraint c where c.oid = t.tgconstraint and c.contype <> 't')
$$;

-- The work for one parent. Locks, in this order, each until the end of the transaction:
--   the parent             SHARE UPDATE EXCLUSIVE (reading and writing go on)
--   the default partition  EXCLUSIVE while rows are copied and deleted (reading goes on), ACCESS EXCLUSIVE from then on
--   tables at the other end of foreign keys   SHARE ROW EXCLUSIVE (reading goes on)
--   only if rows that move are referenced: both ends ACCESS EXCLUSIVE while the key is validated again
create or replace function pgvigil.create_partitions_of(parent regclass, validate_limit bigint)
returns table (partition regclass, range_start timestamptz, range_end timestamptz, rows_moved bigint, action text)
language plpgsql
set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO, YMD' set row_security = off
as $$
declare
  t         record;
  stray     regclass;
  published boolean;
  columns   text;
  piece     record;
  bounds    text[];
  within    text;
  lock_mode text;
  moving    regclass;
  fk        record;
  bytes     bigint;
  -- What is left to do once everything is known and prepared.
  drops       text[] := '{}';
  deletes     text[] := '{}';
  attaches    text[] := '{}';
  adds        text[] := '{}';
  referencing regclass[] := '{}';
begin
  -- A trigger event that waits for the end of the transaction forbids every change to its table until then.
  perform pgvigil.as_owner(c.conrelid, format('set constraints %s.%I immediate', c.connamespace::regnamespace, c.conname))
     from pg_constraint c
    where c.contype = 'f' and c.conparentid = 0 and c.condeferrable and parent in (c.conrelid, c.confrelid);
  perform pgvigil.as_owner(parent, format('lock table only %s in share update exclusive mode', parent));
  select * into strict t from pgvigil.range_partitioned_tables() r where r.parent = create_partitions_of.parent;
  stray := t.default_partition;
  select string_agg(quote_ident(attname), ', ' order by attnum) into columns
    from pg_attribute where attrelid = parent and attnum > 0 and not attisdropped and attgenerated = '';
  if stray is not null then
    -- EXCLUSIVE shuts out FOR KEY SHARE as well: no new row can reference one that is about to move. Readers stay until
    -- the copy is made. Without rows to copy the stronger lock is asked for at once: who has read and goes on to write
    -- would wait for the weaker one while it waits for him.
    select string_agg(format('%1$I >= %2$s and %1$I < %3$s', t.column_name,
                             pgvigil.partition_bound(m.range_start, t.column_type),
                             pgvigil.partition_bound(m.range_end, t.column_type)), ' or ')
      into within from pgvigil.missing_partitions(parent) m;
    lock_mode := case pgvigil.as_owner(parent, format('select exists (select from %s where %s)',
                                                           stray, coalesce(within, 'false')))
                   when 'true' then 'exclusive' else 'access exclusive' end;
    perform pgvigil.as_owner(parent, format('lock table %s in %s mode', stray, lock_mode));
  end if;
  -- A subscriber sees rows leave the published default partition. He must see them come back, so they may enter the new
  -- partition only once that is published too, which is when it is attached. Until then they wait in a temporary table.
  published := current_setting('wal_level') = 'logical' and exists (
    select from pg_partition_ancestors(stray) a
      join pg_class c on c.oid = a.relid
      join pg_namespace n on n.oid = c.relnamespace
      join pg_publication_tables p on p.schemaname = n.nspname and p.tablename = c.relname);

  for piece in select * from pgvigil.missing_partitions(parent) loop
    range_start := piece.range_start;
    range_end := piece.range_end;
    bounds := array[pgvigil.partition_bound(range_start, t.column_type),
                    pgvigil.partition_bound(range_end, t.column_type)];
    within := format('%1$I >= %2$s and %1$I < %3$s', t.column_name, bounds[1], bounds[2]);
    partition := pgvigil.create_detached(parent, to_char(range_start at time zone t.zone,
      case t.step when 'day' then '"_p"YYYY_MM_DD' when 'week' then '"_p"IYYY"w"IW' else '"_p"YYYY_MM' end));
    attaches := attaches || format('alter table %s attach partition %s for values from (%s) to (%s)',
                                   parent, partition, bounds[1], bounds[2]);
    rows_moved := 0;
    action := 'created';
    if published then
      rows_moved := pgvigil.as_owner(parent, format('create temporary table %I on commit drop as select %s from %s where %s',
                                                    'moving_' || partition::oid, columns, stray, within));
      moving := (select oid from pg_class where relnamespace = pg_my_temp_schema() and relname = 'moving_' || partition::oid);
    elsif stray is not null then
      rows_moved := pgvigil.as_owner(parent, format('insert into %s (%s) select %2$s from %s where %s',
                                                    partition, columns, stray, within));
      moving := partition;
    end if;
    if rows_moved > 0 then
      perform pgvigil.as_owner(parent, format('analyze %s', moving));
      action := 'created, rows moved';
      deletes := deletes || format('delete from %s where %s', stray, within);
      if published then
        attaches := attaches || pgvigil.without_triggers(partition, parent, array[
          -- Since PostgreSQL 17 a partition has the identity columns of its parent.
          format('insert into %s (%s) overriding system value select %2$s from %s', partition, columns, moving),
          format('analyze %s', partition)]);
      end if;
      for fk in select * from pgvigil.foreign_keys_into(parent, stray, moving) loop
        action := 'created, rows moved, foreign keys validated again';
        continue when fk.drop_key = any (drops);
        referencing := referencing || fk.referencing;
        drops := drops || fk.drop_key;
        adds := adds || fk.add_key;
      end loop;
    end if;
    return next;
  end loop;

  bytes := (select sum(pg_table_size(l.relid))
              from (select distinct unnest(referencing)) f (oid), pg_partition_tree(f.oid) l);
  if bytes > validate_limit then
    raise program_limit_exceeded using
      message = format('rows that have to leave %s are referenced, and to move them foreign keys of %s (%s) must be '
                       'validated again: until that is done nobody can read these tables',
                       stray, array_to_string(referencing, ', '), pg_size_pretty(bytes)),
      hint = format('In a quiet hour: select * from pgvigil.create_partitions_ahead(%L, validate_limit => %s);',
                    parent, bytes * 2);
  end if;

  if cardinality(deletes) > 0 then
    deletes := pgvigil.without_triggers(stray, stray, deletes);
  end if;
  if stray is not null then
    attaches := format('lock table %s in access exclusive mode', stray) || attaches;
  end if;
  perform pgvigil.as_owner(f.child, f.statement) from unnest(referencing, drops) as f (child, statement);
  perform pgvigil.as_owner(parent, statement) from unnest(deletes || attaches) as statement;
  perform pgvigil.as_owner(f.child, f.statement) from unnest(referencing, adds) as f (child, statement);
end
$$;

create or replace function pgvigil.create_partitions_ahead(
  target regclass default null, lock_wait interval default '2 seconds', validate_limit bigint default 1073741824)
returns table (parent regclass, partition regclass, range_start timestamptz, range_end timestamptz,
               rows_moved bigint, action text)
language plpgsql
-- The clause brings the caller's value back at the end; the value itself comes from the argument.
set lock_timeout = '2s' set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  due     regclass;
  stray   regclass;
  related regclass[];
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'create_partitions_ahead needs a transaction of isolation level read committed'
      using errcode = 'invalid_transaction_state',
      detail = 'An older snapshot does not show what came into the default partition before it was locked.';
  end if;
  if target is not null and not exists (select from pgvigil.partition_policy p where p.parent = target) then
    raise exception '% has no row in pgvigil.partition_policy', target using errcode = 'no_data_found',
      hint = format('insert into pgvigil.partition_policy (parent, step) values (%L, ''month'');', target);
  end if;
  perform set_config('lock_timeout', ceil(extract(epoch from lock_wait) * 1000)::bigint::text, true);
  for due in
    select p.parent from pgvigil.partition_policy p join pg_class c on c.oid = p.parent
     where p.parent = coalesce(target, p.parent)
     order by p.parent::text
  loop
    begin
      continue when not exists (select from pgvigil.missing_partitions(due));
      return query select due, made.* from pgvigil.create_partitions_of(due, validate_limit) made;
    exception when lock_not_available or deadlock_detected then
      stray := (select t.default_partition from pgvigil.range_partitioned_tables() t where t.parent = due);
      related := array(
        select distinct unnest(array[other_end.oid, l.leaf::oid])
          from pg_constraint c, unnest(array[c.conrelid, c.confrelid]) as other_end (oid),
               pgvigil.partition_leaves(other_end.oid) l
         where c.contype = 'f' and c.conparentid = 0 and due in (c.conrelid, c.confrelid));
      raise exception 'no lock within % for the partitions of %: %', lock_wait, due,
        pgvigil.lock_holders(stray, due || related)
        using errcode = 'lock_not_available',
        hint = 'Nothing was changed. Run it again once that session has ended its transaction.';
    end;
  end loop;
end
$$;
comment on function pgvigil.create_partitions_ahead(regclass, interval, bigint) is
  'Creates the partitions that the policy of a table (or every policy) asks for, and moves rows of the default partition '
  'into them. lock_wait bounds each wait for a lock; where foreign keys of tables of more than validate_limit bytes would '
  'have to be validated again, it refuses.';

revoke all on function
  pgvigil.lock_holders(regclass, regclass[]), pgvigil.grants_like(regclass, regclass),
  pgvigil.create_detached(regclass, text), pgvigil.foreign_keys_into(regclass, regclass, regclass),
  pgvigil.without_triggers(regclass, regclass, text[]), pgvigil.create_partitions_of(regclass, bigint),
  pgvigil.create_partitions_ahead(regclass, interval, bigint)
  from public;
grant execute on function
  pgvigil.lock_holders(regclass, regclass[]), pgvigil.grants_like(regclass, regclass),
  pgvigil.create_detached(regclass, text), pgvigil.foreign_keys_into(regclass, regclass, regclass),
  pgvigil.without_triggers(regclass, regclass, text[]), pgvigil.create_partitions_of(regclass, bigint),
  pgvigil.create_partitions_ahead(regclass, interval, bigint)
  to pgvigil_maintain;
