/** Where a workload's statements go. */
import { forDatabase, forServer } from '../../config/dsn.ts';
import { BadValue } from '../../config/problems.ts';
import type { Dsn, TargetConfig } from '../../config/types.ts';
import type { Workload } from './schema.ts';

type Place = Pick<Workload, 'id' | 'through' | 'database'>;

/** In which a workload runs. @throws BadValue */
export const databaseOf = (target: TargetConfig, { database }: Pick<Workload, 'database'>): string =>
  database ?? loginOf(target).database;

/** The load's login at the server itself, in the workload's database. @throws BadValue */
export const directDsn = (target: TargetConfig, workload: Pick<Workload, 'database'>): Dsn =>
  forDatabase(loginOf(target), databaseOf(target, workload));

/** As `directDsn`, or at the target's PgBouncer where the workload goes through it. @throws BadValue */
export function loadDsn(target: TargetConfig, workload: Place): Dsn {
  const direct = directDsn(target, workload);
  if (workload.through === 'direct') return direct;
  if (target.pgbouncer === undefined)
    throw new BadValue(
      `workload ${workload.id} goes through PgBouncer, and target ${target.name} has none`,
      'Add pgbouncer: to the target, or choose a workload with through: direct.',
    );
  return forServer(direct, target.pgbouncer);
}

function loginOf({ name, load }: TargetConfig): Dsn {
  if (load !== undefined) return load;
  throw new BadValue(`target ${name} has no login for benchmarks`, 'Add load: with user: and password_file: to it.');
}
