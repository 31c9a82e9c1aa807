/** What a schema holds, each object with a fingerprint of its definition, so that a later look tells what changed. */
import type pg from 'pg';

export interface SchemaObject {
  readonly kind: string;
  /** Schema-qualified, as PostgreSQL writes it. */
  readonly identity: string;
  /** The table it is a part of. */
  readonly parent: string | null;
  readonly fingerprint: string;
}

export const keyOf = ({ kind, identity }: Pick<SchemaObject, 'kind' | 'identity'>): string => `${kind} ${identity}`;

/** Definitions are printed as these settings say: the same everywhere, or every second look would find a change. */
const PRINT_SETTINGS = `
  select set_config('search_path', 'pg_catalog', true), set_config('quote_all_identifiers', 'off', true),
         set_config('datestyle', 'ISO', true), set_config('intervalstyle', 'postgres', true),
         set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true),
         set_config('extra_float_digits', '1', true)`;

/** Inside a transaction, whose settings it changes until its end. */
export async function readObjects(client: pg.Client, schema: string): Promise<SchemaObject[]> {
  await client.query(PRINT_SETTINGS);
  return (await client.query<SchemaObject>(OBJECTS_SQL, [schema])).rows;
}

/** PUBLIC's and our own roles' rights are part of what was installed; whom else an administrator admits is his affair. */
const rights = (acl: string, kind: string, owner: string): string => `
  (select string_agg(format('%s:%s', coalesce(g.rolname, 'public'), a.privilege_type), ' ' order by g.rolname, a.privilege_type)
     from aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))) a
     left join pg_roles g on g.oid = a.grantee
    where a.grantee = 0 or g.rolname in ('pgvigil_monitor', 'pgvigil_maintain', 'pgvigil_state'))`;

/**
 * Partitions come and go, so neither they nor what is made for them is listed. Storage parameters are the operator's to
 * tune. Roles belong to the server, but to no other schema of ours.
 */
const OBJECTS_SQL = `
  with
    ours as (select oid, nspname, nspacl, nspowner from pg_namespace where nspname = $1),
    relations as (
      select c.*, format('%I.%I', o.nspname, c.relname) as identity
        from pg_class c join ours o on o.oid = c.relnamespace
       where not c.relispartition and not exists (
         select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    ),
    tables as (select * from relations where relkind in ('r', 'p', 'f')),
    objects (kind, identity, parent, definition) as (
      select 'schema', format('%I', o.nspname), null, concat_ws(E'\\n', ${rights('o.nspacl', 'n', 'o.nspowner')})
        from ours o
      union all
      select case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
             p.oid::regprocedure::text, null,
             concat_ws(E'\\n',
               case when p.prokind = 'a' then (select to_jsonb(a)::text from (
                 select aggkind, aggtransfn::text, aggfinalfn::text, aggcombinefn::text, aggtranstype::regtype::text,
                        agginitval from pg_aggregate where aggfnoid = p.oid) a)
               else pg_get_functiondef(p.oid) end,
               ${rights('p.proacl', 'f', 'p.proowner')})
        from pg_proc p join ours o on o.oid = p.pronamespace
       where not exists (
         select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
      union all
      select case r.relkind when 'v' then 'view' else 'materialized view' end, r.identity, null,
             concat_ws(E'\\n', pg_get_viewdef(r.oid), r.reloptions::text, ${rights('r.relacl', 'r', 'r.relowner')})
        from relations r where r.relkind in ('v', 'm')
      union all
      select 'table', t.identity, null,
             concat_ws(E'\\n', t.relkind, t.relpersistence, t.relrowsecurity, t.relforcerowsecurity,
               case when t.relkind = 'p' then pg_get_partkeydef(t.oid) end,
               ${rights('t.relacl', 'r', 't.relowner')})
        from tables t
      union all
      select 'column', format('%s.%I', t.identity, a.attname), t.identity,
             concat_ws(E'\\n', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
               a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid))
        from tables t
        join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      union all
      -- NOT NULL is said by the column; only from PostgreSQL 18 on it is a constraint as well.
      select 'constraint', format('%I on %s', c.conname, t.identity), t.identity,
             concat_ws(E'\\n', pg_get_constraintdef(c.oid), c.convalidated)
        from tables t join pg_constraint c on c.conrelid = t.oid
       where c.conparentid = 0 and c.contype not in ('n', 't')
      union all
      select 'index', format('%I.%I', $1, i.relname), r.identity, concat_ws(E'\\n', pg_get_indexdef(i.oid), x.indisvalid)
        from relations r join pg_index x on x.indrelid = r.oid join pg_class i on i.oid = x.indexrelid
       where r.relkind in ('r', 'p', 'm')
      union all
      select 'trigger', format('%I on %s', g.tgname, r.identity), r.identity,
             concat_ws(E'\\n', pg_get_triggerdef(g.oid), g.tgenabled)
        from relations r join pg_trigger g on g.tgrelid = r.oid
       where not g.tgisinternal
      union all
      select 'statistics', format('%I.%I', $1, e.stxname), t.identity, pg_get_statisticsobjdef(e.oid)
        from tables t join pg_statistic_ext e on e.stxrelid = t.oid
      union all
      select 'sequence', r.identity, null,
             concat_ws(' ', s.seqtypid::regtype, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle)
        from relations r join pg_sequence s on s.seqrelid = r.oid
      union all
      select 'type', format('%I.%I', $1, t.typname), null,
             concat_ws(E'\\n', t.typtype, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault,
               (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
               (select string_agg(pg_get_constraintdef(c.oid), ',' order by c.conname) from pg_constraint c
                 where c.contypid = t.oid and c.contype <> 'n'),
               (select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ',' order by a.attnum)
                  from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped))
        from pg_type t join ours o on o.oid = t.typnamespace
        left join pg_class c on c.oid = t.typrelid
       where t.typtype in ('d', 'e') or c.relkind = 'c'
      union all
      select 'role', format('%I', r.rolname), null,
             concat_ws(' ', r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls, r.rolinherit,
               (select string_agg(g.rolname, ' ' order by g.rolname) from pg_auth_members m
                  join pg_roles g on g.oid = m.roleid
                 where m.member = r.oid and (g.rolname like 'pg\\_%' or g.rolname = 'pgvigil_owners')))
        from pg_roles r
       where $1 = 'pgvigil' and r.rolname in ('pgvigil_monitor', 'pgvigil_maintain', 'pgvigil_owners')
    )
  select kind, identity, parent, md5(coalesce(definition, '')) as fingerprint from objects order by 1, 2`;
