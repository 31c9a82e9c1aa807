/** How far a maintenance statement is: pg_stat_progress_* as one phase and one ratio. */
import type pg from 'pg';
import type { Step } from '../actions/types.ts';
import type { Job } from '../contract/index.ts';

/** Part of the whole that a phase covers, and the counters that say how far it is; by the phase's beginning. */
type Phases = readonly (readonly [phase: string, from: number, to: number, done?: string, total?: string])[];

const VACUUM: Phases = [
  ['initializing', 0, 0],
  ['scanning heap', 0, 0.7, 'heap_blks_scanned', 'heap_blks_total'],
  ['vacuuming indexes', 0.7, 0.85, 'indexes_processed', 'indexes_total'],
  ['vacuuming heap', 0.85, 0.95, 'heap_blks_vacuumed', 'heap_blks_total'],
  ['cleaning up indexes', 0.95, 0.97],
  ['truncating heap', 0.97, 1],
  ['performing final cleanup', 0.99, 1],
];
const ANALYZE: Phases = [
  ['initializing', 0, 0],
  ['acquiring sample rows', 0, 0.8, 'sample_blks_scanned', 'sample_blks_total'],
  ['acquiring inherited sample rows', 0, 0.8, 'sample_blks_scanned', 'sample_blks_total'],
  ['computing', 0.8, 1],
  ['finalizing analyze', 0.99, 1],
];
const CREATE_INDEX: Phases = [
  ['initializing', 0, 0],
  ['waiting for writers before build', 0, 0],
  ['building index: scanning table', 0, 0.45, 'blocks_done', 'blocks_total'],
  ['building index: sorting', 0.45, 0.55],
  ['building index: loading', 0.55, 0.75, 'tuples_done', 'tuples_total'],
  ['building index', 0, 0.75, 'blocks_done', 'blocks_total'],
  ['waiting for writers before validation', 0.75, 0.75],
  ['index validation: scanning index', 0.75, 0.8, 'blocks_done', 'blocks_total'],
  ['index validation: sorting', 0.8, 0.82],
  ['index validation: scanning table', 0.82, 0.97, 'blocks_done', 'blocks_total'],
  ['waiting for old snapshots', 0.97, 0.97],
  ['waiting for readers before marking dead', 0.98, 0.98],
  ['waiting for readers before dropping', 0.99, 0.99],
];
const KINDS: Readonly<Record<string, Phases>> = { vacuum: VACUUM, analyze: ANALYZE, create_index: CREATE_INDEX };

const PROGRESS_SQL = Object.keys(KINDS)
  .map((kind) => `select '${kind}' as kind, to_jsonb(p) as row from pg_stat_progress_${kind} p where p.pid = $1`)
  .join(' union all ');

/** Too early to tell how long it takes. */
const LEAST_RATIO = 0.02;

export type Progress = NonNullable<Job['progress']>;

/**
 * @param step its number in the plan, from 0. @param since when it began.
 * @param blockedBy whom it waits for.
 */
export async function readProgress(
  watching: pg.Client,
  pid: number,
  {
    steps,
    step,
    since,
    blockedBy,
  }: { steps: readonly Step[]; step: number; since: number; blockedBy: readonly string[] },
): Promise<Progress> {
  const { rows } = await watching.query<{ kind: string; row: Record<string, unknown> }>(PROGRESS_SQL, [pid]);
  const within = rows[0] === undefined ? undefined : ratioOf(KINDS[rows[0].kind], rows[0].row);
  const phase = (rows[0]?.row.phase as string | undefined) ?? (blockedBy.length > 0 ? 'waiting for a lock' : 'running');
  const ratio = ratioOfAll(steps, step, within);
  const seconds = (Date.now() - since) / 1000;
  const waits = blockedBy.length > 0 || phase.startsWith('waiting');
  const etaSeconds =
    ratio === null || ratio < LEAST_RATIO || waits ? null : Math.round((seconds * (1 - ratio)) / ratio);
  return { phase, ratio, etaSeconds, statement: step, blockedBy: [...blockedBy] };
}

/** Each statement that works has an equal share; SET ROLE is no work. @param within of the one that runs. */
export function ratioOfAll(steps: readonly Step[], step: number, within: number | undefined): number | null {
  const works = ({ waits }: Step): boolean => waits !== 'session';
  const all = steps.filter(works).length;
  const before = steps.slice(0, step).filter(works).length;
  return within === undefined && all <= 1 ? null : (before + (within ?? 0)) / all;
}

export function ratioOf(phases: Phases, row: Readonly<Record<string, unknown>>): number | undefined {
  const phase = String(row.phase);
  const found = phases.find(([beginning]) => phase.startsWith(beginning));
  if (found === undefined) return undefined;
  const [, from, to, done, total] = found;
  const whole = Number(row[total ?? ''] ?? 0);
  const part = whole > 0 ? Math.min(Number(row[done ?? ''] ?? 0) / whole, 1) : 0;
  return from + (to - from) * part;
}
