/** EXPLAIN ANALYZE: the statement is run, so it must be one that only reads. */
import type { Explained } from '../contract/index.ts';
import type { LiveTarget } from '../live/live_target.ts';
import { refuseVolatile } from './effects.ts';
import { explained, lookedUp, planOf } from './explain.ts';
import { as, type Fields, loadParser, walk } from './parser.ts';
import type { RawExplain } from './plan_json.ts';
import { EXECUTE, type PlanSession, withPlanSession } from './plan_session.ts';
import { StatementRefusal } from './refusal.ts';
import { runnable } from './rewrite.ts';
import type { FoundStatement } from './statement_text.ts';
import { refuseStrangers } from './strangers.ts';

const RUN_MS = 10_000;

export type Value = string | number | boolean | null;

/**
 * @param values of $1, $2 …; they travel as parameters of the protocol and are never part of a text.
 * @throws StatementRefusal, DatabaseFailure, TargetUnavailable
 */
export async function analyzeStatement(
  live: LiveTarget,
  found: FoundStatement,
  values: readonly Value[],
): Promise<Explained> {
  await loadParser();
  const { text, statement, notes } = runnable(found.text);
  requireRead(statement);
  return withPlanSession(live, found, { statementMs: RUN_MS }, async (session) => {
    // What functions of others do is looked into below; but that takes a plan, and planning may run them.
    await refuseStrangers(session, statement, 'strangers');
    const types = await session.prepare(text);
    requireValues(types, values);
    const planned = await planWithNulls(session, types.length);
    await session.trusted(() => refuseVolatile(session, statement, planned.Plan));
    const given = values.map((value) => (value === null ? null : String(value)));
    const analyze = 'explain (analyze, verbose, buffers, format json)';
    const [raw] = (await planOf(session.client, `${analyze} ${text}`, given)) as RawExplain[];
    return explained({
      mode: 'analyze',
      raw,
      // EXPLAIN's JSON: its text form would take a second run.
      text: JSON.stringify([raw], undefined, 2),
      notes: [...notes, ...lookedUp(statement, found, session)],
    });
  });
}

/** Expressions as they will be run, before anything is: also those of views and policies. */
async function planWithNulls({ client }: PlanSession, parameters: number): Promise<RawExplain> {
  // Plans for values leave out what NULLs make impossible.
  await client.query('set local plan_cache_mode = force_generic_plan; set local enable_partition_pruning = off');
  const nulls = parameters === 0 ? '' : `(${Array(parameters).fill('null').join(', ')})`;
  const [raw] = (await planOf(client, `explain (verbose, format json) ${EXECUTE}${nulls}`)) as RawExplain[];
  await client.query('set local plan_cache_mode to default; set local enable_partition_pruning to default');
  return raw;
}

/** @throws StatementRefusal for anything but a single SELECT that writes and locks nothing. */
function requireRead(statement: unknown): void {
  const refuse = (message: string): StatementRefusal =>
    new StatementRefusal('bad_request', message, 'ANALYZE runs the statement. The plan without ANALYZE runs nothing.');
  if (as(statement, 'SelectStmt') === undefined) throw refuse('only a SELECT is run with ANALYZE');
  walk(statement, (tag: string, fields: Fields) => {
    if (/^(Insert|Update|Delete|Merge)Stmt$/.test(tag)) throw refuse('a WITH query of this statement changes data');
    if (tag === 'LockingClause') throw refuse('this statement locks rows (FOR UPDATE or FOR SHARE)');
    if (fields.intoClause !== undefined) throw refuse('SELECT INTO makes a table');
  });
}

function requireValues(types: readonly string[], values: readonly Value[]): void {
  if (types.length === values.length) return;
  const list = types.map((type, i) => `$${i + 1} ${type}`).join(', ');
  throw new StatementRefusal(
    'bad_request',
    `"parameters" has ${values.length} values, and the statement takes ${types.length}`,
    types.length === 0 ? 'Give none.' : `Give one value each for ${list}.`,
  );
}
