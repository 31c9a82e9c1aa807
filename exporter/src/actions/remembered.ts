/** A refresh that pgvigil's functions hear of: the finding and the alert that a view is stale end with it. */
import { type Facts } from './facts.ts';
import type { ActionSession, Precondition, Step } from './types.ts';

/** What is called, and by what is called. A server that lacks one has an older installation, or none. */
const FUNCTIONS = [
  'matview_refresh_begins',
  'matview_refresh_ends',
  'matview_state_before',
  'note_matview_refresh',
  'matview_state',
  'matview_sources',
  'matview_scans',
  'rows_written',
];

/**
 * By the catalogue: to_regprocedure() fails where one has no USAGE. `stranger`: a schema's owner can replace what is in
 * it, an owner of the table can hang a trigger on it, and both would run with our rights.
 */
const STATE_SQL = `
  with ours as (select oid, nspowner from pg_namespace where nspname = 'pgvigil'),
       functions as (select p.oid, p.proname, p.proowner from pg_proc p join ours on p.pronamespace = ours.oid),
       record as (select c.oid, c.relowner from pg_class c join ours on c.relnamespace = ours.oid
                   where c.relname = 'matview_refresh' and c.relkind = 'r'),
       owner as (select nspowner as oid from ours union select proowner from functions union select relowner from record)
  select exists (select from record)
         and (select count(distinct proname) from functions where proname = any ($1)) = cardinality($1::text[]) as installed,
         (select bool_and(has_schema_privilege(oid, 'USAGE')) from ours)
         and (select bool_and(has_function_privilege(oid, 'EXECUTE')) from functions where proname = any ($1))
         and (select bool_and(has_table_privilege(oid, p)) from record cross join unnest(array['SELECT', 'INSERT', 'UPDATE']) p)
           as allowed,
         (select quote_ident(pg_get_userbyid(min(owner.oid))) from owner
           where not pg_has_role(owner.oid, current_user, 'MEMBER')
             and not exists (select from pg_roles r where r.rolname = 'pgvigil_maintain' and pg_has_role(owner.oid, r.oid, 'MEMBER')))
           as stranger,
         current_database() as database`;

interface State {
  readonly installed: boolean;
  readonly allowed: boolean | null;
  readonly stranger: string | null;
  readonly database: string;
}

export interface Remembered {
  readonly steps: readonly Step[];
  readonly precondition: Precondition;
}

const TITLE = 'Remembered';

/**
 * The statements of a refresh, between two calls that remember it where that can be.
 * @param access what takes the owner's role: those calls come before and after it, for the owner may not make them.
 */
export async function remembered(
  session: ActionSession,
  { oid, login, loginQuoted }: Facts,
  access: readonly Step[],
  { sql, method }: { readonly sql: string; readonly method: 'plain' | 'concurrently' },
): Promise<Remembered> {
  const [state] = await session.query<State>(STATE_SQL, [FUNCTIONS]);
  const not = (why: string, cure: string): Remembered => ({
    steps: [...access, { sql, waits: 'lock' }],
    precondition: {
      title: TITLE,
      state: 'warn',
      message: `pgvigil will not know of this refresh, and goes on to call the view stale if it does: ${why}`,
      cure,
    },
  });
  if (!state.installed) {
    return not(
      'its functions are not installed in this database, or by an earlier version',
      `Run pgvigil sql install --db … for database ${state.database}, and plan it again.`,
    );
  }
  if (state.stranger !== null) {
    return not(
      `they belong to ${state.stranger}, whose code would run with the rights of ${login}`,
      `If ${state.stranger} is to be trusted with them: grant pgvigil_maintain to ${state.stranger};`,
    );
  }
  if (!state.allowed) {
    return not(`${login} may not call or write what remembers it`, `grant pgvigil_maintain to ${loginQuoted};`);
  }
  // One message to the server, and so one transaction: remembered is what was refreshed, also when nobody waits for the
  // end any more; and a try that did not get its lock forgets what it began with.
  const statements = [
    `select pgvigil.matview_refresh_begins(${oid})`,
    ...access.map((step) => step.sql),
    sql,
    ...(access.length > 0 ? ['reset role'] : []),
    `select pgvigil.matview_refresh_ends(${oid}, '${method}')`,
  ];
  return {
    steps: [{ sql: statements.join(';\n'), waits: 'lock' }],
    precondition: { title: TITLE, state: 'ok', message: 'pgvigil.matview_refresh notes it', cure: '' },
  };
}
