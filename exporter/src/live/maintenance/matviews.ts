/** Materialized views that show what is no longer so. */
import { RELATION_COLUMNS, type RelationRow } from '../relations.ts';
import { ago, count, duration } from '../words.ts';
import { type Draft, draft, type Look, printed, WORTH_ROWS } from './types.ts';

interface ViewRow extends RelationRow {
  readonly populated: boolean;
  readonly stale: boolean | null;
  readonly changes: number | null;
  readonly lastRefresh: Date | null;
  readonly seconds: number | null;
}

export const matviews: Look = {
  title: 'Materialized views',
  variants: [
    {
      uses: 'pgvigil.matview_staleness()',
      sql: `
        select ${RELATION_COLUMNS}, s.ispopulated as populated, s.stale, s.changes_since_refresh::float8 as changes,
               s.last_refresh as "lastRefresh", s.duration_seconds as seconds
          from pgvigil.matview_staleness() s
          join pg_catalog.pg_namespace n on n.nspname = s.schemaname
          join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = s.matviewname
         where s.stale or not s.ispopulated`,
    },
    {
      sql: `
        select ${RELATION_COLUMNS}, false as populated, null::bool as stale, null::float8 as changes,
               null::timestamptz as "lastRefresh", null::float8 as seconds
          from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'm' and not c.relispopulated`,
    },
  ],
  missing:
    'Whether materialized views are out of date cannot be told: run `pgvigil sql install` in this database and grant pgvigil_monitor to the monitoring role.',
  ttlSeconds: 30,
  findings(row: ViewRow): Draft[] {
    const took = row.seconds === null ? '' : ` The last refresh took ${duration(row.seconds)}.`;
    const changes =
      row.changes === null ? 'its tables have changed' : `${count(row.changes)} rows of its tables changed`;
    return [
      draft(row, 'view', {
        action: 'refresh_matview',
        state: row.populated && row.changes !== null && row.changes <= WORTH_ROWS ? 'info' : 'warn',
        message: row.populated
          ? `${printed(row)} shows what was so ${ago(row.lastRefresh)}: ${changes} since.${took}`
          : `${printed(row)} has never been filled: whoever reads it gets an error.`,
        gain: row.changes === null ? null : { value: row.changes, unit: 'rows' },
        since: row.lastRefresh?.toISOString() ?? null,
      }),
    ];
  },
};
