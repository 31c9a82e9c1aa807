/** One statement: what the history has of it, and what only the live database knows. */
import type { QueryDetail } from '../contract/index.ts';
import { DatabaseFailure } from '../db/errors.ts';
import { readStatement } from '../history/window.ts';
import { type LiveTarget, TargetUnavailable } from '../live/live_target.ts';
import type { Store } from '../store/store.ts';
import { genericPlan } from './explain.ts';
import { marksOf } from './marks.ts';
import { StatementRefusal } from './refusal.ts';
import { rememberPlan } from './seen.ts';
import { fits, type StatementKey } from './statement_text.ts';
import type { TimeRange } from './time_range.ts';
import { type TouchedRelations, touchedRelations } from './touched.ts';

/** @throws StatementRefusal not_found; StateUnavailable, StateMissing. The live database may be away: `problems` says so. */
export async function statementDetail(
  live: LiveTarget,
  store: Store,
  key: StatementKey,
  range: TimeRange,
): Promise<QueryDetail> {
  const database = key.database ?? live.config.postgres?.database;
  const at = { ...key, database, target: live.name };
  const history = fits(key.queryId) ? await readStatement(store, at, range) : null;
  if (history === null) {
    throw new StatementRefusal(
      'not_found',
      `the history has no statement ${key.queryId} in database ${database}`,
      'It was recorded neither now nor before; a new one appears with the next snapshot.',
    );
  }
  const { tableNames, ...known } = history;
  const problems: string[] = [];
  const [marks, touched] = await Promise.all([
    marksOf(store, live.name, known, range),
    touchedBy(live, store, known, tableNames, problems),
  ]);
  return { ...known, marks, ...touched, problems };
}

type Known = Pick<QueryDetail, 'queryId' | 'database' | 'user' | 'text'>;

/** By its plan if it has one: behind a view are other tables than are named. */
async function touchedBy(
  live: LiveTarget,
  store: Store,
  found: Known,
  names: readonly string[],
  problems: string[],
): Promise<TouchedRelations> {
  try {
    const plan = await genericPlan(live, found, { quietly: true }).catch((error: unknown) => {
      if (!(error instanceof StatementRefusal || error instanceof DatabaseFailure)) throw error;
      problems.push(
        `There is no plan, so tables are those named in the text and indexes all of theirs: ${error.message}.`,
      );
      return undefined;
    });
    if (plan !== undefined) await rememberPlan(store, live.name, found, plan);
    return await touchedRelations(live, found, names, plan?.root);
  } catch (error) {
    if (!(error instanceof TargetUnavailable || error instanceof DatabaseFailure)) throw error;
    problems.push(`Tables and indexes are missing: ${error.message}.`);
    return { tables: [], indexes: [] };
  }
}
