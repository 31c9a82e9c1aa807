/**
 * Refuses to plan what could run somebody else's code with the rights of the monitoring role. Planning runs functions: those
 * marked immutable on constants, stable ones for estimates, bodies of SQL functions that are put in place of their calls, and
 * what stands behind operators, casts, views, policies, defaults, constraints and indexes of the tables that are read.
 */
import type pg from 'pg';
import { tablesOf } from './parse.ts';
import { type Fields, strings, walk } from './parser.ts';
import { written } from './names.ts';
import type { PlanSession } from './plan_session.ts';
import { StatementRefusal } from './refusal.ts';

interface Name {
  readonly schema: string | null;
  readonly name: string;
}

interface Names {
  readonly functions: readonly Name[];
  /** Of columns, or of functions of a row: `row.function` looks the same. */
  readonly fields: readonly Name[];
  readonly operators: readonly Name[];
  readonly types: readonly Name[];
}

/** Found by their names where the text does not have them: IN, BETWEEN, CASE, NULLIF, USING. */
const HIDDEN_OPERATORS = ['=', '<>', '<', '<=', '>', '>='];

function namesIn(statement: unknown): Names {
  const functions: Name[] = [];
  const fieldNames: Name[] = [];
  const operators: Name[] = HIDDEN_OPERATORS.map((name) => ({ schema: null, name }));
  const types: Name[] = [];
  const add = (to: Name[], parts: readonly string[]): void => {
    const name = parts.at(-1);
    if (name !== undefined) to.push({ schema: parts.at(-2) ?? null, name });
  };
  walk(statement, (tag: string, fields: Fields) => {
    if (tag === 'FuncCall') add(functions, strings(fields.funcname));
    if (tag === 'A_Expr') add(operators, strings(fields.name));
    for (const list of [fields.operName, fields.useOp]) add(operators, strings(list));
    if (tag === 'ColumnRef') for (const name of strings(fields.fields)) fieldNames.push({ schema: null, name });
    if (tag === 'A_Indirection')
      for (const name of strings(fields.indirection)) fieldNames.push({ schema: null, name });
    const type = tag === 'TypeName' ? fields : (fields.typeName as Fields | undefined);
    if (type !== undefined) add(types, strings(type.names));
  });
  return { functions, fields: fieldNames, operators, types };
}

/**
 * @param session with the path of the statement's user; only names with their schema are asked for with it.
 * @param whose `any`: also functions of those who are trusted, where strangers could decide what these call.
 * @throws StatementRefusal naming what it found, and whose it is.
 */
export async function refuseStrangers(
  { client, schemas, trusted }: PlanSession,
  statement: unknown,
  whose: 'any' | 'strangers' = 'any',
): Promise<void> {
  const relations = await relationsOf(client, tablesOf(statement).map(written));
  const { functions, fields, operators, types } = namesIn(statement);
  const parts = (names: readonly Name[]): unknown[] => [
    names.map(({ schema }) => schema),
    names.map(({ name }) => name),
  ];
  const values = [schemas, relations, ...parts(functions), ...parts(operators), ...parts(types), ...parts(fields)];
  const { rows } = await trusted(() =>
    client.query<{ name: string; owner: string; own: boolean }>(STRANGERS_SQL, values),
  );
  if (rows.length === 0) return;
  const [{ name, owner, own }] = rows;
  if (!own) {
    throw new StatementRefusal(
      'bad_request',
      `planning it may run the function ${name} of ${owner}, with the rights of the monitoring role`,
      'Planned is only what calls functions of superusers, or of members of the monitoring role.',
    );
  }
  if (whose === 'strangers') return;
  throw new StatementRefusal(
    'bad_request',
    `planning it may run the function ${name}, which looks names up with whatever search_path there is`,
    `Give it a path of its own: alter function ${name} set search_path = pg_catalog, …`,
  );
}

/** As the server will find them. */
async function relationsOf(client: pg.Client, names: readonly string[]): Promise<number[]> {
  const { rows } = await client.query<{ oid: number | null }>(
    'select pg_catalog.to_regclass(n)::pg_catalog.oid as oid from pg_catalog.unnest($1::pg_catalog.text[]) as n',
    [names],
  );
  return rows.flatMap(({ oid }) => oid ?? []);
}

/** Objects below came with the server, and pg_depend does not have them. */
const MADE_LATER = 16_384;

const named = (schemas: number, names: number, alias: string): string => `
  from unnest($${schemas}::text[], $${names}::text[]) as k (schema, name)
  join ${alias}`;
const visible = `(k.schema = n.nspname or k.schema is null and n.nspname = any ($1::text[]))`;

/**
 * What is reached from the names by way of the catalogue: parts of tables, their children, types of columns, casts of those
 * types, rules of views, and all that the server says these depend on.
 */
