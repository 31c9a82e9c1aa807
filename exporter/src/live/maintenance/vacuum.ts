/** What autovacuum would do by each table's own thresholds, and has not done yet, where that is worth a look. */
import { IS_USERS, RELATION_COLUMNS, type RelationRow } from '../relations.ts';
import { ago, count, percent, times } from '../words.ts';
import { withOptions } from './options.ts';
import { type Draft, draft, type Look, printed, WORTH_ROWS } from './types.ts';

interface VacuumRow extends RelationRow {
  readonly liveRows: number;
  readonly deadRows: number;
  /** All three: 1 is where autovacuum acts. */
  readonly vacuumNeed: number | null;
  readonly insertNeed: number | null;
  readonly analyzeNeed: number | null;
  readonly xidAge: number | null;
  /** Of the age at which autovacuum freezes whatever else; of transactions or multixacts, the nearer. */
  readonly freezeRatio: number | null;
  readonly enabled: boolean;
  readonly running: boolean;
  readonly lastVacuum: Date | null;
  readonly lastAnalyze: Date | null;
  /** Who keeps vacuum from removing rows. */
  readonly blockedBy: string | null;
}

/** Autovacuum freezes at 1; a manual freeze before that is at a time of one's own choice. */
const FREEZE_SOON = 0.9;
const FREEZE_LATE = 1.2;
/** Autovacuum acts within minutes; that much over the threshold, it is kept from it. */
const LATE = 10;

const INSTALLED = `
  select ${RELATION_COLUMNS}, v.live_rows::float8 as "liveRows", (v.dead_rows + coalesce(v.toast_dead_rows, 0))::float8 as "deadRows",
         v.vacuum_need_ratio as "vacuumNeed", v.insert_need_ratio as "insertNeed", v.analyze_need_ratio as "analyzeNeed",
         v.xid_age::float8 as "xidAge", greatest(v.xid_age_ratio, v.mxid_age_ratio) as "freezeRatio",
         v.autovacuum_enabled as enabled, v.running, greatest(v.last_vacuum, v.last_autovacuum) as "lastVacuum",
         greatest(v.last_analyze, v.last_autoanalyze) as "lastAnalyze", v.blocked_by as "blockedBy"
    from pgvigil.vacuum_need(${FREEZE_SOON}) v
    join pg_catalog.pg_namespace n on n.nspname = v.schemaname
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = v.relname`;

/** The same from the catalogue: without TOAST, and without what 18 knows of frozen pages. */
const PLAIN = withOptions(`
  with holder as materialized (
    select h.name, h.age from (
      select pg_catalog.format('session pid %s, %s, %s', a.pid, a.usename, a.state) as name,
             greatest(pg_catalog.age(a.backend_xmin), pg_catalog.age(a.backend_xid)) as age, a.xact_start as since
        from pg_catalog.pg_stat_activity a
       where a.pid <> pg_catalog.pg_backend_pid() and a.datname = pg_catalog.current_database()
         and a.xact_start < pg_catalog.clock_timestamp() - interval '5 minutes'
         and a.pid not in (select p.pid from pg_catalog.pg_stat_progress_vacuum p)
       union all
      select pg_catalog.format('prepared transaction %s, %s', p.gid, p.owner), pg_catalog.age(p.transaction), p.prepared
        from pg_catalog.pg_prepared_xacts p where p.database = pg_catalog.current_database()
       union all
      select pg_catalog.format('replication slot %s', s.slot_name), pg_catalog.age(s.xmin), null
        from pg_catalog.pg_replication_slots s where pg_catalog.age(s.xmin) > 10000) h
     where h.age is not null order by h.age desc, h.since nulls last limit 1
  ), t as materialized (
    select ${RELATION_COLUMNS}, greatest(c.reltuples, 0)::float8 as rows, s.*,
           coalesce((select bool_and(v.option_value::bool) from options v where v.option_name = 'autovacuum_enabled'), true)
             and pg_catalog.current_setting('autovacuum')::bool as enabled,
           option('autovacuum_vacuum_threshold') as base, option('autovacuum_vacuum_scale_factor') as scale,
           option('autovacuum_vacuum_insert_threshold') as insert_base,
           option('autovacuum_vacuum_insert_scale_factor') as insert_scale,
           option('autovacuum_analyze_threshold') as analyze_base, option('autovacuum_analyze_scale_factor') as analyze_scale,
           option('autovacuum_freeze_max_age') as freeze, pg_catalog.age(c.relfrozenxid)::float8 as age
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_stat_all_tables s on s.relid = c.oid
     where c.relkind in ('r', 'm') and ${IS_USERS}
  ), r as (
    select t.*, t.n_dead_tup / greatest(t.base + t.scale * t.rows, 1) as vacuum_need,
           case when t.insert_base >= 0 then t.n_ins_since_vacuum / greatest(t.insert_base + t.insert_scale * t.rows, 1) end as insert_need,
           t.n_mod_since_analyze / greatest(t.analyze_base + t.analyze_scale * t.rows, 1) as analyze_need
      from t
  )
  select r.oid, r.kind, r.schema, r.name, r.n_live_tup::float8 as "liveRows", r.n_dead_tup::float8 as "deadRows",
         r.vacuum_need as "vacuumNeed", r.insert_need as "insertNeed", r.analyze_need as "analyzeNeed",
         r.age as "xidAge", r.age / r.freeze as "freezeRatio", r.enabled,
         exists (select from pg_catalog.pg_stat_progress_vacuum p where p.relid = r.oid) as running,
         greatest(r.last_vacuum, r.last_autovacuum) as "lastVacuum", greatest(r.last_analyze, r.last_autoanalyze) as "lastAnalyze",
         (select pg_catalog.format('%s (holds %s transactions back)', h.name, h.age) from holder h) as "blockedBy"
    from r
   where greatest(r.vacuum_need, r.insert_need, r.analyze_need, r.age / r.freeze) >= ${FREEZE_SOON}`);

