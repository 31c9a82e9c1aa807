import { listStatements, whyNotRecorded } from '../../history/window.ts';
import { timeRange } from '../../statements/time_range.ts';
import { stateMissing } from '../errors.ts';
import type { Handlers } from '../services.ts';
import { ofStatements } from '../statement_failure.ts';
import { targetOf } from '../targets.ts';

export const slowQueriesHandlers = {
  'GET /api/v1/database/slow-queries': ({ query }, _, services) =>
    ofStatements(async () => {
      const { target, from, to, ...asked } = query;
      const live = targetOf(services, target);
      if (services.store === undefined) throw stateMissing();
      const range = timeRange({ from, to }, services.config.history.retentionDays);
      const found = await listStatements(services.store, { ...asked, ...range, target: live.name });
      if (found.totals.statements > 0) return found;
      const why = await whyNotRecorded(live);
      return why === null ? found : { ...found, window: { ...found.window, notes: [why] } };
    }),
} satisfies Handlers<'GET /api/v1/database/slow-queries'>;
