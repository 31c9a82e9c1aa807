-- How PgBouncer learns a user's secret. To be run by a superuser, in the database in which PgBouncer asks (see README.md).
-- Re-runnable. Only a superuser may read pg_authid, so the function runs as its owner and gives out one row.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'pgbouncer_auth') then
    -- No password: it logs in with the certificate that PgBouncer shows.
    create role pgbouncer_auth login connection limit 30;
  end if;
end
$$;
alter role pgbouncer_auth nosuperuser nocreatedb nocreaterole noreplication nobypassrls password null;
comment on role pgbouncer_auth is 'PgBouncer''s lookups: may call pgbouncer.user_secret, nothing else.';

create schema if not exists pgbouncer;
comment on schema pgbouncer is 'What PgBouncer asks when a client logs in.';
revoke all on schema pgbouncer from public;
grant usage on schema pgbouncer to pgbouncer_auth;

create or replace function pgbouncer.user_secret(name text)
  returns table (username text, secret text)
  language sql stable strict security definer
  -- pg_temp last: a caller's temporary objects must not stand in for the system's.
  set search_path = pg_catalog, pg_temp
as $$
  select a.rolname::text, a.rolpassword
    from pg_catalog.pg_authid a
   where a.rolname = user_secret.name
     and a.rolcanlogin
     -- Whoever may do everything connects directly.
     and not a.rolsuper
     and not a.rolreplication
     -- PgBouncer checks the secret, so it must be the one that expires too.
     and (a.rolvaliduntil is null or a.rolvaliduntil > pg_catalog.now())
     -- An md5 hash is as good as the password to whoever reads it.
     and a.rolpassword like 'SCRAM-SHA-256$%'
$$;
comment on function pgbouncer.user_secret(text) is
  'The SCRAM secret of a role that may log in through PgBouncer; no row for superusers, replication, expired or md5 passwords.';

revoke all on function pgbouncer.user_secret(text) from public;
grant execute on function pgbouncer.user_secret(text) to pgbouncer_auth;
