/** The roles of pgvigil belong to the whole server: they go only when no database and no login needs them. */
import type pg from 'pg';

const ROLES = ['pgvigil_monitor', 'pgvigil_maintain', 'pgvigil_owners'];

/** Inside a transaction. @returns what needs them; then they stay. */
export async function dropRoles(client: pg.Client, report: (line: string) => void): Promise<readonly string[]> {
  const { rows: needed } = await client.query<{ what: string }>(NEEDED_SQL, [ROLES]);
  if (needed.length > 0) return needed.map(({ what }) => what);
  const { rows } = await client.query<{ name: string; statement: string }>(DROP_SQL, [ROLES]);
  for (const { name, statement } of rows) {
    await client.query(statement);
    report(`role ${name} is dropped`);
  }
  return [];
}

/** Logins that have one of them, members they are given to; who may only give a role on (its creator) does not need it. */
const NEEDED_SQL = `
  with roles as (select oid, rolname from pg_catalog.pg_roles where rolname = any ($1))
  select format('role %I has %I: revoke %I from %I;', m.rolname, r.rolname, r.rolname, m.rolname) as what
    from roles r
    join pg_catalog.pg_auth_members a on a.roleid = r.oid
    join pg_catalog.pg_roles m on m.oid = a.member
   where m.rolname <> all ($1) and coalesce((to_jsonb(a) ->> 'set_option')::boolean
                                         or (to_jsonb(a) ->> 'inherit_option')::boolean, true)
  union all
  select distinct format('role %I %s', r.rolname, case
           when d.dbid = 0 then format('is named by %s', pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid))
           when b.datname = current_database()
             then format('is named by %s', pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid))
           else format('is named in database %I: pgvigil sql uninstall there', b.datname) end)
    from roles r
    join pg_catalog.pg_shdepend d on d.refclassid = 'pg_catalog.pg_authid'::regclass and d.refobjid = r.oid
    left join pg_catalog.pg_database b on b.oid = d.dbid
   -- A membership is a dependency of its own from 16 on: the grants between these roles, and those said above.
   where d.classid <> 'pg_catalog.pg_auth_members'::regclass
   order by 1`;

const DROP_SQL = `
  select rolname::text as name, format('drop role %I', rolname) as statement
    from pg_catalog.pg_roles where rolname = any ($1) order by array_position($1, rolname::text)`;
