/** One job on its target: preflight, run, verify. Knows nothing of what becomes of the result. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Draft, Figure, MaintenanceAction, Step, Verdict } from '../actions/types.ts';
import { ActionRefusal } from '../actions/types.ts';
import type { Config, Dsn } from '../config/types.ts';
import type { Measure } from '../contract/index.ts';
import { destroy } from '../db/connect.ts';
import { type DatabaseFailure, describeFailure } from '../db/errors.ts';
import { TargetUnavailable } from '../live/live_target.ts';
import type { Store } from '../store/store.ts';
import { type Ending, type JobRow, noteBefore, noteVerifying, renewLease, statementsOf } from './job_rows.ts';
import type { Progress } from './progress.ts';
import { type Control, type RunEnd, runSteps, StepFailure, type StopReason, Watch } from './run.ts';
import { actionSession, backendOf, jobApplication, openMaintenance, takeAdvisoryLock } from './sessions.ts';
import type { JobTimings } from './types.ts';
import { windowState } from './windows.ts';

export interface RunnerServices {
  readonly config: Pick<Config, 'windows' | 'actions'>;
  readonly store: Store;
  readonly holder: string;
  readonly timings: JobTimings;
  /** Somebody measures what actions bring to statements. */
  readonly announcesEffect: boolean;
}

export type RunnerEnding = Ending & { readonly refused?: boolean };

/** On 14 figures reach the statistics' reader a moment after the statement. */
const FIGURES_MS = 1200;
/** A server that restarts in the middle is waited for: what was left behind can only be told by asking it. */
const RESTART_MS = 60_000;

export class Runner {
  readonly #row: JobRow;
  readonly #action: MaintenanceAction | undefined;
  readonly #dsn: Dsn | undefined;
  readonly #services: RunnerServices;
  #acting: pg.Client | undefined;
  #watching: pg.Client | undefined;
  #abandoned = false;
  #cancelledBy: string | undefined;
  #watch: Watch | undefined;

  constructor(row: JobRow, action: MaintenanceAction | undefined, dsn: Dsn | undefined, services: RunnerServices) {
    this.#row = row;
    this.#action = action;
    this.#dsn = dsn;
    this.#services = services;
  }

