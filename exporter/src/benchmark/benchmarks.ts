/** Starts benchmarks, keeps what they record in the state database, and looks after those whose process is gone. */
import type { BenchmarkKind, BenchmarkProgress } from '../contract/benchmarks.ts';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BadValue } from '../config/problems.ts';
import type { TargetConfig } from '../config/types.ts';
import { DatabaseFailure, UNIQUE_VIOLATION } from '../db/errors.ts';
import { type Query, StateUnavailable, type Store } from '../store/store.ts';
import { forgetDebt, noteProblems, writeDebt } from './book/debts.ts';
import {
  type BenchmarkRow,
  type Ending,
  findBenchmark,
  finishBenchmark,
  insertBenchmark,
  insertSegment,
  noteFacts,
  readSegments,
  renewBenchmark,
} from './book/rows.ts';
import { summaryOf } from './book/summary.ts';
import type { Errors } from './kinds.ts';
import { restoreAbandoned } from './restore.ts';
import { checkOrder, type Keeper, runBenchmark } from './run/run.ts';
import { digestOf } from './workload/read.ts';
import type { Workload } from './workload/schema.ts';

/** Without a sign of life for so long, a run is closed by another process, which takes back what it has set. */
const LEASE_SECONDS = 15;
const RENEW_MS = 1000;
/** The state database may be away for so long before the run is given up. */
const PATIENCE_MS = 60_000;

export interface Wish {
  readonly kind: BenchmarkKind;
  readonly target: TargetConfig;
  readonly workload: Workload;
  /** Of an A/A run: how many comparisons, each of the workload's blocks. */
  readonly comparisons?: number;
  readonly seed?: number;
  readonly requestedBy: string;
}

export interface Started {
  readonly id: string;
  /** As it has ended; never rejects for what went wrong in the run. @throws StateUnavailable */
  readonly ended: Promise<BenchmarkRow>;
}

/** Not now: something else is done with the target, or must be done first. */
export class Busy extends BadValue {}

/** Why a run was stopped, as it is kept. */
class Stopped extends Error {
  readonly state: 'cancelled' | 'interrupted';
  constructor(state: 'cancelled' | 'interrupted', message: string) {
    super(message);
    this.state = state;
  }
}

export interface BenchmarksOptions {
  readonly store: Store;
  readonly version: string;
  readonly onProgress?: (id: string, progress: BenchmarkProgress) => void;
}

export class Benchmarks {
  readonly #store: Store;
  readonly #version: string;
  readonly #onProgress: (id: string, progress: BenchmarkProgress) => void;
  readonly #running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<unknown> }>();

  constructor({ store, version, onProgress = () => {} }: BenchmarksOptions) {
    this.#store = store;
    this.#version = version;
    this.#onProgress = onProgress;
  }

