/** Where the names in somebody else's statement are looked up. */
import type { LiveTarget } from '../live/live_target.ts';

/**
 * The path of the user `$1`, as ALTER ROLE … IN DATABASE, ALTER ROLE, ALTER DATABASE and the server's own setting give it;
 * what a session sets for itself nobody else can know. A session of ours has another path, so the server's is its reset_val.
 */
export const PATH_SQL = `
  with setting as (
    select s.setrole, s.setdatabase, pg_catalog.substr(c.entry, pg_catalog.length('search_path=') + 1) as path
      from pg_catalog.pg_db_role_setting s cross join pg_catalog.unnest(s.setconfig) as c (entry)
     where c.entry like 'search\\_path=%'
       and s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()))
       and s.setrole in (0, (select oid from pg_catalog.pg_roles where rolname = $1))
     order by (s.setdatabase <> 0 and s.setrole <> 0) desc, s.setrole <> 0 desc, s.setdatabase <> 0 desc limit 1)
  select pg_catalog.replace(
           coalesce((select path from setting),
                    (select reset_val from pg_catalog.pg_settings where name = 'search_path')),
           '"$user"', pg_catalog.quote_ident($1)) as path`;

/** With the path of somebody else even `=` may be theirs: no operator, and each name with its schema. */
const FIND_SQL = `
  select n as name, pg_catalog.to_regclass(n)::pg_catalog.oid as oid from pg_catalog.unnest($1::pg_catalog.text[]) as n`;

/**
 * Relations as their user would find them; those that are not there are missing.
 * @param names as written in a statement. @throws TargetUnavailable, DatabaseFailure
 */
export async function findRelations(
  live: LiveTarget,
  { database, user }: { readonly database: string; readonly user: string },
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await live.use(async (client) => {
    await client.query('begin transaction read only');
    try {
      const [{ path }] = (await client.query<{ path: string }>(PATH_SQL, [user])).rows;
      await client.query("select pg_catalog.set_config('search_path', $1, true)", [path]);
      return (await client.query<{ name: string; oid: number | null }>(FIND_SQL, [names])).rows;
    } finally {
      await client.query('rollback').catch(() => undefined);
    }
  }, database);
  return new Map(rows.flatMap(({ name, oid }) => (oid === null ? [] : [[name, oid] as const])));
}
