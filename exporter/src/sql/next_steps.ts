/** What an administrator has still to do, by the state of the server. */
import type pg from 'pg';

/** Lines to print; none when every role has a login. */
export async function nextSteps(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ role: string; everywhere: boolean }>(ROLES_WITHOUT_LOGIN_SQL);
  if (rows.length === 0) return [];
  const steps = rows.map(({ role }) => `  grant ${role} to <${LOGINS[role]}>;`);
  if (rows.some(({ role }) => role === 'pgvigil_maintain')) steps.push(rows[0].everywhere ? USAGE : OWNER);
  return ['Next, as an administrator:', ...steps];
}

/** pg_maintain gives MAINTAIN on every table, yet no way into its schema. */
const USAGE = '  grant usage on schema <its schema> to pgvigil_maintain;  -- to vacuum or reindex a table of it';
const OWNER =
  '  grant <owner of the tables> to pgvigil_owners;  -- to vacuum or reindex them; the owner is no superuser';

const LOGINS: Readonly<Record<string, string>> = {
  pgvigil_monitor: "the exporter's login",
  pgvigil_maintain: 'the login that runs actions',
};

const ROLES_WITHOUT_LOGIN_SQL = `
  select r.rolname::text as role,
         exists (select from pg_catalog.pg_roles where rolname = 'pg_maintain') as everywhere
    from pg_catalog.pg_roles r
   where r.rolname in ('pgvigil_monitor', 'pgvigil_maintain') and not r.rolcanlogin
     and not exists (
       select from pg_catalog.pg_auth_members a join pg_catalog.pg_roles m on m.oid = a.member
        where a.roleid = r.oid and m.rolcanlogin
          and coalesce((pg_catalog.to_jsonb(a) ->> 'inherit_option')::boolean, m.rolinherit))
   order by 1 desc`;
