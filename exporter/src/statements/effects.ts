/**
 * Refuses what a SELECT could do besides reading: volatile functions, wherever they hide. PostgreSQL's label is believed for
 * functions in C; bodies in SQL and PL/pgSQL are looked into. The text, the definitions behind it and the plan are all looked
 * at, since each shows calls that the others hide: field notation, LIMIT and VALUES, views and policies.
 */
import type pg from 'pg';
import { type Call, callsIn, type Calls, mentionsIn, merge, NO_CALLS } from './calls.ts';
import { type Named, written } from './names.ts';
import { tablesOf } from './parse.ts';
import { parse } from './parser.ts';
import { conditionsOf, type RawPlan } from './plan_json.ts';
import type { PlanSession } from './plan_session.ts';
import { StatementRefusal } from './refusal.ts';

/** Definitions within definitions; nobody's views are as deep. */
const DEEPEST = 20;
/** Only superusers write functions in these. */
const LABELLED = ['c', 'internal'];

const refuse = (message: string): StatementRefusal =>
  new StatementRefusal('bad_request', message, 'ANALYZE would run it. The plan without ANALYZE runs nothing.');

interface Found {
  readonly calls: Calls;
  readonly relations: readonly Named[];
}

/**
 * @param session set to names of our own (`trusted`); `schemas` are those of the statement.
 * @throws StatementRefusal bad_request naming what it found.
 */
export async function refuseVolatile(
  { client, schemas }: Pick<PlanSession, 'client' | 'schemas'>,
  statement: unknown,
  plan: RawPlan,
): Promise<void> {
  const seen = new Set<string>();
  let calls = merge(callsIn(statement), callsOfPlan(plan), await globalCalls(client));
  let relations: readonly Named[] = tablesOf(statement);
  for (let depth = 0; relations.length > 0 || calls.functions.length > 0 || calls.operators.length > 0; depth++) {
    if (depth > DEEPEST) throw refuse('its views and functions are nested too deeply to be looked through');
    const behind = await functionsOf(
      client,
      calls.operators.filter((name) => isFresh(name, seen, 'operator')),
    );
    const functions = calls.functions.filter((call) => isFresh(keyOf(call), seen, 'function'));
    const fresh = relations.filter((named) => isFresh(written(named), seen, 'relation'));
    const found = [await definitionsOf(client, fresh), await bodiesOf(client, functions, schemas)];
    calls = merge(behind, ...found.map((one) => one.calls));
    relations = found.flatMap((one) => one.relations);
  }
}

const keyOf = ({ schema, name, arguments: count }: Call): string => JSON.stringify([schema, name, count]);

