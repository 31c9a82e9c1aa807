/** Where a workload's statements go. */
import { forDatabase, forServer } from '../../config/dsn.ts';
import { BadValue } from '../../config/problems.ts';
import type { Dsn, TargetConfig } from '../../config/types.ts';
import type { Workload } from './schema.ts';

/** The load's login, at the server or at its PgBouncer, in the workload's database. @throws BadValue */
export function loadDsn(
  { name, load, pgbouncer }: TargetConfig,
  { id, through, database }: Pick<Workload, 'id' | 'through' | 'database'>,
): Dsn {
  if (load === undefined)
    throw new BadValue(`target ${name} has no login for benchmarks`, 'Add load: with user: and password_file: to it.');
  const own = forDatabase(load, database ?? load.database);
  if (through === 'direct') return own;
  if (pgbouncer === undefined)
    throw new BadValue(
      `workload ${id} goes through PgBouncer, and target ${name} has none`,
      'Add pgbouncer: to the target, or choose a workload with through: direct.',
    );
  return forServer(own, pgbouncer);
}
