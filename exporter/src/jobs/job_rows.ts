/** The rows of pgvigil_state.job, and what the API says of them. */
import type { Draft, PlanContext, Step } from '../actions/types.ts';
import type { Job, Measure, ParamValues, Role } from '../contract/index.ts';
import type { Query } from '../store/store.ts';

export interface JobRow {
  readonly id: string;
  readonly action: string;
  readonly target: string;
  readonly database_name: string;
  readonly heavy: boolean;
  readonly state: Job['state'] | 'planned';
  readonly params: ParamValues;
  readonly draft: Draft;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly requested_by: string;
  readonly requested_role: Role;
  readonly confirmed_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly holder: string | null;
  readonly cancel_requested_by: string | null;
  readonly progress: Job['progress'];
  readonly message: string;
  readonly hint: string;
  readonly verified: Job['verified'];
  readonly effect: Measure[];
  readonly effect_due_at: Date | null;
}

const isoOrNull = (time: Date | null): string | null => time?.toISOString() ?? null;

/** Without the semicolon, as they are sent. */
export const statementsOf = (steps: readonly Step[]): string[] => steps.map(({ sql }) => sql);

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    action: row.action,
    title: row.draft.title,
    target: row.target,
    database: row.database_name,
    relation: row.draft.relation,
    state: row.state as Job['state'],
    statements: statementsOf(row.draft.steps),
    requestedBy: row.requested_by,
    requestedRole: row.requested_role,
    createdAt: (row.confirmed_at ?? row.created_at).toISOString(),
    startedAt: isoOrNull(row.started_at),
    finishedAt: isoOrNull(row.finished_at),
    progress: row.progress,
    cancelRequested: row.cancel_requested_by !== null,
    message: row.message,
    hint: row.hint,
    verified: row.verified,
    effect: row.effect,
    effectDueAt: isoOrNull(row.effect_due_at),
  };
}

const TABLE = 'pgvigil_state.job';

export async function insertPlan(
  query: Query,
  plan: Pick<
    JobRow,
    'action' | 'target' | 'database_name' | 'heavy' | 'params' | 'draft' | 'requested_by' | 'requested_role'
  >,
  seconds: number,
): Promise<JobRow> {
  const [row] = await query<JobRow>(
    `insert into ${TABLE} (action, target, database_name, heavy, params, draft, requested_by, requested_role, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, pg_catalog.now() + pg_catalog.make_interval(secs => $9)) returning *`,
    [
      plan.action,
      plan.target,
      plan.database_name,
      plan.heavy,
      JSON.stringify(plan.params),
      JSON.stringify(plan.draft),
      plan.requested_by,
      plan.requested_role,
      seconds,
    ],
  );
  return row;
}

export async function findJob(query: Query, id: string): Promise<JobRow | undefined> {
  return (await query<JobRow>(`select * from ${TABLE} where id = $1`, [id]))[0];
}

/** @returns undefined when the plan has expired or was confirmed before: nobody confirms twice. */
export async function confirmPlan(
  query: Query,
  id: string,
  who: { readonly login: string; readonly role: Role },
): Promise<JobRow | undefined> {
  const [row] = await query<JobRow>(
    `update ${TABLE} set state = 'confirmed', confirmed_at = pg_catalog.now(), requested_by = $2, requested_role = $3
      where id = $1 and state = 'planned' and expires_at > pg_catalog.now() returning *`,
    [id, who.login, who.role],
  );
  return row;
}

/** Whoever confirmed it does not expect it any more: the state database was away, or restored from a backup. */
const STILL_WANTED = "interval '1 day'";

/** @returns jobs that waited too long to begin; they are closed. */
export function closeForgotten(query: Query): Promise<JobRow[]> {
  return query<JobRow>(
    `update ${TABLE} set state = 'cancelled', finished_at = pg_catalog.now(),
            message = 'it could not begin within a day of its confirmation', hint = 'Plan it again, if it is still wanted.'
      where state = 'confirmed' and confirmed_at <= pg_catalog.now() - ${STILL_WANTED} returning *`,
  );
}

/** Who takes a job over, and for which targets: exporters that share a state database need not have the same. */
export interface Keeper {
  readonly holder: string;
  readonly targets: readonly string[];
  readonly leaseSeconds: number;
}

/**
 * Makes the job this exporter's. The unique index on heavy jobs decides between two claims at the same moment.
 * @returns undefined when it is not to be had. @throws DatabaseFailure 23505 when another heavy job runs there.
 */
