/** What is on, what is off and why, in the same words wherever it is said. */
import type { Config } from '../config/types.ts';
import type { Status } from '../contract/index.ts';
import type { LiveTarget } from '../live/live_target.ts';
import { StateMissing, StateUnavailable } from '../store/store.ts';
import { stateMissing, toApiFailure } from './errors.ts';
import type { ApiFailure } from './failure.ts';
import type { Services } from './services.ts';
import { maintenanceMissing } from './targets.ts';

export type Part = Status['state'];

/** Of the targets taken together: on as soon as one of them can be changed. */
export function actionsPart({ api }: Pick<Config, 'api'>, targets: readonly LiveTarget[]): Part {
  if (api.writeSecretFile === undefined)
    return {
      state: 'off',
      reason: 'there is no write secret',
      cure: "Set --api.write-secret-file, and put its content into the app's configuration in Grafana.",
    };
  if (targets.some(({ config }) => config.maintenance !== undefined)) return { state: 'on', reason: '', cure: '' };
  const { message, hint } = maintenanceMissing(targets.map(({ name }) => name).join(', '));
  return { state: 'off', reason: message, cure: hint };
}

/** Whether the state database answers, and has been prepared. */
export async function statePart({ store }: Pick<Services, 'store'>): Promise<Part> {
  if (store === undefined) return partOf('off', stateMissing());
  try {
    await store.query('select from pgvigil_state.installed_file limit 0');
    return { state: 'on', reason: '', cure: '' };
  } catch (error) {
    if (!(error instanceof StateUnavailable || error instanceof StateMissing)) throw error;
    return partOf('unavailable', toApiFailure(error)!);
  }
}

const partOf = (state: Part['state'], { message, hint }: ApiFailure): Part => ({ state, reason: message, cure: hint });
