/**
 * What a connection found in the catalogue: the server's version, its columns, extensions and our privileges.
 * Collectors are matched against this and never against a version number alone: an extension can be older than
 * its server, and a fork can have the columns of a later one.
 */
import { inServerRange } from '../config/server_range.ts';
import type { Need } from './types.ts';

export interface Facts {
  readonly version: string;
  readonly shortVersion: string;
  readonly database: string;
  readonly user: string;
  /** `relation` → its columns, for pg_catalog. */
  readonly relations: ReadonlyMap<string, ReadonlySet<string>>;
  /** Installed in the connected database: name → version and schema (quoted). */
  readonly extensions: ReadonlyMap<string, { version: string; schema: string }>;
  /** Roles whose privileges the login role has. */
  readonly roles: ReadonlySet<string>;
  /** The search_path of queries that the user brings. */
  readonly userPath: string;
  /** What `pgvigil sql install` put into the connected database and we may execute: `schema.function`. */
  readonly functions: ReadonlySet<string>;
}

/**
 * As ALTER ROLE gave it to the monitoring role; without that, what the server gives everybody. Never what ALTER DATABASE
 * says: that is up to the owner of the database, whose functions would then run with the rights of the exporter.
 */
const USER_PATH = `
  with setting as (
    select s.setrole, s.setdatabase, pg_catalog.substr(c.entry, length('search_path=') + 1) as path
      from pg_catalog.pg_db_role_setting s cross join pg_catalog.unnest(s.setconfig) as c (entry)
     where c.entry like 'search\\_path=%'
       and s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
       and s.setrole in (0, (select oid from pg_catalog.pg_roles where rolname = session_user)))
  select coalesce((select path from setting where setrole <> 0 or setdatabase = 0
                    order by (setdatabase <> 0) desc, setrole <> 0 desc limit 1),
                  case when exists (select from setting) then '"$user", public'
                       else (select reset_val from pg_catalog.pg_settings where name = 'search_path') end)`;

/** One round trip, once per connection. */
export const FACTS_SQL = `
  select json_build_object(
    'version', pg_catalog.version(),
    'shortVersion', current_setting('server_version'),
    'database', current_database(),
    'user', current_user,
    'relations', (
      select json_object_agg(relname, columns)
        from (select c.relname, json_agg(a.attname) as columns
                from pg_catalog.pg_class c
                join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               where c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
                 and (c.relkind = 'v' or c.relname in ('pg_database', 'pg_subscription'))
               group by c.relname) r),
    'extensions', (
      select coalesce(json_object_agg(e.extname, json_build_object(
               'version', e.extversion, 'schema', quote_ident(n.nspname))), '{}')
        from pg_catalog.pg_extension e
        join pg_catalog.pg_namespace n on n.oid = e.extnamespace),
    'userPath', (${USER_PATH}),
    'roles', (
      select coalesce(json_agg(rolname), '[]')
        from pg_catalog.pg_roles
       where rolname like 'pg\\_%' and pg_catalog.pg_has_role(oid, 'USAGE')),
    'functions', (
      select coalesce(json_agg(n.nspname || '.' || p.proname), '[]')
        from pg_catalog.pg_namespace n
        join pg_catalog.pg_proc p on p.pronamespace = n.oid
       where n.nspname in ('pgvigil', 'musicdb', 'roadtrip')
         and pg_catalog.has_schema_privilege(n.oid, 'USAGE') and pg_catalog.has_function_privilege(p.oid, 'EXECUTE'))
  )::text`;

export function parseFacts(json: string): Facts {
  const raw = JSON.parse(json) as {
    version: string;
    shortVersion: string;
    database: string;
    user: string;
    relations: Record<string, string[]>;
    extensions: Record<string, { version: string; schema: string }>;
    userPath: string;
    roles: string[];
    functions: string[];
  };
  return {
    ...raw,
    relations: new Map(Object.entries(raw.relations).map(([name, columns]) => [name, new Set(columns)])),
    extensions: new Map(Object.entries(raw.extensions)),
    roles: new Set(raw.roles),
    functions: new Set(raw.functions),
  };
}

/** The needs that this connection does not meet. */
export const unmetNeeds = (needs: readonly Need[] | undefined, facts: Facts): Need[] =>
  (needs ?? []).filter((need) => !isMet(need, facts));

function isMet(need: Need, facts: Facts): boolean {
  const [kind, name, version] = need.split(' ');
  if (kind === 'role') return facts.roles.has(name);
  if (kind === 'function') return facts.functions.has(name);
  if (kind === 'extension') {
    const installed = facts.extensions.get(name);
    return installed !== undefined && (version === undefined || !isOlder(installed.version, version));
  }
  if (kind === 'server') return inServerRange(need.slice('server '.length), facts.shortVersion);
  const [relation, column] = need.split('.');
  const columns = facts.relations.get(relation);
  return columns !== undefined && (column === undefined || columns.has(column));
}

/** Extension versions are numbers with dots: 1.9 is older than 1.10. */
function isOlder(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
