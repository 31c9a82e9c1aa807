/** Actions from plan to audit. One of these per exporter; several exporters may share a state database. */
import { setTimeout as sleep } from 'node:timers/promises';
import { actionById, actions } from '../actions/index.ts';
import { type Action, ActionRefusal, type Draft, type MaintenanceAction } from '../actions/types.ts';
import type { Dsn, TargetConfig } from '../config/types.ts';
import {
  type ActionInfo,
  type ActionPlan,
  type AuditEntry,
  type Input,
  type Job,
  type ParamValues,
  type Role,
  ROLES,
  type SessionActionResult,
} from '../contract/index.ts';
import { describeFailure } from '../db/errors.ts';
import { TargetUnavailable } from '../live/live_target.ts';
import type { Query, Store } from '../store/store.ts';
import { insertEvents, jobEvent, listAudit } from './audit.ts';
import { noteEffects } from './effects.ts';
import { Engine } from './engine.ts';
import { confirmPlan, findJob, insertPlan, type JobRow, rateOf, statementsOf, toJob } from './job_rows.ts';
import { infoOf } from './info.ts';
import { Journal } from './journal.ts';
import { JobMetrics } from './metrics.ts';
import { ActionQueue } from './queue.ts';
import { Refusal } from './refusal.ts';
import { actOnSession, replayJournal } from './session_actions.ts';
import { actionSession, openMaintenance } from './sessions.ts';
import { Signaller } from './signaller.ts';
import type { JobsOptions, JobTimings, Requester } from './types.ts';
import { windowState } from './windows.ts';

/** Snapshots of the history in a window of the effect: 15 min where there is one a minute. */
const EFFECT_SNAPSHOTS = 15;

const TIMINGS: Omit<JobTimings, 'effectSeconds'> = {
  planSeconds: 600,
  leaseSeconds: 15,
  pollSeconds: 1,
  sweepSeconds: 5,
  lockTrySeconds: 0.5,
};

/** Where an action shall work, and on what. */
export interface ActionRequest {
  readonly target?: string;
  readonly database?: string;
  readonly params: ParamValues;
}
export interface Page<T> {
  items: T[];
  total: number;
  page: number;
  pageSize: number;
}

const ACTIVE = ['confirmed', 'running', 'verifying'];

