/** Whose code runs when we work in a schema: triggers, defaults, views and functions there are called with our rights. */
import type pg from 'pg';
import { DatabaseFailure } from '../db/errors.ts';

/**
 * @param trusted owners besides those who may do all that we may: ourselves, superusers, members of our role.
 * @throws DatabaseFailure naming what is somebody else's. Before anything in these schemas is read.
 */
export async function refuseStrangers(
  client: pg.Client,
  schemas: readonly string[],
  trusted: readonly string[] = [],
): Promise<void> {
  const { rows } = await client.query<{ what: string; owner: string; me: string }>(STRANGERS_SQL, [schemas, trusted]);
  if (rows.length === 0) return;
  const [{ what, owner, me }] = rows;
  throw new DatabaseFailure(
    'permission_denied',
    `${what} is there already and belongs to ${owner}, whose code would run with the rights of ${me}\n` +
      `  Cure: Look at what it holds. If it is ${owner}'s installation, connect as ${owner}; if not, drop it.`,
    { fatal: false },
  );
}

const STRANGERS_SQL = `
  with
    ours as (select oid, nspname, nspowner from pg_namespace where nspname = any ($1)),
    thing (owner, place, what) as (
      select nspowner, 1, format('schema %I', nspname) from ours
      union all
      select c.relowner, 2, format('relation %I.%I', n.nspname, c.relname) from pg_class c join ours n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
      union all
      select p.proowner, 3, 'function ' || p.oid::regprocedure::text from pg_proc p join ours n on n.oid = p.pronamespace
      union all
      select o.oprowner, 4, 'operator ' || o.oid::regoperator::text from pg_operator o join ours n on n.oid = o.oprnamespace
      union all
      select t.typowner, 5, format('type %I.%I', n.nspname, t.typname) from pg_type t join ours n on n.oid = t.typnamespace
       where t.typtype in ('d', 'r')
    )
  select t.what, quote_ident(pg_get_userbyid(t.owner)) as owner, quote_ident(session_user) as me
    from thing t
   where not pg_has_role(t.owner, current_user, 'MEMBER') and pg_get_userbyid(t.owner) <> all ($2)
   order by t.place, t.what limit 1`;

/**
 * Reading an ordinary table runs nothing of its owner's; a view or a policy would.
 * @param table qualified name, a literal of ours. @returns whether it is there. @throws DatabaseFailure
 */
export async function isPlainTable(client: pg.Client, table: string): Promise<boolean> {
  const { rows } = await client.query<{ plain: boolean }>(
    `select c.relkind in ('r', 'p') and not c.relrowsecurity as plain from pg_class c where c.oid = to_regclass($1)`,
    [table],
  );
  if (rows[0]?.plain === false) {
    const message = `${table} is no table of pgvigil's\n  Cure: look at what it is, and drop it.`;
    throw new DatabaseFailure('unsupported', message, { fatal: false });
  }
  return rows.length > 0;
}
