/** EXPLAIN for any parameters: nothing is run. */
import type pg from 'pg';
import type { Explained } from '../contract/index.ts';
import type { LiveTarget } from '../live/live_target.ts';
import { planFingerprint } from './fingerprint.ts';
import { loadParser } from './parser.ts';
import { tablesOf } from './parse.ts';
import type { RawExplain } from './plan_json.ts';
import { EXECUTE, type PlanSession, withPlanSession } from './plan_session.ts';
import { planTree } from './plan_tree.ts';
import { remarksOn } from './remarks.ts';
import { runnable } from './rewrite.ts';
import type { FoundStatement } from './statement_text.ts';
import { refuseStrangers } from './strangers.ts';

/** Planning alone: a second is a lot. */
const PLAN_MS = 5000;

export interface PlanOptions {
  /** Leave no entry in pg_stat_statements: it counts each EXPLAIN as a statement of its own, but no PREPARE. */
  readonly quietly?: boolean;
}

/** @throws StatementRefusal, DatabaseFailure, TargetUnavailable */
export async function genericPlan(
  live: LiveTarget,
  found: FoundStatement,
  { quietly = false }: PlanOptions = {},
): Promise<Explained> {
  await loadParser();
  const { text, statement, notes } = runnable(found.text);
  const byItsOption = !quietly && (await knowsGenericPlan(live, found.database));
  return withPlanSession(live, found, { statementMs: PLAN_MS }, async (session) => {
    await refuseStrangers(session, statement);
    const explain = byItsOption ? await byOption(session, text) : await byExecute(session, text);
    const [raw] = (await explain('verbose, format json')) as RawExplain[];
    const lines = (await explain('format text')) as string;
    return explained({ mode: 'generic', raw, text: lines, notes: [...notes, ...lookedUp(statement, found, session)] });
  });
}

/** Types of $1, $2 … in words, as the server infers them. @throws as genericPlan */
export async function parameterTypes(live: LiveTarget, found: FoundStatement): Promise<readonly string[]> {
  await loadParser();
  const { text } = runnable(found.text);
  return withPlanSession(live, found, { statementMs: PLAN_MS }, ({ prepare }) => prepare(text));
}

type Explain = (options: string) => Promise<unknown>;

/** Whether EXPLAIN takes GENERIC_PLAN, which PostgreSQL 16 brought; asked once. */
function knowsGenericPlan(live: LiveTarget, database: string): Promise<boolean> {
  const known = GENERIC.get(live);
  if (known !== undefined) return known;
  const asked = live.query('explain (generic_plan) select 1', [], database).then(
    () => true,
    (error: { sqlState?: string }) => {
      if (error.sqlState === '42601') return false;
      GENERIC.delete(live);
      throw error;
    },
  );
  GENERIC.set(live, asked);
  return asked;
}
const GENERIC = new WeakMap<LiveTarget, Promise<boolean>>();

async function byOption({ client, prepare }: PlanSession, text: string): Promise<Explain> {
  await prepare(text);
  return (options) => planOf(client, `explain (generic_plan, ${options}) ${text}`);
}

/** Partitions are not left out for values that nobody gave: with GENERIC_PLAN they are not, either. */
async function byExecute({ client, prepare }: PlanSession, text: string): Promise<Explain> {
  await client.query('set local plan_cache_mode = force_generic_plan; set local enable_partition_pruning = off');
  const types = await prepare(text);
  const values = types.length === 0 ? '' : `(${types.map(() => 'null').join(', ')})`;
  return (options) => planOf(client, `explain (${options}) ${EXECUTE}${values}`);
}

/** JSON is parsed by pg; lines of text come as rows. @param text was prepared: the server takes it for one statement. */
export async function planOf(client: pg.Client, text: string, values?: readonly unknown[]): Promise<unknown> {
  const { rows } = await client.query<{ 'QUERY PLAN': unknown }>(text, values && [...values]);
  const lines = rows.map((row) => row['QUERY PLAN']);
  return typeof lines[0] === 'string' ? lines.join('\n') : lines[0];
}

interface Parts {
  readonly mode: Explained['mode'];
  readonly raw: RawExplain;
  readonly text: string;
  readonly notes: readonly string[];
}

export function explained({ mode, raw, text, notes }: Parts): Explained {
  const root = planTree(raw.Plan);
  const seconds = (milliseconds: number | undefined): number | null =>
    milliseconds === undefined ? null : milliseconds / 1000;
  return {
    at: new Date().toISOString(),
    mode,
    fingerprint: planFingerprint(root),
    root,
    planningSeconds: seconds(raw['Planning Time']),
    executionSeconds: seconds(raw['Execution Time']),
    remarks: [...remarksOn(root), ...notes],
    text,
  };
}

/** The one thing that may be different for whoever ran it; no matter where all tables are named with their schema. */
export function lookedUp(statement: unknown, { user }: FoundStatement, { searchPath }: PlanSession): string[] {
  if (tablesOf(statement).every(({ schema }) => schema !== undefined)) return [];
  return [`Names were looked up with search_path ${searchPath}, the default of ${user} in this database.`];
}
