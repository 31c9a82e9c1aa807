import { z } from 'zod';
import * as actions from './actions.ts';
import * as live from './activity.ts';
import * as benchmarks from './benchmarks.ts';
import type { Role } from './common.ts';
import * as maintenance from './maintenance.ts';
import * as plans from './plans.ts';
import * as queries from './queries.ts';
import * as status from './status.ts';

/** One endpoint: who may call it, what it takes, what it gives. Unknown fields are refused. */
export interface Endpoint {
  readonly summary: string;
  /** The least role. `action`: that of the action in the path or of the job. */
  readonly role: Role | 'action';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly response: z.ZodType;
}

const none = z.strictObject({});

/** Method and path → endpoint. Server, client, OpenAPI and tests are made from this one table. */
export const endpoints = {
  'GET /api/v1/status': {
    summary: 'What works, what does not, and who asks',
    role: 'Viewer',
    query: none,
    response: status.status,
  },
  'GET /api/v1/targets': { summary: 'Configured targets', role: 'Viewer', query: none, response: status.targets },
  'GET /api/v1/catalog': {
    summary: 'Collectors and their metrics',
    role: 'Viewer',
    query: none,
    response: status.catalog,
  },
  'GET /api/v1/database/health-check': {
    summary: 'The target, the state database and the history, each with a verdict',
    role: 'Viewer',
    query: status.ofTargetQuery,
    response: status.healthCheck,
  },
  'GET /api/v1/database/metrics': {
    summary: 'Connections, sessions and databases in figures',
    role: 'Viewer',
    query: status.ofTargetQuery,
    response: status.databaseMetrics,
  },
  'GET /api/v1/database/slow-queries': {
    summary: 'Statements of a window: sorted, searched, paged here',
    role: 'Viewer',
    query: queries.slowQueriesQuery,
    response: queries.slowQueries,
  },
  'GET /api/v1/queries/:queryId': {
    summary: 'One statement: figures, trend, waits, tables and indexes',
    role: 'Viewer',
    params: queries.queryParams,
    query: queries.queryDetailQuery,
    response: queries.queryDetail,
  },
  'GET /api/v1/queries/:queryId/plan': {
    summary: 'EXPLAIN for any parameters; nothing is run',
    role: 'Viewer',
    params: queries.queryParams,
    query: plans.planQuery,
    response: plans.explained,
  },
  'GET /api/v1/queries/:queryId/parameters': {
    summary: 'Types of its parameters',
    role: 'Viewer',
    params: queries.queryParams,
    query: plans.planQuery,
    response: plans.parameters,
  },
  'GET /api/v1/queries/:queryId/plans': {
    summary: 'Plans seen, newest first',
    role: 'Viewer',
    params: queries.queryParams,
    query: plans.planQuery,
    response: plans.seenPlans,
  },
  'GET /api/v1/queries/:queryId/plan-diff': {
    summary: 'Two plans seen, node by node',
    role: 'Viewer',
    params: queries.queryParams,
    query: plans.planDiffQuery,
    response: plans.planDiff,
  },
  'GET /api/v1/queries/:queryId/index-candidates': {
    summary: 'What the form for a new index is prefilled with',
    role: 'Viewer',
    params: queries.queryParams,
    query: plans.planQuery,
    response: plans.indexCandidates,
  },
  'POST /api/v1/queries/:queryId/analyze': {
    summary: 'EXPLAIN ANALYZE with given parameters, read-only',
    role: 'Admin',
    params: queries.queryParams,
    body: plans.analyzeBody,
    response: plans.explained,
  },
  'GET /api/v1/activity': {
    summary: 'Sessions, who blocks whom, waits',
    role: 'Viewer',
    query: live.activityQuery,
    response: live.activity,
  },
  'GET /api/v1/activity/waits': {
    summary: 'What active sessions waited for, through a window',
    role: 'Viewer',
    query: live.waitsQuery,
    response: live.waits,
  },
  'GET /api/v1/activity/past': {
    summary: 'What sessions were seen doing at a moment of the past',
    role: 'Viewer',
    query: live.pastQuery,
    response: live.pastSessions,
  },
  'GET /api/v1/maintenance': {
    summary: 'What needs vacuum, reindex or refresh',
    role: 'Viewer',
    query: maintenance.maintenanceQuery,
    response: maintenance.maintenance,
  },
  'GET /api/v1/objects': {
    summary: 'Tables, indexes, materialized views by name',
    role: 'Viewer',
    query: maintenance.objectsQuery,
    response: maintenance.objects,
  },
  'GET /api/v1/columns': {
    summary: 'Columns and indexes of a table',
    role: 'Viewer',
    query: maintenance.columnsQuery,
    response: maintenance.columns,
  },
  'GET /api/v1/actions': {
    summary: 'Actions, with the role, lock and grants of each',
    role: 'Viewer',
    query: status.ofTargetQuery,
    response: actions.actionList,
  },
  'POST /api/v1/actions/:action/plan': {
    summary: 'Preview: exact statements, lock, preconditions; nothing is run',
    role: 'action',
    params: actions.actionParams,
    body: actions.planBody,
    response: actions.actionPlan,
  },
  'POST /api/v1/actions/:action/run': {
    summary: 'Confirms a plan by its id',
    role: 'action',
    params: actions.actionParams,
    body: actions.runBody,
    response: actions.job,
  },
  'POST /api/v1/actions/:action/session': {
    summary: 'Cancel or terminate a session, at once',
    role: 'action',
    params: actions.actionParams,
    body: actions.planBody,
    response: actions.sessionActionResult,
  },
  'GET /api/v1/jobs': {
    summary: 'Jobs, newest first',
    role: 'Viewer',
    query: actions.jobsQuery,
    response: actions.jobs,
  },
  'GET /api/v1/jobs/:id': {
    summary: 'One job, with its progress',
    role: 'Viewer',
    params: actions.jobParams,
    query: none,
    response: actions.job,
  },
  'POST /api/v1/jobs/:id/cancel': {
    summary: 'Asks a running job to stop',
    role: 'action',
    params: actions.jobParams,
    body: none,
    response: actions.job,
  },
  'GET /api/v1/audit': {
    summary: 'Who did what, and what it brought',
    role: 'Viewer',
    query: actions.auditQuery,
    response: actions.audit,
  },
  'GET /api/v1/benchmarks': {
    summary: 'Benchmarks, newest first',
    role: 'Viewer',
    query: benchmarks.benchmarksQuery,
    response: benchmarks.benchmarks,
  },
  'POST /api/v1/benchmarks/workloads/:workload/run': {
    summary: 'Starts a workload of the exporter’s host, by its id',
    role: 'Admin',
    params: benchmarks.workloadParams,
    body: benchmarks.startBody,
    response: benchmarks.benchmark,
  },
  'GET /api/v1/benchmarks/workloads': {
    summary: 'Workloads, and whether they can be run on a target',
    role: 'Viewer',
    query: benchmarks.workloadsQuery,
    response: benchmarks.workloads,
  },
  'GET /api/v1/benchmarks/compare': {
    summary: 'Two runs, measured one after the other',
    role: 'Viewer',
    query: benchmarks.compareQuery,
    response: benchmarks.sheet,
  },
  'GET /api/v1/benchmarks/:id': {
    summary: 'One benchmark, with its progress or what came of it',
    role: 'Viewer',
    params: benchmarks.benchmarkParams,
    query: none,
    response: benchmarks.sheet,
  },
  'GET /api/v1/benchmarks/:id/report': {
    summary: 'The same to keep or send: one HTML page, or Markdown',
    role: 'Viewer',
    params: benchmarks.benchmarkParams,
    query: benchmarks.reportQuery,
    response: benchmarks.report,
  },
  'POST /api/v1/benchmarks/:id/cancel': {
    summary: 'Stops it; what it has set is taken back',
    role: 'Editor',
    params: benchmarks.benchmarkParams,
    body: none,
    response: benchmarks.benchmark,
  },
  'POST /api/v1/benchmarks/:id/star': {
    summary: 'Makes it the baseline of its workload, or no longer',
    role: 'Editor',
    params: benchmarks.benchmarkParams,
    body: benchmarks.starBody,
    response: benchmarks.benchmark,
  },
} as const satisfies Record<string, Endpoint>;

export type Endpoints = typeof endpoints;
export type EndpointKey = keyof Endpoints;

type Part<K extends EndpointKey, P extends 'params' | 'query' | 'body', Side extends 'in' | 'out'> =
  Endpoints[K] extends Record<P, infer S extends z.ZodType>
    ? Side extends 'in'
      ? z.input<S>
      : z.output<S>
    : undefined;

/** What a client sends. */
export interface Call<K extends EndpointKey> {
  readonly params: Part<K, 'params', 'in'>;
  readonly query: Part<K, 'query', 'in'>;
  readonly body: Part<K, 'body', 'in'>;
}
/** What a handler is given: validated, with defaults. */
export interface Input<K extends EndpointKey> {
  readonly params: Part<K, 'params', 'out'>;
  readonly query: Part<K, 'query', 'out'>;
  readonly body: Part<K, 'body', 'out'>;
}
export type Answer<K extends EndpointKey> = z.output<Endpoints[K]['response']>;