  /** The exporter ends: connections are dropped, statements stay. */
  abandon(): void {
    this.#abandoned = true;
    void this.#watch?.end();
    for (const client of [this.#acting, this.#watching]) if (client) destroy(client);
  }

  /** @returns undefined when it was abandoned: another exporter closes the job. */
  async run(): Promise<RunnerEnding | undefined> {
    try {
      return await this.#runWith(await this.#open());
    } catch (error) {
      if (this.#abandoned) return undefined;
      return failed(describe(error), hintOf(error));
    } finally {
      await this.#closeClients();
    }
  }

  /** @returns undefined when it was abandoned; throws when the target is away: then it is tried again. */
  async adopt(): Promise<RunnerEnding | undefined> {
    if (this.#action === undefined || this.#dsn === undefined) {
      return { ...failed('its target or action is not configured here any more', ''), state: 'interrupted' };
    }
    try {
      this.#watching = await this.#connect('pgvigil watch');
      const pid = await backendOf(this.#watching, this.#row.id);
      let watch: Watch | undefined;
      if (pid !== undefined) {
        // Its own tries end by their lock_timeout; what CONCURRENTLY waits for is bounded here.
        const steps = this.#row.draft.steps.map(
          (step): Step => (step.waits === 'session' ? step : { ...step, waits: 'transactions' }),
        );
        watch = this.#watch = new Watch(this.#watching, pid, steps, this.#control());
        watch.begin(steps.findIndex(({ waits }) => waits !== 'session'));
        await watch.gone;
        await watch.end();
        this.#watching = watch.client;
      }
      if (this.#abandoned) return undefined;
      const verdict = await this.#verify();
      const effect = await this.#after(this.#row.effect);
      const good = verdict.checks.every(({ state }) => state !== 'missing');
      const stopped =
        watch?.stop === undefined ? '' : ` It was then stopped: ${this.#stopWords(watch.stop, watch.blockers)}.`;
      const went =
        pid === undefined
          ? 'Nothing of it ran any more on the server'
          : 'Its statement went on on the server to its end';
      const result = good ? 'the result is complete' : 'the result is not complete';
      const message = `The exporter that ran it ended in the middle. ${went}; ${result}.${stopped}`;
      return {
        state: 'interrupted',
        message,
        hint: verdict.hint || (good ? '' : 'Nothing is left behind: plan it again.'),
        verified: verdict.checks,
        effect,
        effectSeconds: null,
      };
    } catch (error) {
      if (this.#abandoned) return undefined;
      throw error;
    } finally {
      await this.#closeClients();
    }
  }

  async #open(): Promise<{ acting: pg.Client; watching: pg.Client }> {
    if (this.#dsn === undefined)
      throw new ActionRefusal('the target has no maintenance login any more', 'Configure one, and plan it again.');
    const watching = await this.#connect('pgvigil watch');
    this.#watching = watching;
    const acting = await this.#connect(jobApplication(this.#row.id));
    this.#acting = acting;
    return { acting, watching };
  }

  /** @throws TargetUnavailable, also when it was abandoned meanwhile: a session opened then would be nobody's to close. */
  async #connect(application: string): Promise<pg.Client> {
    const client = await openMaintenance(this.#dsn!, this.#row.database_name, application);
    if (!this.#abandoned) return client;
    destroy(client);
    throw new TargetUnavailable('abandoned');
  }

  /** The lease is kept up meanwhile, so that nobody else closes the job. @throws TargetUnavailable when it stays away. */
  async #connectAgain(): Promise<pg.Client> {
    const { store, holder, timings } = this.#services;
    for (const end = Date.now() + RESTART_MS; ; ) {
      try {
        return await this.#connect('pgvigil watch');
      } catch (error) {
        if (this.#abandoned || Date.now() > end) throw error;
      }
      await renewLease(store.query.bind(store), this.#row.id, holder, timings.leaseSeconds, null).catch(
        () => undefined,
      );
      await sleep(timings.pollSeconds * 1000);
    }
  }

  async #runWith({ acting, watching }: { acting: pg.Client; watching: pg.Client }): Promise<RunnerEnding | undefined> {
    const { store, holder } = this.#services;
    const row = this.#row;
    const refusal = await this.#preflight(acting, watching);
    if (refusal !== undefined) return { ...failed(refusal.message, refusal.hint, true) };
    const before = (await this.#measure()).map(({ value, ...figure }) => ({ ...figure, before: value, after: null }));
    await noteBefore(store.query.bind(store), row.id, holder, before).catch(() => undefined);
    let end: RunEnd;
    let failure: StepFailure | undefined;
    try {
      const tag = `/* ${jobApplication(row.id)} */ `;
      const ran = await runSteps(acting, watching, tag, row.draft.steps, this.#control());
      this.#watching = ran.watching;
      end = ran;
    } catch (error) {
      if (this.#abandoned || !(error instanceof StepFailure)) throw error;
      failure = error;
      end = { end: 'cancelled elsewhere', step: error.step };
    }
    if (this.#abandoned) return undefined;
    await noteVerifying(store.query.bind(store), row.id, holder).catch(() => undefined);
    const { verdict, effect } = await this.#look(before);
    return this.#conclude(end, failure, verdict, effect);
  }

  /** Verified is what can be. @throws when it was abandoned: then another exporter looks. */
  async #look(before: readonly Measure[]): Promise<{ verdict: Verdict; effect: Measure[] }> {
    try {
      if (this.#watching === undefined || (await isDead(this.#watching))) this.#watching = await this.#connectAgain();
      return { verdict: await this.#verify(), effect: await this.#after(before) };
    } catch (error) {
      if (this.#abandoned) throw error;
      const message = `it could not be looked at: ${describe(error)}`;
      const checks: Verdict['checks'] = [
        { title: 'Verified', state: 'warn', message, cure: 'Look at the object yourself.' },
      ];
      return { verdict: { checks, hint: 'Look whether an invalid index was left.' }, effect: [...before] };
    }
  }

  #conclude(end: RunEnd, failure: StepFailure | undefined, verdict: Verdict, effect: Measure[]): RunnerEnding {
    const { timings, announcesEffect } = this.#services;
    const awaited = announcesEffect && this.#action!.affectsStatements;
    const all = {
      verified: verdict.checks as RunnerEnding['verified'],
      effect,
      hint: verdict.hint,
      effectSeconds: null,
    };
    if (failure !== undefined) {
      return { ...all, state: 'failed', message: `${this.#stepWords(failure.step)}: ${withoutData(failure)}` };
    }
    if (end.end === 'stopped') {
      const message = `${this.#stepWords(end.step)}: stopped, ${this.#stopWords(end.why, end.blockers)}`;
      return { ...all, state: end.why === 'blocked' ? 'failed' : 'cancelled', message };
    }
    if (end.end === 'cancelled elsewhere') {
      return {
        ...all,
        state: 'cancelled',
        message: `${this.#stepWords(end.step)}: somebody cancelled it on the server`,
      };
    }
    const warnings = end.warnings.length > 0 ? `the server warned: ${end.warnings.slice(0, 3).join('; ')}` : '';
    const missing = verdict.checks.find(({ state }) => state === 'missing');
    if (missing !== undefined) {
      return {
        ...all,
        state: 'failed',
        message: [`it ran, but ${missing.message}`, warnings].filter(Boolean).join('; '),
      };
    }
    return { ...all, state: 'done', message: warnings, effectSeconds: awaited ? timings.effectSeconds : null };
  }

  #stepWords(step: number): string {
    const statements = statementsOf(this.#row.draft.steps);
    return statements.length === 1
      ? statements[0]
      : `statement ${step + 1} of ${statements.length}, ${statements[step]}`;
  }

  #stopWords(why: StopReason, blockers: readonly string[]): string {
    if (why === 'cancelled') return `cancelled by ${this.#cancelledBy ?? 'somebody'}`;
    if (why === 'window') return 'the maintenance window has ended';
    const whom = blockers.length > 0 ? `, blocked by ${blockers.join(', ')}` : '';
    return `it waited longer for locks than the ${this.#services.config.actions.lockBudgetSeconds} s that it may${whom}`;
  }

  /** Everything that was true when it was planned must be true now. */
  async #preflight(acting: pg.Client, watching: pg.Client): Promise<{ message: string; hint: string } | undefined> {
    const { config } = this.#services;
    const { target, draft, params } = this.#row;
    if (this.#action === undefined) return { message: `there is no action ${this.#row.action}`, hint: '' };
    const window = windowState(config.windows, target, new Date());
    if (!window.open) return { message: `not in a maintenance window: ${window.words}`, hint: 'Plan it again then.' };
    const now: Draft = await this.#action.plan(actionSession(watching), params, { rate: undefined });
    const missing = now.preconditions.find(({ state }) => state === 'missing');
    if (missing !== undefined) return { message: missing.message, hint: missing.cure };
    if (
      JSON.stringify(statementsOf(now.steps)) !== JSON.stringify(statementsOf(draft.steps)) ||
      now.relation.oid !== draft.relation.oid
    ) {
      return {
        message: `${draft.relation.name} has changed since the plan was made`,
        hint: 'Plan it again, and look at the statements.',
      };
    }
    if (!(await takeAdvisoryLock(acting, draft.subject.lockOid))) {
      return {
        message: `another action of pgvigil works on ${draft.subject.name}`,
        hint: 'Wait for its end, and plan it again.',
      };
    }
    return undefined;
  }

  #control(): Control {
    const { config, store, timings, holder } = this.#services;
    return {
      lockTryMs: timings.lockTrySeconds * 1000,
      lockBudgetMs: config.actions.lockBudgetSeconds * 1000,
      pollMs: timings.pollSeconds * 1000,
      reopen: async () => {
        this.#watching = await this.#connect('pgvigil watch');
        return this.#watching;
      },
      look: async (progress: Progress) => {
        if (this.#abandoned) return undefined;
        const lease = await renewLease(
          store.query.bind(store),
          this.#row.id,
          holder,
          timings.leaseSeconds,
          progress,
        ).catch(
          // Away: the statement goes on, and so does its lease as long as nobody else takes it.
          () => undefined,
        );
        if (lease?.cancel_requested_by != null) {
          this.#cancelledBy = lease.cancel_requested_by;
          return 'cancelled';
        }
        return windowState(config.windows, this.#row.target, new Date()).open ? undefined : 'window';
      },
    };
  }

  #measure(): Promise<Figure[]> {
    return this.#action!.measure(actionSession(this.#watching!), this.#row.draft.subject);
  }

  async #after(before: readonly Measure[]): Promise<Measure[]> {
    const figures = await this.#measure();
    return figures.map(({ title, unit, value }) => ({
      title,
      unit,
      before: before.find((measure) => measure.title === title)?.before ?? null,
      after: value,
    }));
  }

  async #verify(): Promise<{ checks: Ending['verified']; hint: string }> {
    await this.#letFiguresArrive();
    const { checks, hint } = await this.#action!.verify(actionSession(this.#watching!), this.#row.draft.subject);
    return { checks: [...checks], hint };
  }

  /** From 15 on statistics are in shared memory. */
  async #letFiguresArrive(): Promise<void> {
    const { rows } = await this.#watching!.query<{ at_once: boolean }>(
      "select to_regprocedure('pg_stat_force_next_flush()') is not null as at_once",
    );
    if (!rows[0].at_once) await new Promise((resolve) => setTimeout(resolve, FIGURES_MS));
  }

  async #closeClients(): Promise<void> {
    for (const client of [this.#acting, this.#watching]) await client?.end().catch(() => undefined);
  }
}

const failed = (message: string, hint: string, refused = false): RunnerEnding => ({
  state: 'failed',
  message,
  hint,
  verified: [],
  effect: [],
  effectSeconds: null,
  refused,
});

/** Viewers read it, and a failing REFRESH says which value it could not convert, or what a function raised. */
export function withoutData({ message, sqlState = '' }: DatabaseFailure): string {
  if (sqlState.startsWith('P0')) return "a function raised an error; the server's log has its words";
  return sqlState.startsWith('22') ? message.replace(/"[^]*"/, '"…"') : message;
}

const describe = (error: unknown): string =>
  error instanceof ActionRefusal || error instanceof TargetUnavailable ? error.message : describeFailure(error).message;

const hintOf = (error: unknown): string => (error instanceof ActionRefusal ? error.hint : '');

const isDead = (client: pg.Client): Promise<boolean> =>
  client.query('select').then(
    () => false,
    () => true,
  );
