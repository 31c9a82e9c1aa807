-- The schema of the state database, the record of what the installer put into it, and the rights of the exporter.
-- Everything belongs to the role that applies these files; the exporter's login is a member of pgvigil_state and owns nothing.

do $$
declare
  owner text;
begin
  select r.rolname into owner
    from pg_catalog.pg_namespace n join pg_catalog.pg_roles r on r.oid = n.nspowner
   where n.nspname = 'pgvigil_state' and r.rolname <> current_user;
  if found then
    raise insufficient_privilege using
      message = pg_catalog.format('schema pgvigil_state is there already and belongs to %I', owner),
      hint = pg_catalog.format('migrate as %I, or as a member of it.', owner);
  end if;
end
$$;

-- A role that can do more than this would make the rights below worth nothing.
do $$
declare
  power text;
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'pgvigil_state') then
    create role pgvigil_state nologin;
  end if;
  select a.attribute into power
    from pg_catalog.pg_roles r
   cross join lateral (values ('superuser', r.rolsuper), ('createrole', r.rolcreaterole), ('bypassrls', r.rolbypassrls))
           a (attribute, has)
   where r.rolname = 'pgvigil_state' and a.has;
  if found then
    raise invalid_grant_operation using
      message = pg_catalog.format('role pgvigil_state is not as pgvigil needs it: it has %s', power),
      hint = pg_catalog.format('alter role pgvigil_state no%s;', power);
  end if;
exception
  when insufficient_privilege then
    raise insufficient_privilege using
      message = pg_catalog.format('role pgvigil_state is missing, and %I may not create it', current_user),
      hint = 'Ask an administrator to run this once, in any database of the server: create role pgvigil_state nologin;';
end
$$;

create schema if not exists pgvigil_state;
comment on schema pgvigil_state is 'History, jobs and audit of pgvigil. Prepared by: pgvigil state migrate.';
revoke all on schema pgvigil_state from public;
grant usage on schema pgvigil_state to pgvigil_state;

create table if not exists pgvigil_state.installed_file (
  bundle       text not null,
  file         text not null,
  version      text not null,
  checksum     text not null check (checksum ~ '^[0-9a-f]{64}$'),
  installed_at timestamptz not null default pg_catalog.now(),
  installed_by text not null default session_user,
  primary key (bundle, file)
);
comment on table pgvigil_state.installed_file is 'The files that were applied to this database, each as it was when applied last.';

create table if not exists pgvigil_state.installed_object (
  bundle       text not null,
  kind         text not null,
  identity     text not null,
  parent       text,
  file         text not null,
  fingerprint  text not null check (fingerprint ~ '^[0-9a-f]{32}$'),
  server_major integer not null,
  primary key (bundle, kind, identity),
  foreign key (bundle, file) references pgvigil_state.installed_file on delete cascade
);
comment on table pgvigil_state.installed_object is 'What those files made: what pgvigil state status looks for.';

grant select on pgvigil_state.installed_file, pgvigil_state.installed_object to pgvigil_state;

create table if not exists pgvigil_state.target (
  id         integer generated always as identity primary key,
  name       text not null unique,
  created_at timestamptz not null default pg_catalog.now()
);
comment on table pgvigil_state.target is 'Configured targets, by their names. Everything else names them by id.';
grant select, insert on pgvigil_state.target to pgvigil_state;
