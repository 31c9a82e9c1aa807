#!/bin/sh
# PostgreSQL's image, with a key that it accepts: its own user's, and closed to all others.
set -eu
install -m 600 /run/secrets/postgres.key /run/tls/postgres.key
exec docker-entrypoint.sh postgres -c config_file=/etc/postgresql/postgresql.conf -c listen_addresses='*' "$@"
