import type { Handlers } from '../services.ts';

export const auditHandlers = {
  'GET /api/v1/audit': ({ query }, _caller, { jobs }) => jobs.audit(query),
} satisfies Handlers<'GET /api/v1/audit'>;
