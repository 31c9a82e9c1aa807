#!/usr/bin/env bash
# Applies a file of settings to a running PostgreSQL by ALTER SYSTEM: all of them or none, with a way back.
# Needs psql and bash 3.2. Usage: init-performance.sh --help
set -euo pipefail

readonly HERE="${BASH_SOURCE[0]%/*}"
conf="$HERE/postgresql-performance.conf"
backup=postgresql-settings.backup.sql
mode=apply

usage() {
  cat <<EOT
Usage: init-performance.sh [--dry-run | --undo] [--conf FILE] [--backup FILE]

Applies the settings of FILE to the server that PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSFILE … name.
Each is checked against the server first; if one is wrong, none is applied.

  --dry-run      show what would change, and change nothing
  --undo         put back what the backup says, and remove the backup
  --conf FILE    settings as in postgresql.conf (default: $conf)
  --backup FILE  where the old values are kept (default: ./$backup)

Exit status: 0 done, 1 not done (nothing is changed, or it says what is), 2 wrong usage.
EOT
}

say() { printf '%s\n' "$*"; }
# The first argument is the message, the others are lines below it.
die() {
  printf '%s\n' "init-performance.sh: $1" "${@:2}" >&2
  exit 1
}
wrong_usage() {
  printf 'init-performance.sh: %s\nSee init-performance.sh --help\n' "$1" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    --dry-run | --undo)
      [ "$mode" = apply ] || wrong_usage "--dry-run and --undo exclude each other"
      mode=${1#--}
      ;;
    --conf | --backup)
      [ -n "${2-}" ] || wrong_usage "$1 needs a file"
      if [ "$1" = --conf ]; then conf=$2; else backup=$2; fi
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) wrong_usage "unknown argument $1" ;;
  esac
  shift
done

