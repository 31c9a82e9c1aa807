/** All endpoints' handlers. One that is missing does not compile. */
import type { Handlers } from '../services.ts';
import { actionHandlers } from './actions.ts';
import { activityHandlers } from './activity.ts';
import { auditHandlers } from './audit.ts';
import { benchmarkHandlers } from './benchmarks.ts';
import { catalogHandlers } from './catalog.ts';
import { databaseHandlers } from './database.ts';
import { jobHandlers } from './jobs.ts';
import { maintenanceHandlers } from './maintenance.ts';
import { objectsHandlers } from './objects.ts';
import { queriesHandlers } from './queries.ts';
import { slowQueriesHandlers } from './slow_queries.ts';
import { statusHandlers } from './status.ts';
import { targetsHandlers } from './targets.ts';

export const handlers: Handlers = {
  ...statusHandlers,
  ...targetsHandlers,
  ...catalogHandlers,
  ...databaseHandlers,
  ...slowQueriesHandlers,
  ...queriesHandlers,
  ...activityHandlers,
  ...maintenanceHandlers,
  ...objectsHandlers,
  ...actionHandlers,
  ...jobHandlers,
  ...auditHandlers,
  ...benchmarkHandlers,
};
