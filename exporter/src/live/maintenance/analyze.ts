/** Tables large enough for a plan to go wrong whose rows nobody has ever counted: the planner guesses. */
import { IS_USERS, RELATION_COLUMNS, type RelationRow } from '../relations.ts';
import { count } from '../words.ts';
import { withOptions } from './options.ts';
import { draft, type Look, printed, WORTH_ROWS } from './types.ts';

interface NeverRow extends RelationRow {
  readonly rows: number;
}

/**
 * reltuples is -1 until VACUUM or ANALYZE has been there. Autovacuum never analyzes a partitioned table. One below its own
 * threshold of analyze is as its owner wants it.
 */
const SQL = withOptions(`
  with t as (
    select ${RELATION_COLUMNS},
           case c.relkind when 'p' then p.rows else s.n_live_tup end::float8 as rows,
           option('autovacuum_analyze_threshold') as base, option('autovacuum_analyze_scale_factor') as scale
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      left join pg_catalog.pg_stat_all_tables s on s.relid = c.oid
      left join lateral (
        select sum(greatest(l.reltuples, 0)) as rows
          from pg_catalog.pg_inherits i join pg_catalog.pg_class l on l.oid = i.inhrelid
         where i.inhparent = c.oid and c.relkind = 'p') p on true
     where c.relkind in ('r', 'p', 'm') and c.reltuples = -1 and ${IS_USERS}
       and s.last_analyze is null and s.last_autoanalyze is null)
  select t.oid, t.kind, t.schema, t.name, t.rows
    from t where t.rows > ${WORTH_ROWS} and t.rows > t.base + t.scale * t.rows`);

export const neverAnalyzed: Look = {
  title: 'Tables without statistics',
  variants: [{ sql: SQL }],
  missing: '',
  ttlSeconds: 15,
  findings: (row: NeverRow) => [
    draft(row, 'table', {
      action: 'analyze',
      message:
        row.kind === 'partitioned table'
          ? `${printed(row)}: its ${count(row.rows)} rows have never been analyzed as a whole, which autovacuum does not do for partitioned tables; the planner guesses its joins.`
          : `${printed(row)}: about ${count(row.rows)} rows, never analyzed; the planner guesses.`,
    }),
  ],
};
