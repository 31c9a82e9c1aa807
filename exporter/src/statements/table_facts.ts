/** What the catalogue and the statistics know of the tables that a statement names. */
import type { Relation } from '../contract/index.ts';
import type { LiveTarget } from '../live/live_target.ts';
import { findRelations } from './search_path.ts';

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  /** jsonb, arrays, tsvector: GIN has a default operator class for them. */
  readonly gin: boolean;
  readonly btree: boolean;
  /** Different values; null where there are no statistics, or none that the role may read. */
  readonly distinct: number | null;
  /** 0…1 */
  readonly nulls: number | null;
}

export interface IndexFacts {
  readonly name: string;
  readonly method: string;
  readonly unique: boolean;
  readonly partial: boolean;
  /** Key columns; an expression is null. */
  readonly columns: readonly (string | null)[];
}

export interface TableFacts {
  readonly relation: Relation;
  /** As of the last VACUUM or ANALYZE; null when never. */
  readonly rows: number | null;
  readonly pages: number;
  readonly columns: readonly ColumnFacts[];
  readonly indexes: readonly IndexFacts[];
}

/** Statistics of a partitioned table are those of the whole; its size is that of its partitions. */
const SQL = `
  with recursive named as (
    select n as name, o as oid from unnest($1::text[], $2::oid[]) as k (n, o)),
  tree as (
    select oid as root, oid from named
    union
    select t.root, i.inhrelid from tree t join pg_catalog.pg_inherits i on i.inhparent = t.oid),
  size as (
    select t.root, pg_catalog.sum(c.relpages)::float8 as pages, pg_catalog.sum(nullif(c.reltuples, -1))::float8 as rows
      from tree t join pg_catalog.pg_class c on c.oid = t.oid and c.relkind in ('r', 'm', 'f') group by t.root)
  select d.name, pg_catalog.json_build_object(
    'relation', pg_catalog.json_build_object('oid', c.oid::int8, 'schema', n.nspname, 'name', c.relname,
      'kind', case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'm' then 'materialized view'
                             else 'other' end),
    'rows', s.rows, 'pages', coalesce(s.pages, 0),
    'columns', (
      select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
          'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
          'gin', t.typcategory = 'A' or t.oid in ('jsonb'::regtype, 'tsvector'::regtype),
          'btree', exists (select from pg_catalog.pg_opclass o join pg_catalog.pg_am m on m.oid = o.opcmethod
                            where m.amname = 'btree' and o.opcdefault
                              and (o.opcintype in (a.atttypid, t.typbasetype)
                                   or exists (select from pg_catalog.pg_cast k where k.castsource = a.atttypid
                                                and k.casttarget = o.opcintype and k.castmethod = 'b' and k.castcontext = 'i')
                                   or t.typtype in ('e', 'r') or t.typcategory = 'A')),
          'distinct', case when p.n_distinct < 0 then -p.n_distinct * s.rows else p.n_distinct end,
          'nulls', p.null_frac) order by a.attnum), '[]')
        from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
        left join lateral (
          select * from pg_catalog.pg_stats p where p.schemaname = n.nspname and p.tablename = c.relname
             and p.attname = a.attname order by p.inherited desc limit 1) p on true
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    'indexes', (
      select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
          'name', i.relname, 'method', m.amname, 'unique', x.indisunique, 'partial', x.indpred is not null,
          'columns', (select pg_catalog.json_agg(a.attname order by k.place)
                        from pg_catalog.unnest(x.indkey::int2[]) with ordinality as k (attnum, place)
                        left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum and k.attnum <> 0
                       where k.place <= x.indnkeyatts)) order by i.relname), '[]')
        from pg_catalog.pg_index x join pg_catalog.pg_class i on i.oid = x.indexrelid
        join pg_catalog.pg_am m on m.oid = i.relam
       where x.indrelid = c.oid and x.indisvalid)) as facts
    from named d join pg_catalog.pg_class c on c.oid = d.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace left join size s on s.root = c.oid`;

/** By name as written, looked up as for their user; those that are not there are missing. @throws TargetUnavailable, DatabaseFailure */
export async function tableFacts(
  live: LiveTarget,
  of: { readonly database: string; readonly user: string },
  names: readonly string[],
): Promise<ReadonlyMap<string, TableFacts>> {
  const found = await findRelations(live, of, names);
  const rows = await live.query<{ name: string; facts: TableFacts }>(
    SQL,
    [[...found.keys()], [...found.values()]],
    of.database,
  );
  return new Map(rows.map(({ name, facts }) => [name, facts]));
}
