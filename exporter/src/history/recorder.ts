/** Records the history of all targets into the state database, each as long as this exporter leads it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/types.ts';
import { DatabaseFailure, describeFailure } from '../db/errors.ts';
import { type LiveTarget, TargetUnavailable } from '../live/live_target.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { describeTexts } from './describe.ts';
import { rollUp } from './rollup.ts';
import { RecordingSession } from './session.ts';
import { NoStatements } from './source.ts';
import { TargetRecorder } from './target_recorder.ts';
import { Trouble } from './trouble.ts';

export interface RecorderOptions {
  readonly store: Store;
  /** Those without a PostgreSQL server are left out. */
  readonly targets: ReadonlyMap<string, LiveTarget>;
  readonly history: Config['history'];
  readonly log: Log;
}

/** How long a target may be without a leader, at most, beside what the server needs to notice that one is gone. */
const LEAD_EVERY_MS = 2000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const HOUSEKEEPING_MS = 600_000;
const DAYS_AHEAD = 2;

export class HistoryRecorder {
  readonly #options: RecorderOptions;
  readonly #closing = new AbortController();
  readonly #state: Trouble;
  #running: Promise<void> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#state = new Trouble(options.log, { what: 'history', part: 'state database' });
  }

  /** Returns at once; never throws. What fails is tried again, and said when it begins and when it ends. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends what is under way and leaves the lead to another exporter. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        const session = await RecordingSession.open(this.#options.store.dsn);
        try {
          await this.#record(session, () => (pauseMs = FIRST_PAUSE_MS));
        } finally {
          session.close();
        }
      } catch (error) {
        this.#state.began(`nothing is recorded: ${messageOf(error)}`);
      }
      // Spread, or all exporters would come back in the same moment.
      await pause(pauseMs * (0.5 + Math.random()), signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Until the connection is lost or a statement on it fails. */
  async #record(session: RecordingSession, works: () => void): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, over.signal]);
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    void session.ended.then(() => failed.reject(new Error('the connection to the state database was lost')));
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    const loops: Promise<void>[] = [];
    const waiting = [...this.#options.targets.values()].filter(({ config }) => config.postgres !== undefined);
    let keptHouse = 0;
    try {
      while (!signal.aborted) {
        const work = (async () => {
          for (const live of [...waiting]) {
            const target = await targetId(session, live.name);
            if (!(await session.tryToLead(target))) continue;
            waiting.splice(waiting.indexOf(live), 1);
            loops.push(this.#lead(session, live, target, signal).catch((error: unknown) => failed.reject(error)));
          }
          if (loops.length > 0 && Date.now() - keptHouse > HOUSEKEEPING_MS) {
            await this.#keepHouse(session);
            keptHouse = Date.now();
          }
          works();
          this.#state.ended('history is recorded again');
          await pause(LEAD_EVERY_MS, signal);
        })();
        work.catch(() => undefined);
        await Promise.race([work, failed.promise, aborted]);
      }
    } finally {
      over.abort();
      await Promise.race([Promise.all(loops), sleep(3000, undefined, { ref: false })]);
    }
  }

  async #keepHouse(session: RecordingSession): Promise<void> {
    const today = `(now() at time zone 'UTC')::date`;
    await session.query(`select pgvigil_state.prepare_days(${today}, ${today} + ${DAYS_AHEAD})`);
    await session.query('select pgvigil_state.expire($1)', [this.#options.history.retentionDays]);
  }

  /** @throws when the state database fails; what fails at the target is its own trouble. */
  async #lead(session: RecordingSession, live: LiveTarget, target: number, signal: AbortSignal): Promise<void> {
    const { history, log } = this.#options;
    const { intervalSeconds, sampleSeconds } = history;
    await this.#keepHouse(session);
    const recorder = await TargetRecorder.load({ live, session, target, intervalSeconds, sampleSeconds });
    log.info({ target: live.name }, 'recording history');
    const trouble = new Trouble(log, { what: 'history', target: live.name });
    const samples = new Trouble(log, { what: 'session samples', target: live.name });
    const sampling = every(sampleSeconds, signal, () => attempt(samples, () => recorder.sample()));
    await every(intervalSeconds, signal, async () => {
      const wrote = await attempt(trouble, () => recorder.snapshot());
      if (wrote !== true) return;
      await rollUp(session, target);
      await describeTexts(session, target, signal);
    });
    await sampling;
  }
}

/** Runs `work`, says when it begins to fail and when it works again. @throws what the state database says. */
async function attempt<T>(trouble: Trouble, work: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await work();
    trouble.ended('works again');
    return result;
  } catch (error) {
    if (!isOfTarget(error)) throw error;
    trouble.began(messageOf(error));
    return undefined;
  }
}

/** The state database's own errors come as they are. */
const isOfTarget = (error: unknown): boolean =>
  error instanceof TargetUnavailable || error instanceof DatabaseFailure || error instanceof NoStatements;

/** On whole multiples of the interval, so that another leader goes on in the same rhythm. The first at once. */
async function every(seconds: number, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  if (seconds <= 0) return;
  const ms = seconds * 1000;
  while (!signal.aborted) {
    await work();
    await pause(ms - (Date.now() % ms), signal);
  }
}

async function targetId(session: RecordingSession, name: string): Promise<number> {
  const find = 'select id from pgvigil_state.target where name = $1';
  const [known] = await session.query<{ id: number }>(find, [name]);
  if (known !== undefined) return known.id;
  await session.query('insert into pgvigil_state.target (name) values ($1) on conflict (name) do nothing', [name]);
  return (await session.query<{ id: number }>(find, [name]))[0].id;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);

function messageOf(error: unknown): string {
  const { message } = error instanceof Error && !('code' in error) ? error : describeFailure(error);
  return NOT_PREPARED.test((error as { code?: string }).code ?? '')
    ? `${message}; run pgvigil state migrate, with --runtime-role for this login`
    : message;
}

const NOT_PREPARED = /^(3F000|42P01|42883|42703|42501)$/;
