#!/bin/sh
# Makes the secrets that docker-compose.yml hands to its services: passwords that nobody chose, and a certificate
# authority of its own with a certificate for each server and for each login that has no password.
#
#   sh provisioning/make-secrets.sh [folder]      default: secrets
#
# Again at any time: what is there stays, what is missing is made. To renew a certificate, remove it and run this again,
# then restart who uses it.
#
# The folder is closed to everyone but you. The files in it are readable, as Docker shows them to its services under
# this machine's modes, and each service is another user. Only the authority's key stays yours: nothing mounts it.
set -eu
umask 077

folder=${1:-secrets}
days=825

mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

password() {
  [ -s "$1" ] || openssl rand -hex 24 >"$1"
}

# signed FILE COMMON-NAME EXTENSIONS: a key and a certificate. As a login, the common name is the role's name.
signed() {
  [ -s "$1.crt" ] && [ -s "$1.key" ] && return
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$2" 2>/dev/null
  printf 'basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n%b\n' "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days "$days" -sha256 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm -f "$1.csr" "$1.ext"
}

server() {
  signed "$1" "$1-server" "extendedKeyUsage=serverAuth\nsubjectAltName=$2,DNS:localhost,IP:127.0.0.1"
}

login() {
  signed "$1" "$2" 'extendedKeyUsage=clientAuth'
}

if [ ! -s ca.crt ] || [ ! -s ca.key ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 3650 -sha256 \
    -subj '/CN=pgvigil authority' -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
fi

# Names under which the services reach each other. postgres.example is PostgreSQL in sql/pgbouncer/pgbouncer.ini.
server postgres DNS:postgres,DNS:replica,DNS:postgres.example
server pgbouncer DNS:pgbouncer

login pgbouncer_auth pgbouncer_auth
login pgvigil_exporter pgvigil_exporter
login pgvigil_maintenance pgvigil_maintenance
login pgvigil_replica pgvigil_replica
login superuser postgres

for name in postgres_password musicdb_shop_password pgbouncer_admin_password pgbouncer_stats_password \
  grafana_admin_password api_read_secret api_write_secret alert_webhook_token; do
  password "$name"
done

# Of PgBouncer's console. Used nowhere else, so that they need not be hidden from PgBouncer.
[ -s userlist.txt ] || printf '"pgbouncer_admin" "%s"\n"pgbouncer_stats" "%s"\n' \
  "$(cat pgbouncer_admin_password)" "$(cat pgbouncer_stats_password)" >userlist.txt

chmod 444 ./*
chmod 600 ca.key
