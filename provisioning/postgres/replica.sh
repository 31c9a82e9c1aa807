#!/bin/sh
# A streaming standby of `postgres`, copied from it at the first start. Remove its volume to have it copied anew.
set -eu
install -m 600 /run/secrets/postgres.key /run/tls/postgres.key
install -m 600 /run/secrets/pgvigil_replica.key /run/tls/pgvigil_replica.key

primary='host=postgres port=5432 user=pgvigil_replica application_name=replica sslmode=verify-full'
primary="$primary sslrootcert=/run/secrets/ca.crt sslcert=/run/secrets/pgvigil_replica.crt sslkey=/run/tls/pgvigil_replica.key"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  pg_receivewal --dbname="$primary" --slot=replica --create-slot --if-not-exists
  pg_basebackup --dbname="$primary" --slot=replica --pgdata="$PGDATA" --wal-method=stream --checkpoint=fast --write-recovery-conf
fi
exec postgres -c config_file=/etc/postgresql/postgresql.conf -c listen_addresses='*' "$@"
