/** Endpoints below /api/v1/queries/:queryId. */
import type { EndpointKey, Explained, Input } from '../../contract/index.ts';
import type { LiveTarget } from '../../live/live_target.ts';
import { analyzeStatement } from '../../statements/analyze.ts';
import { statementDetail } from '../../statements/detail.ts';
import { genericPlan, parameterTypes } from '../../statements/explain.ts';
import { indexCandidates } from '../../statements/index_candidates.ts';
import { diffPlans } from '../../statements/plan_diff.ts';
import { StatementRefusal } from '../../statements/refusal.ts';
import { rememberPlan, seenPlans } from '../../statements/seen.ts';
import { findStatement, type FoundStatement } from '../../statements/statement_text.ts';
import { timeRange } from '../../statements/time_range.ts';
import { StateMissing, StateUnavailable } from '../../store/store.ts';
import { stateMissing } from '../errors.ts';
import type { Handlers, Services } from '../services.ts';
import { ofStatements } from '../statement_failure.ts';
import { targetOf } from '../targets.ts';

type Key = Extract<EndpointKey, `${string}/queries/${string}`>;

interface Asked {
  readonly live: LiveTarget;
  readonly found: FoundStatement;
}

export const queriesHandlers = {
  'GET /api/v1/queries/:queryId': ({ params, query }, _, services) =>
    ofStatements(async () => {
      const { target, from, to, ...key } = query;
      const live = targetOf(services, target);
      const store = storeOf(services);
      const range = timeRange({ from, to }, services.config.history.retentionDays);
      return statementDetail(live, store, { ...params, ...key }, range);
    }),

  'GET /api/v1/queries/:queryId/plan': ({ params, query }, _, services) =>
    ofStatement(services, params, query, async ({ live, found }) => {
      const plan = await genericPlan(live, found);
      await remember(services, live, found, plan);
      return plan;
    }),

  'GET /api/v1/queries/:queryId/parameters': ({ params, query }, _, services) =>
    ofStatement(services, params, query, async ({ live, found }) => {
      const types = await parameterTypes(live, found);
      return { parameters: types.map((type, i) => ({ number: i + 1, type })) };
    }),

  'GET /api/v1/queries/:queryId/plans': ({ params, query }, _, services) =>
    ofStatement(services, params, query, async ({ live, found }) => ({
      items: await seenPlans(storeOf(services), live.name, found),
    })),

  'GET /api/v1/queries/:queryId/plan-diff': ({ params, query }, _, services) =>
    ofStatement(services, params, query, async ({ live, found }) => {
      const plans = await seenPlans(storeOf(services), live.name, found);
      const [a, b] = (['a', 'b'] as const).map((side) => {
        const plan = plans.find(({ fingerprint }) => fingerprint === query[side]);
        if (plan !== undefined) return plan;
        throw new StatementRefusal(
          'not_found',
          `"${side}": this statement has no such plan`,
          'The plans seen are listed beside it.',
        );
      });
      return diffPlans(a.root, b.root);
    }),

  'GET /api/v1/queries/:queryId/index-candidates': ({ params, query }, _, services) =>
    ofStatement(services, params, query, ({ live, found }) => indexCandidates(live, found)),

  'POST /api/v1/queries/:queryId/analyze': ({ params, body }, _, services) =>
    ofStatement(services, params, body, ({ live, found }) => analyzeStatement(live, found, body.parameters)),
} satisfies Handlers<Key>;

type OfStatement = Pick<Input<'GET /api/v1/queries/:queryId/plan'>['query'], 'target' | 'database' | 'user'>;

function ofStatement<T>(
  services: Services,
  { queryId }: { readonly queryId: string },
  { target, database, user }: OfStatement,
  work: (asked: Asked) => Promise<T>,
): Promise<T> {
  return ofStatements(async () => {
    const live = targetOf(services, target);
    const found = await findStatement(live, services.store, { queryId, database, user });
    return work({ live, found });
  });
}

function storeOf({ store }: Services): NonNullable<Services['store']> {
  if (store === undefined) throw stateMissing();
  return store;
}

/** A plan is worth having without being noted. */
async function remember(
  { store, log }: Services,
  live: LiveTarget,
  found: FoundStatement,
  plan: Explained,
): Promise<void> {
  if (store === undefined) return;
  await rememberPlan(store, live.name, found, plan).catch((error: unknown) => {
    if (!(error instanceof StateUnavailable || error instanceof StateMissing)) throw error;
    log.warn({ target: live.name, error: error.message }, 'plan not noted');
  });
}
