/** Who owns the state and who may use it. The names are part of the manual. */
import type pg from 'pg';
import { DatabaseFailure } from '../db/errors.ts';

/** Owns the schema where a superuser prepared it; nobody logs in as it. */
export const OWNER_ROLE = 'pgvigil_state_owner';
/** Has the rights of the running exporter; its login is a member. */
export const RUNTIME_ROLE = 'pgvigil_state';

const INSUFFICIENT_PRIVILEGE = '42501';

interface Situation {
  readonly me: string;
  readonly superuser: boolean;
  readonly owner: string | null;
  readonly has_runtime: boolean;
  readonly has_owner: boolean;
}

const SITUATION_SQL = `
  select current_user::text as me,
         (select rolsuper from pg_catalog.pg_roles where rolname = current_user) as superuser,
         (select pg_catalog.pg_get_userbyid(nspowner)::text from pg_catalog.pg_namespace
           where nspname = 'pgvigil_state') as owner,
         exists (select from pg_catalog.pg_roles where rolname = '${RUNTIME_ROLE}') as has_runtime,
         exists (select from pg_catalog.pg_roles where rolname = '${OWNER_ROLE}') as has_owner`;

/**
 * Makes the roles that are missing and becomes the owner: whoever owned the state before; else, for a superuser, a role
 * of its own, because functions that run as their owner shall not run as a superuser; else the role that is connected.
 * @returns the owner's name. @throws DatabaseFailure when the state belongs to somebody else.
 */
export async function becomeOwner(client: pg.Client): Promise<string> {
  const { rows } = await client.query<Situation>(SITUATION_SQL);
  const { me, superuser, owner: before, has_runtime, has_owner } = rows[0];
  // Who may not create it is told the cure by the first file.
  if (!has_runtime) await client.query(`create role ${RUNTIME_ROLE} nologin`).catch(unlessRefused);
  const owner = before ?? (superuser ? OWNER_ROLE : me);
  if (owner === me) return owner;
  if (owner === OWNER_ROLE) {
    if (!has_owner) await client.query(`create role ${OWNER_ROLE} nologin`);
    await client.query(await format(client, 'grant create on database %I to %I', [null, OWNER_ROLE]));
  }
  try {
    await client.query(await format(client, 'set role %I', [owner]));
  } catch (error) {
    const message = `schema pgvigil_state belongs to ${owner}, which ${me} may not become\n  Cure: migrate as ${owner}, as a member of it, or as a superuser.`;
    throw new DatabaseFailure('permission_denied', message, { fatal: false, cause: error });
  }
  return owner;
}

/** Quoted by the server; null stands for the current database. */
async function format(client: pg.Client, text: string, names: readonly (string | null)[]): Promise<string> {
  const { rows } = await client.query<{ statement: string }>(
    `select pg_catalog.format($1, variadic array(
       select coalesce(name, pg_catalog.current_database()) from pg_catalog.unnest($2::text[]) name)) as statement`,
    [text, names],
  );
  return rows[0].statement;
}

function unlessRefused(error: unknown): void {
  if ((error as pg.DatabaseError).code !== INSUFFICIENT_PRIVILEGE) throw error;
}

interface Candidate {
  readonly exists: boolean;
  readonly superuser: boolean | null;
  readonly owns: boolean | null;
  readonly member: boolean | null;
}

const CANDIDATE_SQL = `
  select r.oid is not null as exists, r.rolsuper as superuser,
         pg_catalog.pg_has_role(r.oid, o.oid, 'MEMBER') as owns,
         pg_catalog.pg_has_role(r.oid, g.oid, 'USAGE') as member
    from (select) one
    left join pg_catalog.pg_roles r on r.rolname = $1
    left join pg_catalog.pg_roles o on o.rolname = $2
    left join pg_catalog.pg_roles g on g.rolname = '${RUNTIME_ROLE}'`;

/**
 * Makes a login a member of the runtime role. As the role that is connected, which may grant it.
 * @throws DatabaseFailure where it does not exist, could do more than it should, or may not be given the role by us.
 */
export async function admitRuntime(
  client: pg.Client,
  role: string,
  owner: string,
): Promise<'admitted' | 'was a member'> {
  const { rows } = await client.query<Candidate>(CANDIDATE_SQL, [role, owner]);
  const { exists, superuser, owns, member } = rows[0];
  const refuse = (message: string, cure: string): DatabaseFailure =>
    new DatabaseFailure('permission_denied', `--runtime-role: ${message}\n  Cure: ${cure}`, { fatal: false });
  if (!exists) {
    const cure = await format(client, 'create role %I login; then \\password, or a certificate, and migrate again.', [
      role,
    ]);
    throw refuse(`there is no role ${role}`, cure);
  }
  if (superuser) throw refuse(`${role} is a superuser, whom nothing keeps from changing the audit`, A_LOGIN_OF_ITS_OWN);
  if (owns) throw refuse(`${role} owns the state, so that it could change the audit`, A_LOGIN_OF_ITS_OWN);
  if (member) return 'was a member';
  const grant = await format(client, 'grant %I to %I', [RUNTIME_ROLE, role]);
  try {
    await client.query(grant);
  } catch (error) {
    if ((error as pg.DatabaseError).code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw refuse(`this role may not grant ${RUNTIME_ROLE}`, `as an administrator: ${grant};`);
  }
  return 'admitted';
}

const A_LOGIN_OF_ITS_OWN = 'give the exporter a login of its own: create role pgvigil_exporter login;';
