-- Two roles that a login is made a member of, and one that stands before the owners of tables. All are NOLOGIN when
-- made; what an administrator changes about that later is kept.
--   pgvigil_monitor   what the exporter needs: sees all sessions, settings and statistics; reads no table
--   pgvigil_maintain  what actions need: cancels and terminates, from PostgreSQL 18 on autovacuum too; from 17 on vacuums,
--                     analyzes, reindexes and refreshes everywhere (pg_maintain); reads no table
--   pgvigil_owners    pgvigil_maintain may become the owners that are granted to it (set role), and has none of their
--                     rights until it does: grant app_owner to pgvigil_owners
-- The statements that are missing are collected first: without the right to run them, they are what is asked for.

do $$
declare
  missing text[];
  statement text;
  -- From PostgreSQL 16 on each grant says for itself whether it is inherited; before, the member says it for all.
  per_grant constant boolean := exists (
    select from pg_catalog.pg_attribute
     where attrelid = 'pg_catalog.pg_auth_members'::pg_catalog.regclass and attname = 'inherit_option');
begin
  with
    wanted (role, inheritance) as (
      values ('pgvigil_monitor', 'inherit'), ('pgvigil_maintain', 'inherit'), ('pgvigil_owners', 'noinherit')
    ),
    wanted_grant (member, granted, how) as (
      values ('pgvigil_monitor', 'pg_monitor', 'USAGE'),
             ('pgvigil_maintain', 'pg_monitor', 'USAGE'),
             ('pgvigil_maintain', 'pg_signal_backend', 'USAGE'),
             ('pgvigil_maintain', 'pg_signal_autovacuum_worker', 'USAGE'),
             ('pgvigil_maintain', 'pg_maintain', 'USAGE'),
             ('pgvigil_maintain', 'pgvigil_owners', 'MEMBER')
    ),
    statements (place, text) as (
      select 1, pg_catalog.format('create role %I nologin %s', w.role, w.inheritance)
        from wanted w
       where not exists (select from pg_catalog.pg_roles r where r.rolname = w.role)
      union all
      select 2, pg_catalog.format('grant %I to %I%s', w.granted, w.member,
               case when per_grant and w.how = 'USAGE' then ' with inherit true' else '' end)
        from wanted_grant w
        left join pg_catalog.pg_roles m on m.rolname = w.member
        left join pg_catalog.pg_roles g on g.rolname = w.granted
       -- Servers before 17 have no pg_maintain, those before 18 no pg_signal_autovacuum_worker.
       where (g.oid is not null or w.granted = 'pgvigil_owners')
         and (m.oid is null or g.oid is null or not pg_catalog.pg_has_role(m.oid, g.oid, w.how))
    )
  select pg_catalog.array_agg(s.text order by s.place, s.text) into missing from statements s;

  foreach statement in array coalesce(missing, '{}') loop
    execute statement;
  end loop;
exception
  when insufficient_privilege then
    raise insufficient_privilege using
      message = pg_catalog.format('the roles of pgvigil are not complete, and %I may not complete them: %s', current_user, sqlerrm),
      hint = 'Ask an administrator (a superuser) to run this once, in any database of the server: '
        || pg_catalog.array_to_string(missing, '; ') || ';';
end
$$;

-- Roles of these names may have been there before, or been given more since. Then nothing here is least privilege.
do $$
declare
  fault record;
begin
  select * into fault from (
    select r.rolname, a.attribute as power, pg_catalog.format('alter role %I no%s', r.rolname, a.attribute) as cure
      from pg_catalog.pg_roles r
     cross join lateral (values ('superuser', r.rolsuper), ('createrole', r.rolcreaterole), ('createdb', r.rolcreatedb),
                                ('replication', r.rolreplication), ('bypassrls', r.rolbypassrls)) a (attribute, has)
     where r.rolname in ('pgvigil_monitor', 'pgvigil_maintain', 'pgvigil_owners') and a.has
    union all
    select r.rolname, 'inherit', 'alter role pgvigil_owners noinherit'
      from pg_catalog.pg_roles r
     where r.rolname = 'pgvigil_owners' and r.rolinherit
    union all
    select r.rolname, pg_catalog.format('membership in %I', g.rolname),
           pg_catalog.format('revoke %I from %I (or from the role between them)', g.rolname, r.rolname)
      from pg_catalog.pg_roles r
      join pg_catalog.pg_roles g
        on g.rolsuper
        or g.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
                         'pg_execute_server_program')
     where r.rolname in ('pgvigil_monitor', 'pgvigil_maintain')
       and not r.rolsuper and pg_catalog.pg_has_role(r.oid, g.oid, 'MEMBER')
    union all
    select r.rolname, pg_catalog.format('no inheritance from %I', g.rolname), pg_catalog.format('alter role %I inherit', r.rolname)
      from pg_catalog.pg_roles r
      join pg_catalog.pg_roles g on g.rolname in ('pg_monitor', 'pg_signal_backend')
     where r.rolname in ('pgvigil_monitor', 'pgvigil_maintain')
       and pg_catalog.pg_has_role(r.oid, g.oid, 'MEMBER') and not pg_catalog.pg_has_role(r.oid, g.oid, 'USAGE')
  ) faults
  limit 1;
  if found then
    raise invalid_grant_operation using
      message = pg_catalog.format('role %I is not as pgvigil needs it: it has %s', fault.rolname, fault.power),
      hint = pg_catalog.format('%s;', fault.cure);
  end if;
end
$$;

-- A row of pgvigil_owners' grants that is inherited would hand out the data at once, without set role.
do $$
declare
  owner text;
begin
  select g.rolname into owner
    from pg_catalog.pg_auth_members m
    join pg_catalog.pg_roles r on r.oid = m.member and r.rolname = 'pgvigil_owners'
    join pg_catalog.pg_roles g on g.oid = m.roleid
   where (pg_catalog.to_jsonb(m) ->> 'inherit_option')::boolean;
  if found then
    raise invalid_grant_operation using
      message = pg_catalog.format('pgvigil_owners inherits the rights of %I', owner),
      hint = pg_catalog.format('grant %I to pgvigil_owners with inherit false;', owner);
  end if;
end
$$;

grant usage on schema pgvigil to pgvigil_monitor, pgvigil_maintain;
grant select on pgvigil.installed_file, pgvigil.installed_object to pgvigil_monitor, pgvigil_maintain;
