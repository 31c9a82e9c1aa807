/** How relations are named, filtered and sized in every statement of this folder. */
import type { Relation } from '../contract/index.ts';

export interface RelationRow {
  readonly oid: number;
  readonly kind: Relation['kind'];
  readonly schema: string;
  readonly name: string;
}

/** Of pg_class `c` and pg_namespace `n`. */
export const RELATION_COLUMNS = `
  c.oid, case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'i' then 'index'
                        when 'I' then 'partitioned index' when 'm' then 'materialized view' else 'other' end as kind,
  n.nspname::text as schema, c.relname::text as name`;

/** Neither the server's own, nor of a session, of pg_class `c` and pg_namespace `n`. */
export const IS_USERS = `
  n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and c.relpersistence <> 't'`;

/** Relations that somebody holds, or waits to hold, in ACCESS EXCLUSIVE mode: whoever asks for their size waits too. */
export const LOCKED = `
  select distinct l.relation as oid
    from pg_catalog.pg_locks l
    join pg_catalog.pg_database d on d.oid = l.database and d.datname = pg_catalog.current_database()
   where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.pid is distinct from pg_catalog.pg_backend_pid()`;

export const relationOf = ({ oid, kind, schema, name }: RelationRow): Relation => ({ oid, kind, schema, name });
