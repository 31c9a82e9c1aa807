import type { Handlers } from '../services.ts';

export const actionHandlers = {
  'GET /api/v1/actions': async ({ query }, _caller, { jobs }) => ({ items: await jobs.actions(query.target) }),
  'POST /api/v1/actions/:action/plan': ({ params, body }, caller, { jobs }) => jobs.plan(params.action, body, caller),
  'POST /api/v1/actions/:action/run': ({ params, body }, caller, { jobs }) =>
    jobs.run(params.action, body.planId, caller),
  'POST /api/v1/actions/:action/session': ({ params, body }, caller, { jobs }) =>
    jobs.session(params.action, body, caller),
} satisfies Handlers<
  | 'GET /api/v1/actions'
  | 'POST /api/v1/actions/:action/plan'
  | 'POST /api/v1/actions/:action/run'
  | 'POST /api/v1/actions/:action/session'
>;
