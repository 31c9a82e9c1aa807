#!/bin/sh
# Before each start of the exporter: the SQL functions in MusicDB and the state database, as this version has them.
# What is in place stays. By certificate as the superuser, straight to PostgreSQL.
set -eu
login='sslmode=verify-full&sslrootcert=/run/secrets/ca.crt&sslcert=/run/secrets/superuser.crt&sslkey=/run/secrets/superuser.key'

pgvigil sql install --db "postgresql://postgres@postgres:5432/musicdb?$login"
pgvigil state migrate --state "postgresql://postgres@postgres:5432/pgvigil?$login" --runtime-role pgvigil_exporter
