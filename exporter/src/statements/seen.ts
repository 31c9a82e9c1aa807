/** Plans seen, in the state database: one row per statement and fingerprint. */
import type { Explained, PlanNode, SeenPlan } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { FoundStatement } from './statement_text.ts';

/** Of one statement; older ones go. */
const MOST_PLANS = 20;

/** Notes a generic plan. One with values given is nobody else's business. @throws as Store.query */
export async function rememberPlan(
  store: Store,
  target: string,
  { queryId, database, user }: FoundStatement,
  plan: Explained,
): Promise<void> {
  if (plan.mode !== 'generic') return;
  const key = [target, queryId, database, user];
  await store.query('insert into pgvigil_state.target (name) values ($1) on conflict (name) do nothing', [target]);
  await store.query(REMEMBER_SQL, [
    ...key,
    plan.fingerprint,
    plan.at,
    plan.root.totalCost,
    JSON.stringify(plan.root),
    plan.text,
  ]);
  await store.query(TRIM_SQL, [...key, MOST_PLANS]);
}

const REMEMBER_SQL = `
  insert into pgvigil_state.plan as p (target, query_id, database_name, user_name, fingerprint, first_seen, last_seen,
         total_cost, tree, plan_text)
  select t.id, $2::bigint, $3, $4, $5, $6::timestamptz, $6::timestamptz, $7, $8::jsonb, $9
    from pgvigil_state.target t where t.name = $1
  on conflict (target, query_id, database_name, user_name, fingerprint) do update
    set last_seen = excluded.last_seen, total_cost = excluded.total_cost, tree = excluded.tree,
        plan_text = excluded.plan_text
  where p.last_seen < excluded.last_seen`;

const OF_STATEMENT = `
  p.target = (select t.id from pgvigil_state.target t where t.name = $1)
  and p.query_id = $2::bigint and p.database_name = $3 and p.user_name = $4`;

const TRIM_SQL = `
  delete from pgvigil_state.plan where id in (
    select p.id from pgvigil_state.plan p where ${OF_STATEMENT} order by p.last_seen desc offset $5)`;

/** Newest first. @throws as Store.query */
export async function seenPlans(
  store: Store,
  target: string,
  { queryId, database, user }: FoundStatement,
): Promise<SeenPlan[]> {
  const rows = await store.query<Row>(
    `select p.fingerprint, p.first_seen, p.last_seen, p.total_cost, p.tree, p.plan_text
       from pgvigil_state.plan p where ${OF_STATEMENT} order by p.last_seen desc, p.id desc`,
    [target, queryId, database, user],
  );
  return rows.map((row) => ({
    fingerprint: row.fingerprint,
    firstSeen: row.first_seen.toISOString(),
    lastSeen: row.last_seen.toISOString(),
    totalCost: row.total_cost,
    root: row.tree,
    text: row.plan_text,
  }));
}

interface Row {
  readonly fingerprint: string;
  readonly first_seen: Date;
  readonly last_seen: Date;
  readonly total_cost: number;
  readonly tree: PlanNode;
  readonly plan_text: string;
  readonly [column: string]: unknown;
}

/** Plans not met for so long, of all targets. @throws as Store.query */
export async function forgetPlans(store: Store, days: number): Promise<void> {
  await store.query('delete from pgvigil_state.plan where last_seen < now() - make_interval(days => $1)', [days]);
}
