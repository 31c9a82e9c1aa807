/** Indexes that a build left unusable, that are bloated, or that nothing needs. */
import { IS_USERS, LOCKED, RELATION_COLUMNS, type RelationRow } from '../relations.ts';
import { bytes, percent } from '../words.ts';
import { type Draft, draft, type Look, printed } from './types.ts';

interface BloatRow extends RelationRow {
  readonly sizeBytes: number;
  readonly bloatBytes: number;
  readonly ratio: number;
  readonly method: string;
}

interface UsageRow extends RelationRow {
  readonly unused: string;
  readonly verdict: string;
  readonly reason: string;
  readonly sizeBytes: number | null;
  /** Seconds that scans were counted for; null where the verdict does not rest on them. */
  readonly countedSeconds: number | null;
}

interface InvalidRow extends RelationRow {
  readonly table: string;
  readonly unique: boolean;
  readonly sizeBytes: number | null;
}

/** As much is always in memory anyway; an index that does another's work is not worth a look below that. */
const SMALL_BYTES = 128 << 10;
/** Less is won by a rebuild than it costs. */
const WORTH_BYTES = 1 << 20;
const WORTH_RATIO = 0.3;
const MUCH_RATIO = 0.5;
/** Pages of 8 KiB that a look may read to measure rather than estimate: 32 MiB. */
const PAGE_BUDGET = 4096;

const INSTALL = 'run `pgvigil sql install` in this database and grant pgvigil_monitor to the monitoring role';

export const indexBloat: Look = {
  title: 'Bloat of indexes',
  variants: [
    {
      uses: 'pgvigil.index_bloat(bigint, bigint)',
      sql: `
        select ${RELATION_COLUMNS}, b.size_bytes::float8 as "sizeBytes", b.bloat_bytes::float8 as "bloatBytes",
               b.bloat_ratio as ratio, b.method
          from pgvigil.index_bloat(${PAGE_BUDGET}, ${WORTH_BYTES}) b
          join pg_catalog.pg_namespace n on n.nspname = b.schemaname
          join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = b.indexrelname
          join pg_catalog.pg_index x on x.indexrelid = c.oid
         where b.bloat_bytes >= ${WORTH_BYTES} and b.bloat_ratio >= ${WORTH_RATIO}
           and x.indisvalid and not x.indisexclusion and ${IS_USERS}`,
    },
  ],
  missing: `Bloat of indexes is not looked at: ${INSTALL}.`,
  ttlSeconds: 600,
  findings(row: BloatRow): Draft[] {
    const { sizeBytes, bloatBytes, ratio, method } = row;
    const how = method === 'estimate' ? 'estimated from statistics' : 'measured';
    return [
      draft(row, 'index', {
        action: 'reindex',
        state: ratio >= MUCH_RATIO ? 'warn' : 'info',
        message: `${printed(row)}: ${bytes(bloatBytes)} of its ${bytes(sizeBytes)} (${percent(ratio)}) are empty, ${how}; it takes that much more memory and disk than it needs.`,
        gain: { value: bloatBytes, unit: 'bytes' },
      }),
    ];
  },
};

/** What a verdict leaves to be looked at before; a verdict that is not here is no finding. */
const BEFORE: Readonly<Record<string, string>> = {
  'safe to drop': '',
  'check age first': 'Look first whether it is younger than the counters.',
  'check standbys first': 'Look first whether the standbys use it.',
  review: 'Look first who uses it.',
};

export const indexUsage: Look = {
  title: 'Use of indexes',
  variants: [
    {
      uses: 'pgvigil.check_index_usage(double precision, bigint, boolean)',
      // What backs a constraint goes with the constraint, and is not dropped as an index.
      sql: `
        select ${RELATION_COLUMNS}, u.kind as unused, u.verdict, u.reason, u.size_bytes::float8 as "sizeBytes",
               case when u.kind in ('unused', 'rarely_used') then u.window_seconds end as "countedSeconds"
          from pgvigil.check_index_usage(kept => false) u
          join pg_catalog.pg_namespace n on n.nspname = u.schemaname
          join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = u.indexrelname
         where u.kind in ('unused', 'rarely_used', 'duplicate', 'redundant')
           and (u.size_bytes is null or u.size_bytes >= ${SMALL_BYTES})
           and not exists (select from pg_catalog.pg_constraint k where k.conindid = c.oid)`,
    },
  ],
  missing: `Unused and duplicate indexes are not looked for: ${INSTALL}.`,
  ttlSeconds: 300,
  findings(row: UsageRow): Draft[] {
    const before = BEFORE[row.verdict];
    if (before === undefined) return [];
    const size = row.sizeBytes === null ? '' : ` (${bytes(row.sizeBytes)})`;
    return [
      draft(row, 'index', {
        action: 'drop_index',
        state: row.verdict === 'safe to drop' ? 'warn' : 'info',
        message: `${printed(row)}${size} is ${row.unused.replace('_', ' ')}: ${row.reason}. Every write pays for it.`,
        gain: row.sizeBytes === null ? null : { value: row.sizeBytes, unit: 'bytes' },
        heldBack: before,
        since: row.countedSeconds === null ? null : new Date(Date.now() - row.countedSeconds * 1000).toISOString(),
      }),
    ];
  },
};

/** Not while one of the table is being built, nor those of a partitioned table: these wait for a partition's. */
export const invalidIndexes: Look = {
  title: 'Invalid indexes',
  variants: [
    {
      sql: `
        with locked as materialized (${LOCKED})
        select ${RELATION_COLUMNS}, pg_catalog.format('%s.%s', tn.nspname, t.relname) as table, x.indisunique as unique,
               case when not exists (select from locked l where l.oid = c.oid)
                    then pg_catalog.pg_relation_size(c.oid)::float8 end as "sizeBytes"
          from pg_catalog.pg_index x
          join pg_catalog.pg_class c on c.oid = x.indexrelid and c.relkind = 'i'
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          join pg_catalog.pg_class t on t.oid = x.indrelid
          join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
         where not (x.indisvalid and x.indisready and x.indislive) and ${IS_USERS}
           and not exists (select from pg_catalog.pg_stat_progress_create_index p
                            where p.datname = pg_catalog.current_database()
                              and (p.index_relid = x.indexrelid or p.relid = x.indrelid))`,
    },
  ],
  missing: '',
  ttlSeconds: 15,
  findings(row: InvalidRow): Draft[] {
    const unique = row.unique ? ' It already refuses duplicates, and existing ones may be why it failed.' : '';
    return [
      draft(row, 'index', {
        action: 'drop_leftover',
        message: `${printed(row)} on ${row.table} is invalid, left by a build that did not end: every write maintains it and no query uses it.${unique}`,
        gain: row.sizeBytes === null ? null : { value: row.sizeBytes, unit: 'bytes' },
      }),
    ];
  },
};
