-- The schema of pgvigil's functions, and the record of what the installer put into this database.

-- Whoever owns a schema can replace what is in it: a stranger's would have our functions run his code as us.
do $$
declare
  owner text;
begin
  select r.rolname into owner
    from pg_catalog.pg_namespace n
    join pg_catalog.pg_roles r on r.oid = n.nspowner
    join pg_catalog.pg_database d on d.datname = pg_catalog.current_database()
   where n.nspname = 'pgvigil' and not r.rolsuper and r.oid <> d.datdba and r.rolname <> current_user;
  if found then
    raise insufficient_privilege using
      message = pg_catalog.format('schema pgvigil is there already and belongs to %I', owner),
      hint = 'Look at what it holds, then drop it or give it to the owner of the database: '
        || 'alter schema pgvigil owner to <owner of the database>.';
  end if;
end
$$;

create schema if not exists pgvigil;
comment on schema pgvigil is 'Functions of pgvigil. Installed, checked and removed by: pgvigil sql.';

create table if not exists pgvigil.installed_file (
  bundle       text not null,
  file         text not null,
  version      text not null,
  checksum     text not null check (checksum ~ '^[0-9a-f]{64}$'),
  installed_at timestamptz not null default pg_catalog.now(),
  installed_by text not null default session_user,
  primary key (bundle, file)
);
comment on table pgvigil.installed_file is 'The files that were applied to this database, each as it was when applied last.';
comment on column pgvigil.installed_file.version is 'Of pgvigil.';
comment on column pgvigil.installed_file.checksum is 'SHA-256 of the file, hexadecimal.';

create table if not exists pgvigil.installed_object (
  bundle       text not null,
  kind         text not null,
  identity     text not null,
  parent       text,
  file         text not null,
  fingerprint  text not null check (fingerprint ~ '^[0-9a-f]{32}$'),
  server_major integer not null,
  primary key (bundle, kind, identity),
  foreign key (bundle, file) references pgvigil.installed_file on delete cascade
);
comment on table pgvigil.installed_object is 'What those files made: what pgvigil sql status looks for.';
comment on column pgvigil.installed_object.identity is 'Schema-qualified and quoted, as PostgreSQL writes it; of a function with its arguments.';
comment on column pgvigil.installed_object.parent is 'The table that a column, constraint, index or trigger belongs to.';
comment on column pgvigil.installed_object.file is 'The last file that made it or changed it.';
comment on column pgvigil.installed_object.fingerprint is 'MD5 of the definition as the server prints it.';
comment on column pgvigil.installed_object.server_major is 'Major version of the server that printed it: another one may print the same thing differently.';