const STRANGERS_SQL = `
  with recursive reached (class, oid) as (
    select 'pg_class'::regclass::oid, r from unnest($2::oid[]) r
    union
    select 'pg_proc'::regclass, p.oid ${named(3, 4, 'pg_proc p on p.proname = k.name')}
      join pg_namespace n on n.oid = p.pronamespace where p.oid >= ${MADE_LATER} and ${visible}
    union
    select 'pg_proc'::regclass, p.oid ${named(9, 10, 'pg_proc p on p.proname = k.name and p.pronargs = 1')}
      join pg_namespace n on n.oid = p.pronamespace join pg_type t on t.oid = p.proargtypes[0] and t.typtype in ('c', 'p')
     where p.oid >= ${MADE_LATER} and ${visible}
    union
    select 'pg_operator'::regclass, o.oid ${named(5, 6, 'pg_operator o on o.oprname = k.name')}
      join pg_namespace n on n.oid = o.oprnamespace where o.oid >= ${MADE_LATER} and ${visible}
    union
    select 'pg_type'::regclass, t.oid ${named(7, 8, 'pg_type t on t.typname = k.name')}
      join pg_namespace n on n.oid = t.typnamespace where t.oid >= ${MADE_LATER} and ${visible}
    union
    select x.class, x.oid from reached r cross join lateral (
      select 'pg_rewrite'::regclass::oid as class, w.oid from pg_rewrite w
       where r.class = 'pg_class'::regclass and w.ev_class = r.oid and w.oid >= ${MADE_LATER}
      union all
      select 'pg_constraint'::regclass, c.oid from pg_constraint c
       where r.class = 'pg_class'::regclass and c.conrelid = r.oid and c.contype <> 'f'
          or r.class = 'pg_type'::regclass and c.contypid = r.oid
      union all
      select 'pg_attrdef'::regclass, d.oid from pg_attrdef d where r.class = 'pg_class'::regclass and d.adrelid = r.oid
      union all
      select 'pg_policy'::regclass, y.oid from pg_policy y where r.class = 'pg_class'::regclass and y.polrelid = r.oid
      union all
      select 'pg_class'::regclass, i.indexrelid from pg_index i where r.class = 'pg_class'::regclass and i.indrelid = r.oid
      union all
      select 'pg_statistic_ext'::regclass, s.oid from pg_statistic_ext s where r.class = 'pg_class'::regclass and s.stxrelid = r.oid
      union all
      select 'pg_class'::regclass, h.inhrelid from pg_inherits h where r.class = 'pg_class'::regclass and h.inhparent = r.oid
      union all
      select 'pg_type'::regclass, a.atttypid from pg_attribute a
       where r.class = 'pg_class'::regclass and a.attrelid = r.oid and a.attnum > 0 and a.atttypid >= ${MADE_LATER}
      union all
      select u.class, u.oid from pg_type t cross join lateral (
          values ('pg_type'::regclass::oid, t.typelem), ('pg_type'::regclass, t.typbasetype), ('pg_class'::regclass, t.typrelid)) u (class, oid)
       where r.class = 'pg_type'::regclass and t.oid = r.oid and u.oid >= ${MADE_LATER}
      union all
      select 'pg_proc'::regclass, c.castfunc from pg_cast c
       where r.class = 'pg_type'::regclass and r.oid in (c.castsource, c.casttarget) and c.castfunc >= ${MADE_LATER}
      union all
      select 'pg_operator'::regclass, u.oid from pg_operator o cross join lateral (values (o.oprcom), (o.oprnegate)) u (oid)
       where r.class = 'pg_operator'::regclass and o.oid = r.oid and u.oid >= ${MADE_LATER}
      union all
      select d.refclassid, d.refobjid from pg_depend d
       where d.classid = r.class and d.objid = r.oid and d.deptype in ('n', 'a', 'i')
         and d.refclassid in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
         and (r.class <> 'pg_class'::regclass or d.refclassid <> 'pg_class'::regclass)
    ) x
  )
  select p.oid::regprocedure::text as name, pg_get_userbyid(p.proowner)::text as owner,
         pg_has_role(p.proowner, current_user, 'MEMBER') as own
    from reached r join pg_proc p on p.oid = r.oid join pg_language l on l.oid = p.prolang
   where r.class = 'pg_proc'::regclass and p.prokind = 'f' and (p.provolatile <> 'v' or l.lanname = 'sql')
     and (not pg_has_role(p.proowner, current_user, 'MEMBER')
          or l.lanname not in ('c', 'internal') and p.prosqlbody is null
             and not exists (select from unnest(p.proconfig) c where c like 'search\\_path=%')
             and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'))
   order by own, 1 limit 1`;