  /** @throws BadValue where it can't be; StateUnavailable, StateMissing */
  async start({ kind, target, workload, comparisons = 1, requestedBy, ...wish }: Wish): Promise<Started> {
    checkOrder({ kind, target, workload });
    const seed = wish.seed ?? Math.floor(Math.random() * 2 ** 31);
    await this.#refuseIndebted(target);
    const holder = randomUUID();
    const blocks = workload.blocks * comparisons;
    const order = { kind, target: target.name, workload, digest: digestOf(workload), blocks, seed };
    const row = await insertBenchmark(
      this.#query,
      { ...order, requested_by: requestedBy, version: this.#version, holder },
      LEASE_SECONDS,
    ).catch((error: unknown) => {
      if (!(error instanceof DatabaseFailure) || error.sqlState !== UNIQUE_VIOLATION) throw error;
      throw new Busy(
        `another benchmark runs on ${target.name}, and two at once would measure each other`,
        `Wait for its end, or cancel it. One that was killed is closed after ${LEASE_SECONDS} s.`,
      );
    });
    const stop = new AbortController();
    const ended = this.#run({ row, target, holder, stop });
    this.#running.set(row.id, { stop, ended });
    const forget = (): void => void this.#running.delete(row.id);
    ended.then(forget, forget);
    return { id: row.id, ended };
  }

  /** Of one that runs in this process. It has ended when all is taken back. */
  cancel(id: string, by: string): void {
    this.#running.get(id)?.stop.abort(new Stopped('cancelled', `cancelled by ${by}`));
  }

  /** Ends what runs here; what was set is taken back before. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { stop } of running) stop.abort(new Stopped('interrupted', 'the exporter was stopped'));
    await Promise.allSettled(running.map(({ ended }) => ended));
  }

  async #refuseIndebted(target: TargetConfig): Promise<void> {
    const left = (await restoreAbandoned(this.#store, [target])).flatMap(({ problems }) => problems);
    if (left.length === 0) return;
    throw new Busy(
      `an earlier benchmark has changed ${target.name}, and not all could be taken back:\n  ${left.join('\n  ')}`,
      `Mend it by hand, then: pgvigil bench restore --target ${target.name} --forget`,
    );
  }

  async #run(run: Run): Promise<BenchmarkRow> {
    const { row, target, holder, stop } = run;
    const { id, kind, workload, blocks } = row;
    const pulse = this.#pulse(run);
    const errors: Record<string, Errors[string]> = {};
    try {
      let how: Pick<Ending, 'state' | 'message' | 'statements'>;
      try {
        const order = { id, kind, target, workload, blocks, seed: Number(row.seed) };
        const statements = await runBenchmark(order, this.#keeper(run, pulse.note, errors), stop.signal);
        how = { state: 'done', message: '', statements };
      } catch (error) {
        const state = error instanceof Stopped ? error.state : 'failed';
        how = { state, message: inWords(error), statements: null };
      }
      const summary = await this.#sum(row);
      await this.#patiently(() => finishBenchmark(this.#query, id, holder, { ...how, errors, summary }));
    } finally {
      pulse.stop();
    }
    return (await this.#patiently(() => findBenchmark(this.#query, id)))!;
  }

  /** Of what is there: a cancelled run has its first segments. */
  async #sum({ id, kind, workload }: BenchmarkRow): Promise<Ending['summary']> {
    const segments = await this.#patiently(() => readSegments(this.#query, id));
    return segments.length === 0 ? null : summaryOf(kind, workload, segments);
  }

  /** @param errors is added to: the first of each. */
  #keeper({ row: { id, target } }: Run, progress: Keeper['progress'], errors: Record<string, Errors[string]>): Keeper {
    const keep = (work: (query: Query) => Promise<void>): Promise<void> => this.#patiently(() => work(this.#query));
    return {
      progress,
      facts: (facts) => keep((query) => noteFacts(query, id, facts)),
      owes: (baseline) =>
        // Not patiently: after an answer that got lost, the second try would find the first one's row.
        writeDebt(this.#query, { target, benchmark: id, baseline }),
      restored: (problems) =>
        keep((query) => (problems.length === 0 ? forgetDebt(query, id) : noteProblems(query, id, problems))),
      segment(segment, ticks, found) {
        for (const [code, first] of Object.entries(found)) errors[code] ??= first;
        return keep((query) => insertSegment(query, id, segment, ticks));
      },
    };
  }

  /** The sign of life, and the ear for a cancel from elsewhere. */
  #pulse({ row: { id }, holder, stop }: Run): { note: Keeper['progress']; stop(): void } {
    let last: BenchmarkProgress | undefined;
    let busy = false;
    const beat = async (): Promise<void> => {
      if (busy || last === undefined) return;
      busy = true;
      try {
        const alive = await renewBenchmark(this.#query, { id, holder }, LEASE_SECONDS, last);
        if (alive === null) stop.abort(new Stopped('interrupted', 'another process has closed it'));
        else if (alive.cancelledBy !== null) stop.abort(new Stopped('cancelled', `cancelled by ${alive.cancelledBy}`));
      } catch {
        // It is away: the next beat tries again, and the lease lasts for a while.
      } finally {
        busy = false;
      }
    };
    const timer = setInterval(() => void beat(), RENEW_MS);
    return {
      note: (progress) => {
        last = progress;
        this.#onProgress(id, progress);
      },
      stop: () => clearInterval(timer),
    };
  }

  readonly #query: Query = (statement, values) => this.#store.query(statement, values);

  /** A recorded minute is worth waiting for the state database. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof StateUnavailable) || performance.now() > until) throw error;
        await sleep(RENEW_MS);
      }
    }
  }
}

/** With its cure, where there is one. */
const inWords = (error: unknown): string =>
  error instanceof BadValue ? `${error.message}. ${error.cure}` : (error as Error).message;

interface Run {
  readonly row: BenchmarkRow;
  readonly target: TargetConfig;
  readonly holder: string;
  readonly stop: AbortController;
}
