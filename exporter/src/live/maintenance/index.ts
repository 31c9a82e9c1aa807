/** All looks at what needs maintenance. A new one is a file and a line here. */
import type { Finding } from '../../contract/index.ts';
import { DatabaseFailure } from '../../db/errors.ts';
import type { LiveTarget } from '../live_target.ts';
import { neverAnalyzed } from './analyze.ts';
import { indexBloat, indexUsage, invalidIndexes } from './indexes.ts';
import { matviews } from './matviews.ts';
import type { Look } from './types.ts';
import { vacuum } from './vacuum.ts';

/** Of two that find the same action for the same object, the first is believed. */
export const LOOKS: readonly Look[] = [neverAnalyzed, vacuum, invalidIndexes, indexBloat, indexUsage, matviews];

export interface Looked {
  readonly findings: readonly Finding[];
  /** Why something was not looked at, with the cure. */
  readonly problems: readonly string[];
}

const CAN_USE = `
  select coalesce(pg_catalog.has_function_privilege(p.oid, 'execute')
                  and pg_catalog.has_schema_privilege(p.pronamespace, 'usage'), false) as usable
    from pg_catalog.pg_proc p where p.oid = pg_catalog.to_regprocedure($1)`;

/** One look into one database. @throws TargetUnavailable */
export async function look(target: LiveTarget, at: Look, database: string): Promise<Looked> {
  try {
    for (const variant of at.variants) {
      const usable = variant.uses === undefined || (await canUse(target, variant.uses, database));
      if (!usable) continue;
      const rows = await target.query<Record<string, unknown>>(variant.sql, [], database);
      const findings = rows.flatMap((row) =>
        at.findings(row as never).map((found) => ({ ...found, database, id: `${found.action}-${found.relation.oid}` })),
      );
      const isLess = variant.uses === undefined && at.missing !== '';
      return { findings, problems: isLess ? [at.missing] : [] };
    }
    return { findings: [], problems: at.missing === '' ? [] : [at.missing] };
  } catch (error) {
    // What one look may not see, or takes too long for, is no reason to hide what the others found.
    if (error instanceof DatabaseFailure)
      return { findings: [], problems: [`${at.title} could not be looked at: ${error.message}.`] };
    throw error;
  }
}

/** to_regprocedure says null where the schema may not be used; of one that is not there, too. */
async function canUse(target: LiveTarget, name: string, database: string): Promise<boolean> {
  const [found] = await target.query<{ usable: boolean }>(CAN_USE, [name], database);
  return found?.usable ?? false;
}
