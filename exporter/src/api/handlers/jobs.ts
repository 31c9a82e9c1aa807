import type { Handlers } from '../services.ts';

export const jobHandlers = {
  'GET /api/v1/jobs': ({ query }, _caller, { jobs }) => jobs.list(query),
  'GET /api/v1/jobs/:id': ({ params }, _caller, { jobs }) => jobs.get(params.id),
  'POST /api/v1/jobs/:id/cancel': ({ params }, caller, { jobs }) => jobs.cancel(params.id, caller),
} satisfies Handlers<'GET /api/v1/jobs' | 'GET /api/v1/jobs/:id' | 'POST /api/v1/jobs/:id/cancel'>;
