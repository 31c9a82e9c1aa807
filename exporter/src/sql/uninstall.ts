/** Removes what was installed, in one transaction: only what is ours, and nothing that others need. */
import type pg from 'pg';
import { DatabaseFailure, describeFailure } from '../db/errors.ts';
import type { Bundle } from './bundles.ts';
import { withInstallLock } from './lock.ts';
import { hasRecord } from './record.ts';
import { dropRoles } from './roles.ts';
import { assertWritable, inspectSession } from './session.ts';
import { inTransaction } from './transaction.ts';
import { refuseStrangers } from './trust.ts';

export interface UninstallOptions {
  /** Drop the roles as well, where nothing else needs them. */
  readonly roles: boolean;
  /** Rows, and objects that somebody added to the schema, may go. */
  readonly yes: boolean;
  readonly waitSeconds: number;
  readonly lockTimeoutMs?: number;
  readonly report: (line: string) => void;
}

/**
 * @returns why the roles stay, if they do although they were to go.
 * @throws DatabaseFailure naming what depends on the bundles from outside, or what would be lost; nothing is changed.
 */
export async function uninstallBundles(
  client: pg.Client,
  bundles: readonly Bundle[],
  options: UninstallOptions,
): Promise<readonly string[]> {
  const { report, roles, lockTimeoutMs } = options;
  await inspectSession(client);
  await assertWritable(client);
  return withInstallLock(client, options, async () => {
    const schemas = bundles.map(({ schema }) => schema);
    await refuseStrangers(client, [...schemas, ...bundles.map(({ record }) => record)]);
    let done: string[] = [];
    const kept = await inTransaction(client, { schema: schemas[0], report, lockTimeoutMs }, async () => {
      // Said when it is committed, as a later step may take it all back.
      done = [];
      const note = (line: string): void => void done.push(line);
      const there = await existing(client, schemas);
      for (const schema of schemas.filter((name) => !there.includes(name))) note(`schema ${schema} is not there`);
      await assertNobodyDepends(client, there);
      for (const bundle of bundles) {
        if (!there.includes(bundle.schema)) continue;
        await assertNothingLost(client, bundle, { yes: options.yes, report: note });
        await client.query(await drop(client, bundle.schema));
        note(`schema ${bundle.schema} is dropped`);
      }
      await forget(client, bundles);
      return roles ? await dropRoles(client, note) : [];
    }).catch(failed);
    done.forEach(report);
    return kept;
  });
}

/** @throws DatabaseFailure, with the cure that the server's hint is. */
function failed(error: unknown): never {
  const { reason, message, fatal, sqlState } = describeFailure(error);
  const { hint } = error as { hint?: string };
  throw new DatabaseFailure(reason, hint ? `${message}\n  Cure: ${hint}` : message, { fatal, cause: error, sqlState });
}

async function existing(client: pg.Client, schemas: readonly string[]): Promise<string[]> {
  const text = 'select nspname::text as name from pg_catalog.pg_namespace where nspname = any ($1)';
  return (await client.query<{ name: string }>(text, [schemas])).rows.map(({ name }) => name);
}

async function drop(client: pg.Client, schema: string): Promise<string> {
  const text = "select pg_catalog.format('drop schema %I cascade', $1::text) as statement";
  return (await client.query<{ statement: string }>(text, [schema])).rows[0].statement;
}

async function forget(client: pg.Client, bundles: readonly Bundle[]): Promise<void> {
  if (!(await hasRecord(client))) return;
  const names = bundles.map(({ name }) => name);
  await client.query('delete from pgvigil.installed_file where bundle = any ($1)', [names]);
}

/** `drop schema … cascade` would take along what others built on ours: a view, a default, a trigger, a foreign key. */
async function assertNobodyDepends(client: pg.Client, schemas: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ dependent: string; needs: string }>(DEPENDENTS_SQL, [schemas]);
  if (rows.length === 0) return;
  const list = rows.map(({ dependent, needs }) => `\n  ${dependent} depends on ${needs}`).join('');
  const message = `nothing was removed, because objects outside depend on what would go:${list}\n  Cure: drop or change them first, then uninstall again.`;
  throw new DatabaseFailure('other', message, { fatal: false });
}

