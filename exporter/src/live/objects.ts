/** Tables, indexes and materialized views by name, for pickers in forms. */
import type { Input } from '../contract/index.ts';
import { DatabaseFailure } from '../db/errors.ts';
import type { LiveTarget } from './live_target.ts';
import { IS_USERS, LOCKED, RELATION_COLUMNS, type RelationRow } from './relations.ts';

export type ObjectKind = Input<'GET /api/v1/objects'>['query']['kind'];

export interface ObjectRow extends RelationRow {
  readonly sizeBytes: number | null;
  readonly rows: number | null;
  /** Of an index, with its schema. */
  readonly table: string | null;
  readonly total: number;
}

export interface ObjectsQuery {
  readonly database?: string;
  readonly kind: ObjectKind;
  /** Part of schema.name, in any case. */
  readonly search?: string;
  readonly page: number;
  readonly pageSize: number;
}

const CONDITIONS: Readonly<Record<ObjectKind, string>> = {
  table: `c.relkind in ('r', 'p')`,
  index: `c.relkind in ('i', 'I')`,
  // One that is just being built is invalid too, and nobody's leftover.
  'invalid index': `
    c.relkind in ('i', 'I') and not (x.indisvalid and x.indisready and x.indislive)
    and not exists (select from pg_catalog.pg_stat_progress_create_index p
                     where p.datname = pg_catalog.current_database() and (p.index_relid = c.oid or p.relid = x.indrelid))`,
  'materialized view': `c.relkind = 'm'`,
};

/** Largest first. A partitioned one has no size of its own. */
const sqlOf = (kind: ObjectKind, withSizes: boolean): string => `
  with found as materialized (
    select c.oid, c.relpages, n.nspname, c.relname
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      ${kind === 'invalid index' ? 'join pg_catalog.pg_index x on x.indexrelid = c.oid' : ''}
     where ${CONDITIONS[kind]} and ${IS_USERS}
       and ($1::text is null
            or pg_catalog.strpos(pg_catalog.lower(n.nspname || '.' || c.relname), pg_catalog.lower($1)) > 0)
  ), page as materialized (
    select *, (select count(*) from found)::int4 as total
      from found order by relpages desc, nspname, relname limit $2 offset $3
  ), locked as materialized (${LOCKED})
  select ${RELATION_COLUMNS}, nullif(c.reltuples, -1)::float8 as rows, p.total,
         case when t.oid is not null then pg_catalog.format('%s.%s', tn.nspname, t.relname) end as "table",
         ${withSizes ? SIZE : 'null::float8'} as "sizeBytes"
    from page p
    join pg_catalog.pg_class c on c.oid = p.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_index x on x.indexrelid = c.oid
    left join pg_catalog.pg_class t on t.oid = x.indrelid
    left join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
   order by p.relpages desc, p.nspname, p.relname`;

const SIZE = `
  case when c.relkind not in ('p', 'I') and c.oid not in (select l.oid from locked l)
       then pg_catalog.pg_table_size(c.oid)::float8 end`;

export interface Objects {
  readonly rows: readonly ObjectRow[];
  readonly total: number;
}

/** @throws TargetUnavailable; DatabaseFailure */
export async function readObjects(target: LiveTarget, query: ObjectsQuery): Promise<Objects> {
  const rows = await readPage(target, query);
  const { page } = query;
  // Behind the last page no row is left that could say how many there are.
  const [first] = rows.length > 0 || page === 1 ? rows : await readPage(target, { ...query, page: 1, pageSize: 1 });
  return { rows, total: first?.total ?? 0 };
}

async function readPage(target: LiveTarget, query: ObjectsQuery): Promise<ObjectRow[]> {
  const { database, kind, search, page, pageSize } = query;
  const values = [search ?? null, pageSize, (page - 1) * pageSize];
  const read = (withSizes: boolean): Promise<ObjectRow[]> =>
    target.query<ObjectRow & { [column: string]: unknown }>(sqlOf(kind, withSizes), values, database);
  try {
    return await read(true);
  } catch (error) {
    // Locked between our look at the locks and the size: the list is worth more than the sizes.
    if (error instanceof DatabaseFailure && error.reason === 'locked') return read(false);
    throw error;
  }
}
