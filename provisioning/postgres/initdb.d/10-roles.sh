#!/bin/sh
# Logins and databases, at the first start only. PostgreSQL's image runs this as the superuser, by the socket.
set -e
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=musicdb <<'SQL'
-- No password in a log or in pg_stat_statements.
set log_statement = 'none';
set log_min_duration_statement = -1;
set log_min_error_statement = 'panic';
set pg_stat_statements.track_utility = off;

-- The application: owns MusicDB and works in it, through PgBouncer.
\set password `cat /run/secrets/musicdb_shop_password`
create role musicdb_shop login password :'password';
grant create, temporary on database musicdb to musicdb_shop;

-- Without passwords: these log in by certificate.
create role pgvigil_exporter login;
create role pgvigil_maintenance login;
create role pgvigil_replica login replication;

-- `pgvigil sql install` would make these three and give them their rights; the memberships are ours to give.
create role pgvigil_monitor nologin;
create role pgvigil_maintain nologin;
create role pgvigil_owners nologin noinherit;
grant pgvigil_monitor to pgvigil_exporter;
grant pgvigil_maintain to pgvigil_maintenance;
grant musicdb_shop to pgvigil_owners;

create extension pg_stat_statements;
-- The state database: history, jobs, audit.
create database pgvigil;
SQL
