/** What the catalogue says about the object of an action, and about what the role may do with it. */
import type { Relation } from '../contract/index.ts';
import { ActionRefusal, type ActionSession, type IndexName } from './types.ts';

export interface Facts {
  readonly oid: number;
  readonly relkind: string;
  readonly schema: string;
  readonly name: string;
  /** With its schema, quoted where it must be. */
  readonly printed: string;
  readonly tableOid: number;
  readonly tablePrinted: string;
  readonly tableKind: string;
  readonly owner: string;
  readonly ownerQuoted: string;
  readonly ownerIsSuperuser: boolean;
  readonly login: string;
  readonly loginQuoted: string;
  readonly loginIsSuperuser: boolean;
  /** Has the owner's rights without a set role. */
  readonly isOwner: boolean;
  readonly mayBecomeOwner: boolean;
  /** Privilege MAINTAIN; null on servers that do not know it. */
  readonly maintain: boolean | null;
  readonly schemaQuoted: string;
  readonly usage: boolean;
  readonly ownerUsage: boolean;
  readonly ownerCreate: boolean;
  readonly create: boolean;
  readonly standby: boolean;
  readonly versionNum: number;
}

const FACTS_SQL = `
  select c.oid, c.relkind, n.nspname as schema, c.relname as name, c.oid::regclass::text as printed,
         t.oid as "tableOid", t.oid::regclass::text as "tablePrinted", t.relkind as "tableKind",
         o.rolname as owner, quote_ident(o.rolname) as "ownerQuoted", o.rolsuper as "ownerIsSuperuser",
         current_user as login, quote_ident(current_user) as "loginQuoted",
         (select u.rolsuper from pg_roles u where u.rolname = current_user) as "loginIsSuperuser",
         pg_has_role(t.relowner, 'USAGE') as "isOwner",
         -- From 16 on a membership may be without the right to set role.
         case when exists (select from pg_attribute where attrelid = 'pg_auth_members'::regclass and attname = 'set_option')
              then pg_has_role(t.relowner, 'SET') else pg_has_role(t.relowner, 'MEMBER') end as "mayBecomeOwner",
         case when to_regrole('pg_maintain') is not null then has_table_privilege(t.oid, 'MAINTAIN') end as maintain,
         quote_ident(n.nspname) as "schemaQuoted",
         has_schema_privilege(n.oid, 'USAGE') as usage, has_schema_privilege(t.relowner, n.oid, 'USAGE') as "ownerUsage",
         has_schema_privilege(t.relowner, n.oid, 'CREATE') as "ownerCreate", has_schema_privilege(n.oid, 'CREATE') as create,
         pg_is_in_recovery() as standby, current_setting('server_version_num')::int as "versionNum",
         n.nspname like 'pg\\_%' or n.nspname = 'information_schema' as system, c.relpersistence = 't' as temporary
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_index x on x.indexrelid = c.oid
    join pg_class t on t.oid = coalesce(x.indrelid, c.oid)
    join pg_roles o on o.oid = t.relowner
   where c.oid = $1`;

const KINDS: Readonly<Record<string, Relation['kind']>> = {
  r: 'table',
  p: 'partitioned table',
  i: 'index',
  I: 'partitioned index',
  m: 'materialized view',
};
const kindOf = (relkind: string): Relation['kind'] => KINDS[relkind] ?? 'other';

/**
 * @param field as the request names it. @param kinds pg_class.relkind of the objects that the action is for.
 * @throws ActionRefusal when there is no such object, or it is none for actions.
 */
export async function readFacts(
  session: ActionSession,
  oid: number | undefined,
  field: string,
  kinds: string,
): Promise<Facts> {
  if (oid === undefined) {
    throw new ActionRefusal(
      `params.${field} is missing`,
      `Give the oid of the ${field}: GET /api/v1/objects lists them.`,
    );
  }
  const [facts] = await session.query<Facts & { system: boolean; temporary: boolean }>(FACTS_SQL, [oid]);
  if (facts === undefined) {
    throw new ActionRefusal(
      `params.${field}: there is no object with oid ${oid} in this database`,
      'It may have been dropped, or be in another database: choose it again.',
    );
  }
  const what = `${facts.printed} is ${withArticle(kindOf(facts.relkind))}`;
  if (!kinds.includes(facts.relkind)) {
    throw new ActionRefusal(
      `params.${field}: ${what}, and this action is for: ${[...kinds].map(kindOf).join(', ')}`,
      'Choose another object, or another action.',
    );
  }
  if (facts.temporary) {
    throw new ActionRefusal(
      `params.${field}: ${facts.printed} is temporary`,
      'Only the session that made it can work on it.',
    );
  }
  if (facts.system) {
    throw new ActionRefusal(
      `params.${field}: ${facts.printed} belongs to the system`,
      'Catalogues and TOAST tables are left to an administrator; a vacuum of a table includes its TOAST table.',
    );
  }
  return facts;
}

const withArticle = (kind: string): string => `${/^[aio]/.test(kind) ? 'an' : 'a'} ${kind}`;

export const relationOf = ({ oid, relkind, schema, name }: Facts): Relation => ({
  oid,
  kind: kindOf(relkind),
  schema,
  name,
});

/** Bytes of it and of all its partitions; null while somebody holds a lock on it. */
export async function sizeOf(
  session: ActionSession,
  oid: number,
  what: 'pg_relation_size' | 'pg_table_size' | 'pg_indexes_size' | 'pg_total_relation_size',
): Promise<number | null> {
  try {
    const [row] = await session.query<{ bytes: string | null }>(
      `select sum(${what}(r.oid)) as bytes
         from (select $1::oid as oid union select relid from pg_partition_tree($1::oid::regclass)) r`,
      [oid],
    );
    return row?.bytes == null ? null : Number(row.bytes);
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return null;
    throw error;
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

/** An index by schema and name: REINDEX CONCURRENTLY gives the name to another oid. No right on the schema is needed. */
export async function indexNamed(
  session: ActionSession,
  { schema, name }: IndexName,
): Promise<{ oid: number; valid: boolean; relkind: string } | undefined> {
  const [row] = await session.query<{ oid: number; valid: boolean; relkind: string }>(
    `select c.oid, x.indisvalid as valid, c.relkind
       from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_index x on x.indexrelid = c.oid
      where n.nspname = $1 and c.relname = $2`,
    [schema, name],
  );
  return row;
}

export interface InvalidIndex {
  readonly oid: number;
  /** As the server prints it. */
  readonly name: string;
}

/** Of a table and its partitions. */
export const invalidIndexes = (session: ActionSession, table: number): Promise<InvalidIndex[]> =>
  session.query<InvalidIndex>(
    `select x.indexrelid as oid, x.indexrelid::regclass::text as name from pg_index x
      where not x.indisvalid
        and x.indrelid in (select $1::oid union select relid from pg_partition_tree($1::oid::regclass)) order by 2`,
    [table],
  );