/** Counted exactly, row by row: the answer is what somebody decides by. */
async function assertNothingLost(
  client: pg.Client,
  bundle: Bundle,
  { yes, report }: Pick<UninstallOptions, 'yes' | 'report'>,
): Promise<void> {
  const { rows: tables } = await client.query<{ name: string; counting: string }>(TABLES_SQL, [bundle.schema]);
  const losses: string[] = [];
  for (const { name, counting } of tables) {
    const { rows } = await client.query<{ count: string }>(counting);
    if (rows[0].count !== '0') losses.push(`${rows[0].count} row${rows[0].count === '1' ? '' : 's'} of ${name}`);
  }
  if (await hasRecord(client)) {
    const { rows } = await client.query<{ object: string }>(STRANGERS_SQL, [bundle.schema, bundle.name]);
    losses.push(...rows.map(({ object }) => `${object}, which the installer did not make`));
  }
  if (losses.length === 0) return;
  const list = losses.map((loss) => `\n  ${loss}`).join('');
  if (yes) return report(`lost with schema ${bundle.schema}:${list}`);
  const message = `nothing was removed, because schema ${bundle.schema} holds what could not be made again:${list}\n  Cure: save what you need, then uninstall again with --yes.`;
  throw new DatabaseFailure('other', message, { fatal: false });
}

/** What has no schema of its own (a rule, a default, a constraint) is addressed by that of its table. */
const DEPENDENTS_SQL = `
  with
    ours as (select oid from pg_namespace where nspname = any ($1)),
    objects (classid, objid) as (
      select 'pg_class'::regclass, oid from pg_class where relnamespace in (select oid from ours)
      union all select 'pg_proc'::regclass, oid from pg_proc where pronamespace in (select oid from ours)
      union all select 'pg_type'::regclass, oid from pg_type where typnamespace in (select oid from ours)
      union all select 'pg_operator'::regclass, oid from pg_operator where oprnamespace in (select oid from ours)
      union all select 'pg_opclass'::regclass, oid from pg_opclass where opcnamespace in (select oid from ours)
      union all select 'pg_ts_config'::regclass, oid from pg_ts_config where cfgnamespace in (select oid from ours)
      union all select 'pg_ts_dict'::regclass, oid from pg_ts_dict where dictnamespace in (select oid from ours)
      union all select 'pg_collation'::regclass, oid from pg_collation where collnamespace in (select oid from ours)
      union all select 'pg_extension'::regclass, oid from pg_extension where extnamespace in (select oid from ours)
      union all select 'pg_namespace'::regclass, oid from ours
    )
  select distinct on (1) pg_describe_object(d.classid, d.objid, d.objsubid) as dependent,
         pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) as needs
    from pg_depend d
    join objects o on o.classid = d.refclassid and o.objid = d.refobjid
   cross join lateral pg_identify_object(d.classid, d.objid, d.objsubid) i
   cross join lateral pg_identify_object_as_address(d.classid, d.objid, d.objsubid) a
   where d.deptype in ('n', 'a', 'x') and not (coalesce(i.schema, a.object_names[1]) = any ($1)) and a.type <> 'default acl'
   order by 1, 2
   limit 50`;

const TABLES_SQL = `
  select format('%I.%I', n.nspname, c.relname) as name, format('select count(*) from %I.%I', n.nspname, c.relname) as counting
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition
     and not (n.nspname = 'pgvigil' and c.relname in ('installed_file', 'installed_object'))
   order by 1`;

/** Tables are counted anyway. */
const STRANGERS_SQL = `
  select o.kind || ' ' || o.identity as object
    from (
      select case c.relkind when 'v' then 'view' else 'materialized view' end as kind,
             format('%I.%I', n.nspname, c.relname) as identity
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relkind in ('v', 'm')
      union all
      select case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end, p.oid::regprocedure::text
        from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
       where n.nspname = $1 and not exists (
         select from pg_catalog.pg_depend d
          where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
    ) o
   where not exists (
     select from pgvigil.installed_object i where i.bundle = $2 and i.kind = o.kind and i.identity = o.identity)
   order by 1`;