export const vacuum: Look = {
  title: 'Vacuum and analyze',
  variants: [{ uses: 'pgvigil.vacuum_need(double precision)', sql: INSTALLED }, { sql: PLAIN }],
  missing: '',
  ttlSeconds: 15,
  findings(row: VacuumRow): Draft[] {
    return [freezing(row), vacuuming(row), analyzing(row)].filter((found) => found !== undefined);
  },
};

function freezing(row: VacuumRow): Draft | undefined {
  const { freezeRatio: ratio, xidAge } = row;
  // Of a small table, autovacuum's freeze is over before anyone notices, unless it is kept from it.
  if (ratio === null || ratio < (isSmall(row) ? FREEZE_LATE : FREEZE_SOON)) return undefined;
  const age = xidAge === null ? '' : `its oldest transaction is ${count(xidAge)} transactions old, `;
  return draft(row, 'table', {
    action: 'vacuum_freeze',
    state: ratio >= FREEZE_LATE ? 'crit' : 'warn',
    message: `${printed(row)}: ${age}${percent(ratio)} of the age at which autovacuum freezes all of it, whatever the hour. Last vacuumed: ${ago(row.lastVacuum)}.`,
    heldBack: heldBack(row),
    since: iso(row.lastVacuum),
  });
}

function vacuuming(row: VacuumRow): Draft | undefined {
  const { vacuumNeed, insertNeed, deadRows, liveRows } = row;
  const dead = (vacuumNeed ?? 0) >= 1 && deadRows > WORTH_ROWS;
  if (!dead && ((insertNeed ?? 0) < 1 || liveRows <= WORTH_ROWS)) return undefined;
  const need = dead ? vacuumNeed! : insertNeed!;
  const what = dead
    ? `${count(deadRows)} dead rows beside ${count(liveRows)} live ones, ${times(need)} its own threshold; they take space and slow every scan`
    : `so many rows inserted since it was vacuumed that index-only scans read the table after all (${times(need)} its own threshold)`;
  return draft(row, 'table', {
    action: 'vacuum',
    // What was inserted costs index-only scans a little; dead rows grow until somebody removes them.
    state: need >= LATE ? (dead ? 'crit' : 'warn') : dead ? 'warn' : 'info',
    message: `${printed(row)}: ${what}. Last vacuumed: ${ago(row.lastVacuum)}.${off(row)}`,
    gain: dead ? { value: deadRows, unit: 'rows' } : null,
    heldBack: heldBack(row),
    since: iso(row.lastVacuum),
  });
}

function analyzing(row: VacuumRow): Draft | undefined {
  const need = row.analyzeNeed ?? 0;
  if (need < 1 || isSmall(row)) return undefined;
  return draft(row, 'table', {
    action: 'analyze',
    state: need >= LATE ? 'warn' : 'info',
    message: `${printed(row)}: ${times(need)} as many rows changed as its threshold of analyze; the planner estimates from before. Last analyzed: ${ago(row.lastAnalyze)}.${off(row)}`,
    since: iso(row.lastAnalyze),
  });
}

const isSmall = ({ liveRows, deadRows }: VacuumRow): boolean => Math.max(liveRows, deadRows) <= WORTH_ROWS;
const off = ({ enabled }: VacuumRow): string => (enabled ? '' : ' Autovacuum is off for it.');
const heldBack = ({ running, blockedBy }: VacuumRow): string =>
  running ? 'It is being vacuumed now.' : (blockedBy ?? '');
const iso = (time: Date | null): string | null => time?.toISOString() ?? null;