command -v psql >/dev/null || die "psql is not on the PATH: install PostgreSQL's client programs"
export PGAPPNAME=${PGAPPNAME-init-performance.sh} PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT-10}
# Output is read by this script, so neither ~/.psqlrc nor a localised server may change its form.
run_sql() { PGOPTIONS="${PGOPTIONS-} -c search_path=pg_catalog -c statement_timeout=0" psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# The lines of the plan that are of this kind, without it.
of_kind() { sed -n "s/^$1 //p" <<<"$plan"; }

# Prints `line<TAB>name<TAB>value` for each setting. The syntax is that of postgresql.conf.
read_conf() {
  awk '
    function fail(what) { printf "%s, line %d: %s\n", FILENAME, FNR, what > "/dev/stderr"; failed = 1; exit 1 }
    { sub(/\r$/, ""); rest = $0; sub(/^[ \t]+/, "", rest) }
    rest == "" || rest ~ /^#/ { next }
    rest !~ /^[A-Za-z_][A-Za-z0-9_.]*([ \t]|=)/ { fail("this is no setting: name = value") }
    {
      match(rest, /^[A-Za-z0-9_.]+/)
      name = tolower(substr(rest, 1, RLENGTH)); rest = substr(rest, RLENGTH + 1)
      sub(/^[ \t]*=?[ \t]*/, "", rest)
      if (name ~ /^include/) fail(name " is not followed: give that file with --conf")
      if (name in seen) fail(name " was set in line " seen[name] " already")
      seen[name] = FNR
      if (rest ~ /^\047/) {
        if (!match(rest, /^\047([^\047\\]|\047\047)*\047/)) fail("the quoted value does not end, or holds a backslash")
        value = substr(rest, 2, RLENGTH - 2); gsub(/\047\047/, "\047", value)
      } else {
        if (!match(rest, /^[^ \t#\047]+/)) fail(name " has no value")
        value = substr(rest, 1, RLENGTH)
      }
      rest = substr(rest, RLENGTH + 1)
      if (rest !~ /^[ \t]*(#.*)?$/) fail("unexpected after the value: " rest)
      printf "%d\t%s\t%s\n", FNR, name, value
    }' "$1"
}

# What this login lacks, or nothing. Reading the files of the server is what makes the backup exact.
check_rights() {
  run_sql -v names="$1" <<'SQL'
select current_setting('server_version_num')::int >= 150000 as grantable,
       current_setting('is_superuser')::bool as super \gset
\if :super
\elif :grantable
  select format('grant alter system on parameter %s to %I;', string_agg(n, ', ' order by n), current_user)
    from unnest(string_to_array(:'names', ' ')) n
   where exists (select from pg_settings where name = n)
     and not has_parameter_privilege(n, 'alter system')
  having count(*) > 0;
  select format('grant select on pg_catalog.pg_file_settings to %I;', current_user)
   where not has_table_privilege('pg_catalog.pg_file_settings', 'select');
  select format('grant execute on function %s to %I;', f, current_user)
    from unnest(array['pg_catalog.pg_show_all_file_settings()', 'pg_catalog.pg_reload_conf()']) f
   where not has_function_privilege(f, 'execute');
  select format('grant pg_read_all_settings to %I;', current_user) where not pg_has_role('pg_read_all_settings', 'usage');
\else
  select 'PostgreSQL 14 lets nobody else change settings: run this script as a superuser.';
\endif
SQL
}

# One line per finding, led by its kind: error, show, set, undo.
make_plan() {
  run_sql -v settings="$1" <<'SQL'
with
  wanted as (
    select split_part(l, E'\t', 1)::int as line, split_part(l, E'\t', 2) as name, split_part(l, E'\t', 3) as value
      from regexp_split_to_table(:'settings', E'\n') l
  ),
  files as (
    select lower(f.name) as name, f.setting, f.seqno, f.sourcefile ~ '/postgresql\.auto\.conf$' as automatic
      from pg_file_settings f
  ),
  units (unit, dimension, factor) as (
    values ('B', 'size', 1::numeric), ('kB', 'size', 1024), ('MB', 'size', 1048576), ('GB', 'size', 1073741824),
           ('TB', 'size', 1099511627776), ('us', 'time', 1), ('ms', 'time', 1000), ('s', 'time', 1000000),
           ('min', 'time', 60000000), ('h', 'time', 3600000000), ('d', 'time', 86400000000)
  ),
  known as (
    select w.line, w.name, w.value, s.name as known, s.context, s.vartype, s.unit, s.enumvals,
           s.min_val::numeric as least, s.max_val::numeric as most, u.dimension,
           u.factor * coalesce(nullif(substring(s.unit from '^\d+'), '')::numeric, 1) as factor,
           a.setting as automatic,
           -- What a session gets by default: this one may have values of its own.
           case when s.source = 'command line' then s.setting
                else coalesce((select f.setting from files f where f.name = w.name order by f.seqno desc limit 1), s.boot_val)
           end as current
      from wanted w
      left join pg_settings s on lower(s.name) = w.name
      left join units u on u.unit = ltrim(s.unit, '0123456789')
      left join files a on a.name = w.name and a.automatic
  ),
  texts as (
    select known.*, 'new' as side, value as text from known
    union all
    select known.*, 'old', current from known
  ),
  numbers as (
    -- A leading zero means octal or hexadecimal: such values are left to the server.
    select t.*, parts[1]::numeric as number, parts[2] as suffix, t.text !~ '^\s*0[0-9xX]' and t.vartype in ('integer', 'real') as numeric
      from texts t
     cross join lateral (
       select regexp_match(t.text, '^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)\s*$') as parts) m
  ),
  amounts as (
    select n.*, round(number * case when suffix = '' then 1 else u.factor / n.factor end,
                      case when vartype = 'integer' then 0 else 9 end) as amount
      from numbers n
      left join units u on u.unit = n.suffix and u.dimension = n.dimension
  ),
  readings as (
    select a.*,
           case when known is null then 'there is no such setting in this server'
                when context = 'internal' then 'cannot be changed'
                when name in ('local_preload_libraries', 'session_preload_libraries', 'shared_preload_libraries', 'search_path',
                              'temp_tablespaces', 'unix_socket_directories') then 'is a list: set it by hand'
                when vartype = 'bool' and lower(text) not in ('on', 'off', 'true', 'false', 'yes', 'no', '1', '0')
                  then format('%s is neither on nor off', text)
                when vartype = 'enum' and not lower(text) = any (enumvals)
                  then format('%s is none of %s', text, array_to_string(enumvals, ', '))
                when numeric and number is null then format('%s is no number', text)
                when numeric and amount is null and dimension is null then format('%s has a unit, and it takes none', text)
                when numeric and amount is null
                  then format('%s has another unit than it takes: %s', text,
                              (select string_agg(u.unit, ', ' order by u.factor) from units u where u.dimension = a.dimension))
                when numeric and amount not between least and most
                  then format('%s is not between %s and %s%s', text, least, most, ' times ' || unit)
           end as problem,
           case when vartype = 'bool' then (lower(text) in ('on', 'true', 'yes', '1'))::text
                when vartype = 'enum' then lower(text)
                when numeric then amount::text
                else text
           end as canonical,
           case when numeric and suffix = '' and amount >= 0 and dimension = 'size' then pg_size_pretty(amount * factor)
                when numeric and suffix = '' and amount >= 0 and dimension = 'time' then format('%s %s', text, unit)
                else text
           end as readable
      from amounts a
  ),
  changes as (
    select new.*, old.readable as was, max(length(new.name)) over () as width
      from readings new join readings old using (line)
     where new.side = 'new' and old.side = 'old' and new.problem is null and new.canonical is distinct from old.canonical
  ),
  findings (place, line, finding) as (
    -- The server takes its files whole or not at all; a setting that waits for a restart is no error.
    select 0, 0, format('error %s, line %s: %s: the server would not load its files', f.sourcefile, f.sourceline, f.error)
      from pg_file_settings f left join pg_settings s on s.name = f.name
     where f.error is not null and s.context is distinct from 'postmaster'
    union all
    select 1, line, format('error line %s: %s: %s', line, name, problem) from readings where side = 'new' and problem is not null
    union all
    select 2, line, format('show %s  %s -> %s  (%s)', rpad(name, width), was, readable,
             case when context = 'postmaster' then 'restart' when context like '%backend' then 'new sessions' else 'reload' end)
      from changes
    union all
    select 2, null, 'show In place already: ' || string_agg(name, ', ' order by line) from wanted
     where name not in (select name from changes) having count(*) > 0
    union all
    select 3, line, format('set alter system set %I = %L;', name, value) from changes
    union all
    select 4, line, case when automatic is null then format('undo alter system reset %I;', name)
                         else format('undo alter system set %I = %L;', name, automatic) end
      from changes
  )
select finding from findings order by place, line;
SQL
}

identify_server() { run_sql <<<"select system_identifier from pg_control_system()"; }

# Has the server read its files again, and waits until sessions see what they say.
reload() {
  local before
  before=$(run_sql <<<"select pg_conf_load_time()")
  run_sql <<<"select pg_reload_conf()" >/dev/null
  for _ in $(seq 50); do
    [ "$(run_sql -v before="$before" <<<"select pg_conf_load_time() > :'before'")" = t ] && return
    sleep 0.1
  done
  die "the server has not read its files again within 5 s: its log says why"
}

# What of the settings named is not in force: waiting for a restart, or overridden where this script cannot reach.
report() {
  run_sql -v names="$1" <<'SQL'
with named as (select name from unnest(string_to_array(:'names', ' ')) name)
select format('Waits for a restart of the server: %s', string_agg(name, ', ' order by name))
  from pg_settings where pending_restart and name in (table named)
having count(*) > 0
union all
select format('Overridden by the command line that started the server: %s', string_agg(name, ', ' order by name))
  from pg_settings where source in ('command line', 'environment variable') and name in (table named)
having count(*) > 0
union all
select format('Overridden %s: %s', concat_ws(' ', 'for role ' || quote_ident(r.rolname), 'in database ' || quote_ident(d.datname)), c)
  from pg_db_role_setting o
  left join pg_roles r on r.oid = o.setrole
  left join pg_database d on d.oid = o.setdatabase
 cross join unnest(o.setconfig) c
 where split_part(c, '=', 1) in (table named);
SQL
}

require_rights() {
  local lacking
  lacking=$(check_rights "$1")
  [ -z "$lacking" ] || die "$(run_sql <<<'select current_user') may not do this. What it takes, from a superuser:" "$lacking"
}

# Ctrl-C ends psql, which counts as a failure of it: what was done is then taken back.
survive_interruptions() { trap : INT TERM HUP; }

# The server goes on calling a setting pending that was never in force, after it has left the files: it only looks again
# when it finds it there with the value it runs with.
clear_pending() {
  local stale
  stale=$(run_sql -v names="$1" <<'SQL'
select format(E'alter system set %I = %L;\talter system reset %I;', name, setting, name) from pg_settings s
 where pending_restart and name in (select name from unnest(string_to_array(:'names', ' ')) name)
   and not exists (select from pg_file_settings f where lower(f.name) = lower(s.name))
SQL
)
  [ -n "$stale" ] || return 0
  cut -f 1 <<<"$stale" | run_sql
  reload
  cut -f 2 <<<"$stale" | run_sql
  reload
}

undo() {
  [ -f "$backup" ] || die "there is no backup $backup: name it with --backup"
  local server names
  server=$(sed -n 's/^-- server: //p' "$backup")
  [ "$server" = "$(identify_server)" ] || die "$backup is of another server (system identifier $server): nothing is changed"
  names=$(sed -n 's/^alter system \(re\)*set \([a-z0-9_."]*\).*/\2/p' "$backup" | tr '\n' ' ')
  require_rights "${names% }"
  grep '^alter system ' "$backup" | run_sql || die "not everything is put back: run --undo again when that is cured"
  reload
  clear_pending "${names% }"
  rm "$backup"
  say "Put back: ${names% }"
  report "${names% }"
}

write_backup() {
  local now server
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  server=$(identify_server)
  (
    umask 077
    set -o noclobber
    cat >"$backup" <<EOT
-- Settings before $conf was applied, $now. Back to them: init-performance.sh --undo
-- server: $server
$(of_kind undo)
EOT
  ) || die "cannot write the backup $backup: nothing is changed"
}

apply() {
  local settings names errors
  [ -r "$conf" ] || die "cannot read $conf"
  settings=$(read_conf "$conf") || die "nothing is changed"
  [ -n "$settings" ] || die "$conf has no settings"
  names=$(cut -f 2 <<<"$settings" | tr '\n' ' ')
  names=${names% }
  require_rights "$names"
  plan=$(make_plan "$settings")
  errors=$(of_kind error)
  [ -z "$errors" ] || die "$conf does not fit this server; nothing is changed:" "$errors"
  if [ -z "$(of_kind set)" ]; then
    say "Every setting of $conf is in place already."
    report "$names"
    return
  fi
  of_kind show
  if [ "$mode" = dry-run ]; then
    say "Dry run: nothing is changed."
    return
  fi
  [ ! -e "$backup" ] || die "$backup is there already: it has the values from before an earlier run." \
    "Undo that first (--undo), or keep both with --backup OTHER. Nothing is changed."
  write_backup
  survive_interruptions
  if ! of_kind set | run_sql; then
    of_kind undo | run_sql || die "the settings are half applied: run --undo --backup $backup when that is cured"
    rm "$backup"
    die "a setting was refused, and those before it were taken back: nothing is changed"
  fi
  reload
  say "Applied. The old values are in $backup; --undo puts them back."
  report "$names"
}

if [ "$mode" = undo ]; then undo; else apply; fi
