#!/bin/sh
# How PgBouncer learns who may log in: sql/pgbouncer/auth-query.sql, in the database that it asks.
set -e
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=musicdb --file=/etc/pgvigil/auth-query.sql