export async function claimJob(
  query: Query,
  id: string,
  { holder, targets, leaseSeconds }: Keeper,
): Promise<JobRow | undefined> {
  const [row] = await query<JobRow>(
    `update ${TABLE} set state = 'running', holder = $2, started_at = pg_catalog.now(), message = '',
            lease_until = pg_catalog.now() + pg_catalog.make_interval(secs => $3)
      where id = $1 and state = 'confirmed' and confirmed_at > pg_catalog.now() - ${STILL_WANTED}
        and target = any ($4) returning *`,
    [id, holder, leaseSeconds, targets],
  );
  return row;
}

/** So long nobody came who has the target: it is configured nowhere any more, and anybody closes its jobs. */
const NOBODYS = "interval '1 hour'";

/** Jobs whose exporter gave no sign of life: now this one's to close. What that one last saw of them is not of now. */
export function adoptJobs(query: Query, { holder, targets, leaseSeconds }: Keeper): Promise<JobRow[]> {
  return query<JobRow>(
    `update ${TABLE} set holder = $1, progress = null, lease_until = pg_catalog.now() + pg_catalog.make_interval(secs => $2)
      where state in ('running', 'verifying') and lease_until < pg_catalog.now()
        and (target = any ($3) or lease_until < pg_catalog.now() - ${NOBODYS}) returning *`,
    [holder, leaseSeconds, targets],
  );
}

/** @returns undefined when the lease was lost to another exporter. */
export async function renewLease(
  query: Query,
  id: string,
  holder: string,
  leaseSeconds: number,
  progress: Job['progress'],
): Promise<Pick<JobRow, 'cancel_requested_by'> | undefined> {
  const [row] = await query<Pick<JobRow, 'cancel_requested_by'>>(
    `update ${TABLE} set lease_until = pg_catalog.now() + pg_catalog.make_interval(secs => $3),
            progress = coalesce($4::jsonb, progress)
      where id = $1 and holder = $2 and state in ('running', 'verifying') returning cancel_requested_by`,
    [id, holder, leaseSeconds, progress === null ? null : JSON.stringify(progress)],
  );
  return row;
}

export async function noteBefore(query: Query, id: string, holder: string, effect: readonly Measure[]): Promise<void> {
  await query(`update ${TABLE} set effect = $3 where id = $1 and holder = $2`, [id, holder, JSON.stringify(effect)]);
}

export async function noteVerifying(query: Query, id: string, holder: string): Promise<void> {
  await query(`update ${TABLE} set state = 'verifying' where id = $1 and holder = $2 and state = 'running'`, [
    id,
    holder,
  ]);
}

export interface Ending extends Pick<JobRow, 'message' | 'hint' | 'verified' | 'effect'> {
  readonly state: 'done' | 'failed' | 'cancelled' | 'interrupted';
  readonly effectSeconds: number | null;
}

/** @returns undefined when another exporter has closed it. */
export async function finishJob(query: Query, id: string, holder: string, ending: Ending): Promise<JobRow | undefined> {
  const [row] = await query<JobRow>(
    `update ${TABLE} set state = $3, message = $4, hint = $5, verified = $6, effect = $7, finished_at = pg_catalog.now(),
            effect_due_at = pg_catalog.now() + pg_catalog.make_interval(secs => $8::float8), progress = null, lease_until = null
      where id = $1 and holder = $2 and state in ('running', 'verifying') returning *`,
    [
      id,
      holder,
      ending.state,
      ending.message,
      ending.hint,
      JSON.stringify(ending.verified),
      JSON.stringify(ending.effect),
      ending.effectSeconds,
    ],
  );
  return row;
}

/** Bytes per second of earlier runs that went well. */
export async function rateOf(query: Query, action: string, target: string): Promise<PlanContext['rate']> {
  const [row] = await query<{ rate: number | null }>(
    `select (pg_catalog.sum((draft->'subject'->>'bytes')::float8)
             / nullif(pg_catalog.sum(extract(epoch from finished_at - started_at)), 0))::float8 as rate
       from ${TABLE}
      where action = $1 and target = $2 and state = 'done' and finished_at > pg_catalog.now() - interval '90 days'
        -- A small one takes as long as its overhead.
        and (draft->'subject'->>'bytes')::float8 > 10 * 1024 * 1024`,
    [action, target],
  );
  return row?.rate ?? undefined;
}
