import { listStatements } from '../../history/window.ts';
import { timeRange } from '../../statements/time_range.ts';
import { stateMissing } from '../errors.ts';
import type { Handlers } from '../services.ts';
import { ofStatements } from '../statement_failure.ts';
import { targetOf } from '../targets.ts';

export const slowQueriesHandlers = {
  'GET /api/v1/database/slow-queries': ({ query }, _, services) =>
    ofStatements(async () => {
      const { target, from, to, ...asked } = query;
      const { name } = targetOf(services, target);
      if (services.store === undefined) throw stateMissing();
      const range = timeRange({ from, to }, services.config.history.retentionDays);
      return listStatements(services.store, { ...asked, ...range, target: name });
    }),
} satisfies Handlers<'GET /api/v1/database/slow-queries'>;