/** All methods throw Refusal for what cannot be done, StateUnavailable, StateMissing, TargetUnavailable and DatabaseFailure. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #timings: JobTimings;
  readonly #metrics: JobMetrics;
  readonly #journal: Journal;
  readonly #signallers: ReadonlyMap<string, Signaller>;
  readonly #engine: Engine | undefined;
  readonly #queue: ActionQueue | undefined;
  readonly #closing = new AbortController();
  #sweeping: Promise<void> | undefined;

  constructor(options: JobsOptions) {
    const { config, store, log, registry } = options;
    this.#options = options;
    const effectSeconds = config.history.intervalSeconds * EFFECT_SNAPSHOTS;
    this.#timings = { ...TIMINGS, effectSeconds, ...options.timings };
    this.#metrics = new JobMetrics(registry);
    this.#journal = new Journal(config.actions.journalFile, log);
    this.#signallers = new Map(config.targets.map((target) => [target.name, new Signaller(target)]));
    if (store === undefined) return;
    // Without somebody to measure it, no effect is announced.
    const timings = this.#timings;
    const engine = new Engine({
      config,
      store,
      log,
      metrics: this.#metrics,
      timings,
      announcesEffect: options.statementEffect !== undefined,
      maintenance: new Map(
        config.targets.flatMap(({ name, maintenance }) => (maintenance === undefined ? [] : [[name, maintenance]])),
      ),
    });
    this.#engine = engine;
    this.#queue = new ActionQueue(store.dsn, log, (job) => engine.claim(job));
  }

  /** Never waits for a server, never fails: what is away is tried again. */
  start(): Promise<void> {
    // Without a write secret nothing can be cancelled, and no connection is kept for it.
    if (this.#options.config.api.writeSecretFile !== undefined) {
      for (const signaller of this.#signallers.values()) signaller.start();
      void this.#journal.start();
    }
    if (this.#engine !== undefined) this.#sweeping = this.#sweep();
    return Promise.resolve();
  }

  /** What runs on a server goes on; another exporter, or this one after its restart, closes the job. */
  async close(): Promise<void> {
    this.#closing.abort();
    // A queue that is being started could not be closed.
    await this.#sweeping;
    await this.#queue?.close();
    await this.#engine?.close();
    await Promise.all([...this.#signallers.values()].map((signaller) => signaller.close()));
    await this.#journal.close();
  }

  /** @param name a target, for the grants of its version; of all versions while it cannot be reached. */
  actions(name: string | undefined): Promise<ActionInfo[]> {
    const { major } = this.#signallers.get(this.#target(name).name)!;
    return Promise.resolve(actions.map((action) => infoOf(action, major)));
  }

  async plan(id: string, request: ActionRequest, who: Requester): Promise<ActionPlan> {
    const action = this.#action(id, 'maintenance');
    const target = this.#target(request.target);
    const dsn = maintenanceOf(target);
    const database = request.database ?? dsn.database;
    this.#store();
    const rate = await this.#state((query) => rateOf(query, id, target.name));
    const draft = await planOn(dsn, database, action, request.params, rate);
    const row = await this.#state((query) =>
      insertPlan(
        query,
        {
          action: id,
          target: target.name,
          database_name: database,
          heavy: action.heavy,
          params: request.params,
          draft,
          requested_by: who.login,
          requested_role: who.role,
        },
        this.#timings.planSeconds,
      ),
    );
    return this.#planOf(row);
  }

  async run(id: string, planId: string, who: Requester): Promise<Job> {
    this.#action(id, 'maintenance');
    const gone = new Refusal('plan_expired', 'this plan has expired, or was confirmed before', 'Plan it again.');
    if (!isUuid(planId)) throw gone;
    const row = await this.#state((query) => findJob(query, planId));
    if (row === undefined || row.state !== 'planned') throw gone;
    if (row.action !== id) {
      throw new Refusal('bad_request', `planId is a plan for ${row.action}, not for ${id}`, 'Plan it again.');
    }
    maintenanceOf(this.#target(row.target));
    const refuse = async (why: string, hint: string): Promise<never> => {
      const event = jobEvent({ ...row, requested_by: who.login, requested_role: who.role }, 'refused', {
        message: why,
      });
      await this.#state((query) => insertEvents(query, [event]));
      throw new Refusal('conflict', why, hint);
    };
    const missing = row.draft.preconditions.find(({ state }) => state === 'missing');
    if (missing !== undefined) return refuse(missing.message, missing.cure);
    const window = windowState(this.#options.config.windows, row.target, new Date());
    if (!window.open) return refuse(`not in a maintenance window: ${window.words}`, 'Plan it again when it is open.');
    const confirmed = await this.#transaction(async (query) => {
      const job = await confirmPlan(query, planId, who);
      if (job === undefined) return undefined;
      await insertEvents(query, [jobEvent(job, 'confirmed')]);
      await this.#queue!.send(query, job.id);
      return job;
    });
    if (confirmed === undefined) throw gone;
    return toJob(confirmed);
  }

  /** Cancel or terminate. */
  async session(id: string, request: ActionRequest, who: Requester): Promise<SessionActionResult> {
    const action = this.#action(id, 'session');
    const target = this.#target(request.target);
    return actOnSession(action, request.params.session, target.name, who, {
      journal: this.#journal,
      store: this.#options.store,
      signaller: this.#signallers.get(target.name)!,
      metrics: this.#metrics,
    });
  }

  /** @param query without a target: of all. */
  async list({ target, state, active, page, pageSize }: Input<'GET /api/v1/jobs'>['query']): Promise<Page<Job>> {
    if (target !== undefined) this.#target(target);
    const states = state !== undefined ? [state] : active === 'true' ? ACTIVE : null;
    const where = `state <> 'planned' and ($1::text is null or target = $1) and ($2::text[] is null or state = any ($2))`;
    return this.#state(async (query) => {
      const rows = await query<JobRow>(
        `select * from pgvigil_state.job where ${where} order by created_at desc, id limit $3 offset $4`,
        [target ?? null, states, pageSize, (page - 1) * pageSize],
      );
      const [{ total }] = await query<{ total: number }>(
        `select pg_catalog.count(*)::int as total from pgvigil_state.job where ${where}`,
        [target ?? null, states],
      );
      return { items: rows.map(toJob), total, page, pageSize };
    });
  }

  async get(id: string): Promise<Job> {
    return toJob(await this.#job(id));
  }

  async cancel(id: string, who: Requester): Promise<Job> {
    const row = await this.#job(id);
    const needed = actionById.get(row.action)?.role ?? 'Admin';
    if (rank(who.role) < rank(needed)) {
      throw new Refusal(
        'forbidden',
        `only ${needed} may cancel ${row.draft.title}`,
        `Ask somebody with the role ${needed}.`,
      );
    }
    const cancelled = await this.#transaction(async (query) => {
      const [waiting] = await query<JobRow>(
        `update pgvigil_state.job set state = 'cancelled', finished_at = pg_catalog.now(), cancel_requested_by = $2, message = $3
          where id = $1 and state = 'confirmed' returning *`,
        [id, who.login, `cancelled by ${who.login} before it began`],
      );
      if (waiting !== undefined) {
        await insertEvents(query, [jobEvent(waiting, 'cancelled', { message: waiting.message })]);
        return waiting;
      }
      const [running] = await query<JobRow>(
        `update pgvigil_state.job set cancel_requested_by = coalesce(cancel_requested_by, $2)
          where id = $1 and state in ('running', 'verifying') returning *`,
        [id, who.login],
      );
      return running;
    });
    if (cancelled !== undefined) return toJob(cancelled);
    throw new Refusal('conflict', `the job has ended: ${row.state}`, 'There is nothing left to cancel.');
  }

  /** @param query without a target: of all. */
  async audit(query: Input<'GET /api/v1/audit'>['query']): Promise<Page<AuditEntry>> {
    if (query.target !== undefined) this.#target(query.target);
    const found = await this.#state((run) => listAudit(run, query.target, query));
    return { ...found, page: query.page, pageSize: query.pageSize };
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#closing;
    const { log } = this.#options;
    let said = '';
    while (!signal.aborted) {
      try {
        await this.#once();
        said = '';
      } catch (error) {
        const { message } = error as Error;
        // Once for each reason: the state database may be away for long.
        if (message !== said && !signal.aborted) log.warn({ error: message }, 'jobs wait for the state database');
        said = message;
      }
      await sleep(this.#timings.sweepSeconds * 1000, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #once(): Promise<void> {
    const { statementEffect, config, log } = this.#options;
    const store = this.#store();
    // A journal that cannot be read is no reason to leave jobs alone.
    const replayed = await replayJournal(this.#journal, store).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    await this.#engine!.sweep();
    if (!this.#queue!.started) await this.#queue!.start();
    if (statementEffect !== undefined) {
      const { intervalSeconds } = config.history;
      await noteEffects(store, statementEffect, { effectSeconds: this.#timings.effectSeconds, intervalSeconds }, log);
    }
    if (replayed !== undefined) throw replayed;
  }

  #planOf(row: JobRow): ActionPlan {
    const { config } = this.#options;
    const { draft } = row;
    const window = windowState(config.windows, row.target, new Date());
    return {
      id: row.id,
      action: row.action,
      title: draft.title,
      target: row.target,
      database: row.database_name,
      relation: draft.relation,
      statements: statementsOf(draft.steps),
      lock: draft.lock,
      expected: draft.expected,
      waitsFor: [...draft.waitsFor],
      lockBudgetSeconds: config.actions.lockBudgetSeconds,
      preconditions: [...draft.preconditions],
      window: { ...window, closesAt: window.closesAt?.toISOString() ?? null },
      runnable: window.open && draft.preconditions.every(({ state }) => state !== 'missing'),
      predicted: [...draft.predicted],
      expiresAt: row.expires_at.toISOString(),
    };
  }

  async #job(id: string): Promise<JobRow> {
    const row = isUuid(id) ? await this.#state((query) => findJob(query, id)) : undefined;
    if (row !== undefined && row.state !== 'planned') return row;
    throw new Refusal('not_found', `there is no job ${id}`, 'GET /api/v1/jobs lists them.');
  }

  #action<K extends Action['kind']>(id: string, kind: K): Extract<Action, { kind: K }> {
    const action = actionById.get(id);
    if (action === undefined) {
      throw new Refusal('not_found', `there is no action ${id}`, `There are: ${[...actionById.keys()].join(', ')}.`);
    }
    if (action.kind === kind) return action as Extract<Action, { kind: K }>;
    const path = action.kind === 'session' ? 'session' : 'plan and /run';
    throw new Refusal('bad_request', `${id} is not run this way`, `Use POST /api/v1/actions/${id}/${path}.`);
  }

  #target(name: string | undefined): TargetConfig {
    const { targets } = this.#options.config;
    const target = name === undefined ? targets[0] : targets.find((candidate) => candidate.name === name);
    if (target !== undefined) return target;
    const known = targets.map((candidate) => candidate.name).join(', ');
    throw new Refusal('not_found', `there is no target "${name}"`, `Targets are named in the configuration: ${known}.`);
  }

  #store(): Store {
    const { store } = this.#options;
    if (store !== undefined) return store;
    throw new Refusal(
      'state_missing',
      'there is no state database, so nothing but cancel and terminate can be run',
      'Set PGVIGIL_STATE_URL to a PostgreSQL database and run `pgvigil state migrate`.',
    );
  }

  #state<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const store = this.#store();
    return work(store.query.bind(store));
  }

  #transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const store = this.#store();
    return store.transaction(work);
  }
}

async function planOn(
  dsn: Dsn,
  database: string,
  action: MaintenanceAction,
  params: ParamValues,
  rate: number | undefined,
): Promise<Draft> {
  const client = await openMaintenance(dsn, database, 'pgvigil plan');
  try {
    return await action.plan(actionSession(client), params, { rate });
  } catch (error) {
    if (error instanceof ActionRefusal) throw new Refusal('bad_request', error.message, error.hint);
    if (error instanceof TargetUnavailable) throw error;
    throw describeFailure(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function maintenanceOf(target: TargetConfig): Dsn {
  if (target.maintenance !== undefined) return target.maintenance;
  throw new Refusal(
    'actions_off',
    `actions are off for ${target.name}: it has no maintenance role`,
    'Create the role (docs/sql.md), and set its login as maintenance: of the target.',
  );
}

const rank = (role: Role): number => ROLES.indexOf(role);

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
