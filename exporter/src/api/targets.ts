/** The target that a request names. */
import type { LiveTarget } from '../live/live_target.ts';
import { ApiFailure } from './failure.ts';
import type { Services } from './services.ts';

/** @param name none: the first. @throws ApiFailure not_found */
export function targetOf({ targets }: Pick<Services, 'targets'>, name?: string): LiveTarget {
  const target = name === undefined ? targets.values().next().value : targets.get(name);
  if (target !== undefined) return target;
  const known = [...targets.keys()].join(', ');
  throw new ApiFailure(
    'not_found',
    `there is no target "${name}"`,
    `Targets are named in the configuration: ${known}.`,
  );
}

/** As `targetOf`, where something may be changed. @throws ApiFailure actions_off */
export function maintenanceTarget(services: Pick<Services, 'targets'>, name?: string): LiveTarget {
  const target = targetOf(services, name);
  if (target.config.maintenance === undefined) throw maintenanceMissing(target.name);
  return target;
}

export const maintenanceMissing = (name: string): ApiFailure =>
  new ApiFailure(
    'actions_off',
    `actions are off for ${name}: it has no maintenance role`,
    'Create the role, and set its login as maintenance: of the target (or --maintenance.connection-string).',
  );
