import type { Status } from '../../contract/index.ts';
import { actionsPart, statePart } from '../parts.ts';
import type { Handlers } from '../services.ts';

export const statusHandlers = {
  'GET /api/v1/status': async (_, caller, services): Promise<Status> => ({
    version: services.version,
    you: { ...caller },
    state: await statePart(services),
    actions: actionsPart(services.config, [...services.targets.values()]),
    history: {
      intervalSeconds: services.config.history.intervalSeconds,
      sampleSeconds: services.config.history.sampleSeconds,
    },
  }),
} satisfies Handlers<'GET /api/v1/status'>;
