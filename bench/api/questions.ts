/** What every GET endpoint is asked. A new endpoint without a line here does not compile, and the benchmark refuses to run. */
import { type EndpointKey, endpoints } from '../../exporter/src/contract/index.ts';
import { SORTS } from '../../exporter/src/contract/queries.ts';
import type { Given } from '../../exporter/test/support/api.ts';
import type { Named } from './history.ts';

export type GetKey = Extract<EndpointKey, `GET ${string}`>;

/** What the questions are about. */
export interface Subjects {
  readonly statements: readonly Named[];
  /** One with two plans. */
  readonly planned: Named;
  /** Their fingerprints. */
  readonly plans: readonly [string, string];
  /** Oid. */
  readonly table: number;
  readonly job: string;
  /** Two runs of the same workload. */
  readonly benchmarks: readonly [string, string];
  readonly history: { readonly from: Date; readonly to: Date };
}

/** @param round from 0 on, so that not every round asks the same. */
type Question<K extends GetKey> = (round: number) => Pick<Given<K>, 'params' | 'query'>;

/** Endpoint → what is asked, by name. */
export type Questions = { readonly [K in GetKey]: Readonly<Record<string, Question<K>>> };

const HOUR_MS = 3_600_000;

export function questionsAbout({ statements, planned, plans, table, job, benchmarks, history }: Subjects): Questions {
  const nothing = () => ({});
  /** Until now, as a page that refreshes itself. */
  const last = (hours: number) => {
    const to = new Date();
    return { from: new Date(to.getTime() - hours * HOUR_MS).toISOString(), to: to.toISOString() };
  };
  /** Another one each round, spread over the history. */
  const anywhere = (hours: number, round: number) => {
    const from = history.from.getTime();
    const slackMs = Math.max(0, history.to.getTime() - from - hours * HOUR_MS);
    const at = from + ((round * 0.618034) % 1) * slackMs;
    return { from: new Date(at).toISOString(), to: new Date(at + hours * HOUR_MS).toISOString() };
  };
  // A minute less than is kept: the clock goes on.
  const allHours = (history.to.getTime() - history.from.getTime()) / HOUR_MS - 1 / 60;
  const some = (round: number): Named => statements[(round * 997) % statements.length];
  const ofPlanned = { params: { queryId: planned.queryId }, query: { user: planned.user } };
  return {
    'GET /api/v1/status': { '': nothing },
    'GET /api/v1/targets': { '': nothing },
    'GET /api/v1/catalog': { '': nothing },
    'GET /api/v1/database/health-check': { '': nothing },
    'GET /api/v1/database/metrics': { '': nothing },
    'GET /api/v1/database/slow-queries': {
      'the last hour': (round) => ({ query: { ...last(1), sort: SORTS[round % SORTS.length] } }),
      '15 min anywhere': (round) => ({ query: { ...anywhere(0.25, round), sort: SORTS[round % SORTS.length] } }),
      '24 h anywhere, by change': (round) => ({ query: { ...anywhere(24, round), sort: 'change' } }),
      'all days': (round) => ({ query: { ...last(allHours), sort: SORTS[round % SORTS.length] } }),
      'the last hour, searched': (round) => ({ query: { ...last(1), search: some(round).tables[0] } }),
      'the last hour, 500 rows': () => ({ query: { ...last(1), pageSize: 500 } }),
    },
    'GET /api/v1/queries/:queryId': {
      'the last hour': (round) => ({ params: { queryId: some(round).queryId }, query: last(1) }),
      '24 h anywhere': (round) => ({ params: { queryId: some(round).queryId }, query: anywhere(24, round) }),
      'all days': (round) => ({ params: { queryId: some(round).queryId }, query: last(allHours) }),
    },
    'GET /api/v1/queries/:queryId/plan': { '': () => ofPlanned },
    'GET /api/v1/queries/:queryId/parameters': { '': () => ofPlanned },
    'GET /api/v1/queries/:queryId/plans': { '': () => ofPlanned },
    'GET /api/v1/queries/:queryId/plan-diff': {
      '': () => ({ ...ofPlanned, query: { ...ofPlanned.query, a: plans[0], b: plans[1] } }),
    },
    'GET /api/v1/queries/:queryId/index-candidates': { '': () => ofPlanned },
    'GET /api/v1/activity': { '': nothing },
    'GET /api/v1/activity/waits': {
      'the last hour': () => ({ query: last(1) }),
      '24 h anywhere': (round) => ({ query: anywhere(24, round) }),
      'all days': () => ({ query: last(allHours) }),
    },
    'GET /api/v1/activity/past': {
      now: nothing,
      anywhere: (round) => ({ query: { at: anywhere(0, round).from } }),
    },
    'GET /api/v1/maintenance': {
      '': nothing,
      'page 10': () => ({ query: { page: 10 } }),
      searched: (round) => ({ query: { search: some(round).tables[0] } }),
    },
    'GET /api/v1/objects': {
      tables: () => ({ query: { kind: 'table' } }),
      'the last tables': () => ({ query: { kind: 'table', page: 100 } }),
      'tables, searched': (round) => ({ query: { kind: 'table', search: some(round).tables[0] } }),
      indexes: () => ({ query: { kind: 'index' } }),
      'invalid indexes': () => ({ query: { kind: 'invalid index' } }),
      'materialized views': () => ({ query: { kind: 'materialized view' } }),
    },
    'GET /api/v1/columns': { '': () => ({ query: { table } }) },
    'GET /api/v1/actions': { '': nothing },
    'GET /api/v1/jobs': { '': nothing },
    'GET /api/v1/jobs/:id': { '': () => ({ params: { id: job } }) },
    'GET /api/v1/audit': { '': nothing },
    'GET /api/v1/benchmarks': { '': nothing },
    'GET /api/v1/benchmarks/workloads': { '': nothing },
    'GET /api/v1/benchmarks/compare': { '': () => ({ query: { first: benchmarks[0], second: benchmarks[1] } }) },
    'GET /api/v1/benchmarks/:id': { '': () => ({ params: { id: benchmarks[0] } }) },
    'GET /api/v1/benchmarks/:id/report': {
      '': () => ({ params: { id: benchmarks[1] } }),
      'of two': () => ({ params: { id: benchmarks[1] }, query: { with: benchmarks[0] } }),
    },
  };
}

/** One question of one endpoint, without its type. */
export interface Asked {
  readonly key: GetKey;
  readonly name: string;
  readonly given: (round: number) => Given<GetKey>;
}

/** In the order of the contract's table. @throws Error naming endpoints that nothing is asked of. */
export function allQuestions(questions: Questions): Asked[] {
  const keys = Object.keys(endpoints).filter((key): key is GetKey => key.startsWith('GET '));
  const missing = keys.filter((key) => Object.keys(questions[key] ?? {}).length === 0);
  if (missing.length > 0) throw new Error(`bench/api/questions.ts asks nothing of ${missing.join(', ')}`);
  return keys.flatMap((key) =>
    Object.entries(questions[key]).map(([name, given]) => ({ key, name, given: given as Asked['given'] })),
  );
}