function isFresh(item: string, seen: Set<string>, kind: string): boolean {
  const key = `${kind} ${item}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
/** What the plan says in its conditions, its output and its function scans. */
function callsOfPlan(root: RawPlan): Calls {
  const expressions: string[] = [];
  const visit = (plan: RawPlan): void => {
    if (/^(Foreign|Custom) Scan$/.test(plan['Node Type'])) {
      const what = plan['Relation Name'] ?? 'something';
      throw refuse(`it reads ${what} by a ${plan['Node Type']}, and what that does is not known`);
    }
    const { CTE: _, Subplan: __, ...conditions } = conditionsOf(plan);
    expressions.push(...Object.values(conditions), ...(Array.isArray(plan.Output) ? plan.Output.map(String) : []));
    plan.Plans?.forEach(visit);
  };
  visit(root);
  return mentionsIn(expressions.join('\n'), false).calls;
}

/** Casts between types are hidden in plans, and so are the checks of domains: none in this database may be volatile. */
async function globalCalls(client: pg.Client): Promise<Calls> {
  const { rows: casts } = await client.query<Behind>(CASTS_SQL);
  const cast = casts.find(({ volatile }) => volatile);
  if (cast !== undefined) throw refuse(`this database has a cast by the volatile function ${cast.text}`);
  const { rows: checks } = await client.query<{ check: string }>(CHECKS_SQL);
  return merge(callsOf(casts), mentionsIn(checks.map(({ check }) => check).join('\n'), false).calls);
}

/** A function behind something that is no call. */
interface Behind extends Pick<Call, 'name' | 'arguments'> {
  readonly text: string;
  readonly volatile: boolean;
  readonly schema: string;
}

/** Their bodies are looked into as if they had been called. */
const callsOf = (behind: readonly Behind[]): Calls => ({
  functions: behind.map(({ schema, name, arguments: count }) => ({ schema, name, arguments: count, anywhere: true })),
  operators: [],
});

/** Those below 16384 came with the server: their label is enough. */
const MADE_LATER = 16_384;
const BEHIND = `p.provolatile = 'v' as volatile, n.nspname::text as schema, p.proname::text as name, p.pronargs::int as arguments`;

const CASTS_SQL = `
  select p.oid::regprocedure::text as text, ${BEHIND}
    from pg_cast c join pg_proc p on p.oid = c.castfunc join pg_namespace n on n.oid = p.pronamespace
   where p.provolatile = 'v' or p.oid >= ${MADE_LATER}`;

const CHECKS_SQL = `
  select pg_get_constraintdef(c.oid) as check from pg_constraint c where c.contypid <> 0 and c.contype = 'c'`;

/** Views, and row security policies of tables: of all that a name could mean, whichever schema it is in. */
async function definitionsOf(client: pg.Client, relations: readonly Named[]): Promise<Found> {
  if (relations.length === 0) return { calls: NO_CALLS, relations: [] };
  const names = [relations.map(({ schema }) => schema ?? null), relations.map(({ name }) => name)];
  const { rows } = await client.query<{ view: string | null; policies: string[] }>(DEFINITIONS_SQL, names);
  const statements = rows.flatMap(({ view, policies }) => [
    ...(view === null ? [] : [view]),
    ...policies.map((policy) => `select ${policy}`),
  ]);
  const parsed = statements.map((text) => {
    const found = parse(text);
    if (found === undefined) throw refuse('a view or policy of it cannot be read');
    return found;
  });
  return { calls: merge(...parsed.map((found) => callsIn(found))), relations: parsed.flat().flatMap(tablesOf) };
}

const DEFINITIONS_SQL = `
  select case when c.relkind = 'v' then pg_get_viewdef(c.oid) end as view,
         array(select pg_get_expr(p.polqual, p.polrelid) from pg_policy p
                where p.polrelid = c.oid and p.polqual is not null) as policies
    from unnest($1::text[], $2::text[]) as k (schema, name)
    join pg_class c on c.relname = k.name join pg_namespace n on n.oid = c.relnamespace
   where (k.schema is null or k.schema = n.nspname) and n.nspname not in ('pg_catalog', 'information_schema')`;

/** By symbol alone: of any operator so called that the statement could mean. */
async function functionsOf(client: pg.Client, operators: readonly string[]): Promise<Calls> {
  if (operators.length === 0) return NO_CALLS;
  const { rows } = await client.query<Behind>(
    `select o.oid::regoperator::text as text, ${BEHIND}
       from pg_operator o join pg_proc p on p.oid = o.oprcode join pg_namespace n on n.oid = p.pronamespace
      where o.oprname = any ($1) and (p.provolatile = 'v' or p.oid >= ${MADE_LATER})`,
    [operators],
  );
  const refused = rows.find(({ volatile }) => volatile);
  if (refused !== undefined) throw refuse(`the operator ${refused.text} is volatile`);
  return callsOf(rows);
}

interface Routine {
  readonly name: string;
  readonly volatile: boolean;
  readonly language: string;
  readonly body: string | null;
  /** What an aggregate is made of. */
  readonly support: readonly Behind[];
}

/** Every function that a call could mean, by name and number of arguments. */
async function bodiesOf(client: pg.Client, calls: readonly Call[], schemas: readonly string[]): Promise<Found> {
  if (calls.length === 0) return { calls: NO_CALLS, relations: [] };
  const { rows } = await client.query<Routine>(FUNCTIONS_SQL, [
    calls.map(({ schema }) => schema ?? null),
    calls.map(({ name }) => name),
    calls.map((call) => call.arguments ?? null),
    calls.map(({ anywhere }) => anywhere),
    schemas,
  ]);
  const found = rows.map(({ name, volatile, language, body, support }) => {
    if (volatile) throw refuse(`the function ${name} is volatile`);
    if (body === null && !LABELLED.includes(language)) {
      throw refuse(`the function ${name} is written in ${language}, which is not looked into`);
    }
    if (body !== null && /\bexecute\b/i.test(body))
      throw refuse(`the function ${name} runs a text that it makes itself`);
    const { calls: called, relations } = mentionsIn(body ?? '', true);
    return { calls: merge(called, callsOf(support)), relations };
  });
  return { calls: merge(...found.map((one) => one.calls)), relations: found.flatMap((one) => one.relations) };
}

const SUPPORT = `a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn,
                  a.aggminvtransfn, a.aggmfinalfn`;

/**
 * An aggregate is as volatile as the functions it is made of; its own label says nothing. PostgreSQL 14 labels
 * timezone(text, timetz) volatile by mistake.
 */
const FUNCTIONS_SQL = `
  select p.oid::regprocedure::text as name,
         (p.provolatile = 'v' and not (p.pronamespace = 'pg_catalog'::regnamespace and p.proname = 'timezone')) or exists (
           select from pg_aggregate a
             join pg_proc f on f.oid in (${SUPPORT})
            where a.aggfnoid = p.oid and f.provolatile = 'v') as volatile,
         coalesce((select json_agg(json_build_object('schema', fn.nspname, 'name', f.proname, 'arguments', f.pronargs))
                     from pg_aggregate a
                     join pg_proc f on f.oid in (${SUPPORT})
                     join pg_namespace fn on fn.oid = f.pronamespace
                    where a.aggfnoid = p.oid and f.oid >= ${MADE_LATER}), '[]') as support,
         l.lanname as language,
         case when l.lanname in ('sql', 'plpgsql') and p.prokind <> 'a'
              then coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) end as body
    from unnest($1::text[], $2::text[], $3::int[], $4::bool[]) as k (schema, name, arguments, anywhere)
    join pg_proc p on p.proname = k.name
     and (k.arguments is null or k.arguments between p.pronargs - p.pronargdefaults and p.pronargs
          or p.provariadic <> 0 and k.arguments >= p.pronargs - 1 - p.pronargdefaults)
    join pg_language l on l.oid = p.prolang
    join pg_namespace n on n.oid = p.pronamespace
   where k.schema = n.nspname
      or k.schema is null and (k.anywhere or n.nspname = any ($5::text[]))`;
