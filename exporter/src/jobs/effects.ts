/** What an action brought to the statements, once the windows after it have passed. */
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { insertEvents, jobEvent } from './audit.ts';
import type { JobRow } from './job_rows.ts';
import type { StatementEffect } from './types.ts';

export interface EffectTimes {
  /** Of both windows. */
  readonly effectSeconds: number;
  /** Between two points of the history. */
  readonly intervalSeconds: number;
}

/**
 * Measures what is due. Two exporters may measure at once; one of them notes it. Both windows keep an interval away from
 * the action: a window begins and ends at the nearest point of the history, and with one from the other side of the
 * action a few slow calls of before would be most of what is measured after it.
 */
export async function noteEffects(
  store: Store,
  measure: StatementEffect,
  { effectSeconds, intervalSeconds }: EffectTimes,
  log: Log,
): Promise<void> {
  const due = await store.query<JobRow>(
    `select * from pgvigil_state.job where effect_due_at <= pg_catalog.now() order by effect_due_at limit 5`,
  );
  for (const row of due) {
    const before = (seconds: number): Date => new Date(row.started_at!.getTime() - seconds * 1000);
    const after = (seconds: number): Date => new Date(row.finished_at!.getTime() + seconds * 1000);
    const effect = await measure(
      { target: row.target, database: row.database_name, table: row.draft.subject.table },
      { from: before(effectSeconds), to: before(intervalSeconds) },
      { from: after(intervalSeconds), to: after(effectSeconds) },
    ).catch((error: unknown) => {
      log.warn({ job: row.id, error: (error as Error).message }, 'the effect on statements could not be measured');
      return [];
    });
    await store.transaction(async (query) => {
      const [noted] = await query<JobRow>(
        `update pgvigil_state.job set effect_due_at = null, effect = effect || $2::jsonb
          where id = $1 and effect_due_at is not null returning *`,
        [row.id, JSON.stringify(effect)],
      );
      if (noted !== undefined) await insertEvents(query, [jobEvent(noted, 'effect', { effect: noted.effect })]);
    });
  }
}
