/** Columns and indexes of one table, with what the statistics say of them. */
import type { Columns } from '../contract/index.ts';
import type { LiveTarget } from './live_target.ts';
import { LOCKED, RELATION_COLUMNS, type RelationRow } from './relations.ts';

const TABLE = `
  select ${RELATION_COLUMNS}
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.oid = $1 and c.relkind in ('r', 'p', 'm')`;

/** n_distinct below 0 is a part of the rows. pg_stats hides columns that the role may not read. */
const COLUMNS = `
  select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "notNull",
         s.null_frac::float8 as "nullFraction",
         case when s.n_distinct >= 0 then s.n_distinct
              when c.reltuples >= 0 then -s.n_distinct * c.reltuples end::float8 as distinct
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join lateral (
      -- For the table alone: joined as it is, the view is read for all tables.
      select s.null_frac, s.n_distinct from pg_catalog.pg_stats s
       where s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname
         and s.inherited = (c.relkind = 'p') offset 0) s on true
   where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
   order by a.attnum`;

const INDEXES = `
  with locked as materialized (${LOCKED})
  select ${RELATION_COLUMNS}, pg_catalog.pg_get_indexdef(c.oid) as definition, s.idx_scan::float8 as scans,
         x.indisvalid and x.indisready and x.indislive as valid,
         case when c.relkind = 'i' and c.oid not in (select l.oid from locked l)
              then pg_catalog.pg_relation_size(c.oid)::float8 end as "sizeBytes"
    from pg_catalog.pg_index x
    join pg_catalog.pg_class c on c.oid = x.indexrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_stat_all_indexes s on s.indexrelid = c.oid
   where x.indrelid = $1
   order by x.indisprimary desc, c.relname`;

type Column = Columns['columns'][number];
type IndexRow = RelationRow & Omit<Columns['indexes'][number], 'relation'>;

export interface TableColumns {
  readonly table: RelationRow;
  readonly columns: Column[];
  readonly indexes: IndexRow[];
}

/** @returns undefined where there is no such table. @throws TargetUnavailable; DatabaseFailure */
export const readColumns = (
  target: LiveTarget,
  table: number,
  database: string | undefined,
): Promise<TableColumns | undefined> =>
  target.use(async (client) => {
    const { rows: found } = await client.query<RelationRow>(TABLE, [table]);
    if (found.length === 0) return undefined;
    const { rows: columns } = await client.query<Column>(COLUMNS, [table]);
    const { rows: indexes } = await client.query<IndexRow>(INDEXES, [table]);
    return { table: found[0], columns, indexes };
  }, database);
