import { hostPort } from '../../config/dsn.ts';
import type { Target } from '../../contract/index.ts';
import { historySpan } from '../../history/span.ts';
import { type LiveTarget, TargetUnavailable } from '../../live/live_target.ts';
import { readServerFacts, type ServerFacts } from '../../live/server_facts.ts';
import { DatabaseFailure } from '../../db/errors.ts';
import { actionsPart } from '../parts.ts';
import type { Handlers, Services } from '../services.ts';
import { fromState } from '../state.ts';

export const targetsHandlers = {
  'GET /api/v1/targets': async (_, __, services): Promise<Target[]> =>
    Promise.all([...services.targets.values()].map((target) => describe(target, services))),
} satisfies Handlers<'GET /api/v1/targets'>;

async function describe(target: LiveTarget, services: Services): Promise<Target> {
  const { postgres, pgbouncer } = target.config;
  const [facts, history] = await Promise.all([
    factsOf(target),
    fromState(services, null, (store) => historySpan(store, target.name)),
  ]);
  const known = typeof facts === 'string' ? undefined : facts;
  return {
    name: target.name,
    server: postgres === undefined ? '' : hostPort(postgres),
    up: known !== undefined,
    problem: typeof facts === 'string' ? facts : '',
    version: known?.version ?? null,
    standby: known?.standby ?? null,
    database: postgres?.database ?? '',
    databases: known?.databases ?? [],
    pgbouncer: pgbouncer !== undefined,
    history,
    actions: actionsPart(services.config, [target]),
  };
}

/** One server that is down must not keep the others' from the page. @returns why there are none. */
async function factsOf(target: LiveTarget): Promise<ServerFacts | string> {
  try {
    return await readServerFacts(target);
  } catch (error) {
    if (error instanceof TargetUnavailable || error instanceof DatabaseFailure) return error.message;
    throw error;
  }
}
