/** Tables and indexes that a statement touches, as the database has them now. */
import type { PlanNode, QueryDetail } from '../contract/index.ts';
import type { LiveTarget } from '../live/live_target.ts';
import { nodesOf } from './plan_tree.ts';
import { findRelations } from './search_path.ts';

type Touched = QueryDetail['tables'][number];

export interface TouchedRelations {
  readonly tables: Touched[];
  readonly indexes: Touched[];
}

interface Row extends Touched {
  readonly [column: string]: unknown;
}

/**
 * Sizes by pg_class.relpages, which need no lock; figures are those of the last VACUUM or ANALYZE. A partitioned table counts
 * its partitions, which are the ones read. Its indexes count only where a plan is known.
 */
const SQL = `
  with recursive named as (
    select distinct n as oid from pg_catalog.unnest($1::oid[]) n),
  tree as (
    select oid as root, oid from named
    union
    select t.root, i.inhrelid from tree t join pg_catalog.pg_inherits i on i.inhparent = t.oid),
  size as (
    select t.root, pg_catalog.sum(c.relpages::float8) * pg_catalog.current_setting('block_size')::float8 as bytes,
           pg_catalog.sum(nullif(c.reltuples, -1)::float8) as rows,
           pg_catalog.sum(s.n_dead_tup)::float8 as dead, pg_catalog.sum(s.seq_scan + coalesce(s.idx_scan, 0))::float8 as scans,
           pg_catalog.max(greatest(s.last_vacuum, s.last_autovacuum)) as vacuumed,
           pg_catalog.max(greatest(s.last_analyze, s.last_autoanalyze)) as analyzed
      from tree t join pg_catalog.pg_class c on c.oid = t.oid and c.relkind in ('r', 'm', 'f')
      -- For each by itself: joined as it is, the view adds up the statistics of all tables.
      left join lateral (select * from pg_catalog.pg_stat_all_tables s where s.relid = t.oid offset 0) s on true
     group by t.root),
  relation as (
    select c.oid, n.nspname, c.relname, c.relkind
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.oid in (select oid from named))
  select 1 as place, r.relname::text as sort, pg_catalog.json_build_object(
           'relation', pg_catalog.json_build_object('oid', r.oid::int8, 'schema', r.nspname, 'name', r.relname, 'kind',
             case r.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'm' then 'materialized view'
                            else 'other' end),
           'sizeBytes', s.bytes, 'rows', s.rows, 'deadRows', s.dead, 'scans', s.scans,
           'lastVacuum', pg_catalog.to_char(s.vacuumed at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'lastAnalyze', pg_catalog.to_char(s.analyzed at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'definition', null, 'table', null) as touched
    from relation r left join size s on s.root = r.oid
   where r.relkind in ('r', 'p', 'm', 'f')
  union all
  select 2, i.relname, pg_catalog.json_build_object(
           'relation', pg_catalog.json_build_object('oid', i.oid::int8, 'schema', n.nspname, 'name', i.relname,
             'kind', case i.relkind when 'I' then 'partitioned index' else 'index' end),
           'sizeBytes', case when i.relkind = 'i' then i.relpages::float8 * pg_catalog.current_setting('block_size')::float8 end,
           'rows', nullif(i.reltuples, -1)::float8, 'deadRows', null, 'scans', s.idx_scan::float8,
           'lastVacuum', null, 'lastAnalyze', null,
           'definition', pg_catalog.pg_get_indexdef(i.oid), 'table', r.nspname || '.' || r.relname)
    from relation r join pg_catalog.pg_index x on x.indrelid = r.oid
    join pg_catalog.pg_class i on i.oid = x.indexrelid join pg_catalog.pg_namespace n on n.oid = i.relnamespace
    left join pg_catalog.pg_stat_all_indexes s on s.indexrelid = i.oid
   where $2::text[] is null or i.relname = any ($2)
   order by 1, 2`;

/**
 * @param plan where one is known: its relations and only the indexes that it uses.
 * @param names as written in the text, looked up as for its user, where no plan is known.
 * @throws TargetUnavailable, DatabaseFailure
 */
export async function touchedRelations(
  live: LiveTarget,
  of: { readonly database: string; readonly user: string },
  names: readonly string[],
  plan: PlanNode | undefined,
): Promise<TouchedRelations> {
  const nodes = plan === undefined ? [] : nodesOf(plan);
  const planned = nodes.flatMap(({ relation }) => relation ?? []);
  const indexes = plan === undefined ? null : nodes.flatMap(({ index }) => index ?? []);
  const all = [...new Set([...planned, ...(plan === undefined ? names : [])])];
  if (all.length === 0) return { tables: [], indexes: [] };
  const found = await findRelations(live, of, all);
  const oids = [...found.values()];
  const rows = await live.query<{ place: number; touched: Row }>(SQL, [oids, indexes], of.database);
  const at = (place: number): Touched[] => rows.filter((row) => row.place === place).map(({ touched }) => touched);
  return { tables: at(1), indexes: at(2) };
}
