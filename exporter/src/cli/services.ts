/** What the API works with beside the metrics: made, started and closed together. */
import type { Registry } from 'prom-client';
import type { Services } from '../api/services.ts';
import { Benchmarks } from '../benchmark/benchmarks.ts';
import { BenchmarkMetrics } from '../benchmark/metrics.ts';
import { BenchmarkSweep } from '../benchmark/sweep.ts';
import type { Config } from '../config/types.ts';
import { HistoryRecorder } from '../history/recorder.ts';
import { tableEffect } from '../history/table_effect.ts';
import { Jobs } from '../jobs/jobs.ts';
import { LiveTarget } from '../live/live_target.ts';
import type { ConnectionBudget } from '../db/budget.ts';
import type { Log } from '../log.ts';
import type { Collector } from '../metrics/types.ts';
import { PlanWatcher } from '../statements/plan_watcher.ts';
import { Store } from '../store/store.ts';

export interface ServicesOptions {
  readonly config: Config;
  readonly collectors: readonly Collector[];
  readonly log: Log;
  readonly version: string;
  /** By target. */
  readonly connections: ReadonlyMap<string, ConnectionBudget>;
  /** Gets the metrics of jobs. */
  readonly registry: Registry;
}

export class RunningServices implements Services {
  readonly config: Config;
  readonly collectors: readonly Collector[];
  readonly log: Log;
  readonly version: string;
  readonly targets: ReadonlyMap<string, LiveTarget>;
  readonly store: Store | undefined;
  readonly jobs: Jobs;
  readonly #recorder: HistoryRecorder | undefined;
  readonly #plans: PlanWatcher | undefined;
  readonly benchmarks: Benchmarks | undefined;
  readonly #sweep: BenchmarkSweep | undefined;
  readonly #benchmarkMetrics: BenchmarkMetrics | undefined;

  /** Opens no connection. */
  constructor({ config, collectors, log, version, connections, registry }: ServicesOptions) {
    this.config = config;
    this.collectors = collectors;
    this.log = log;
    this.version = version;
    this.targets = new Map(
      config.targets.map((target) => [target.name, new LiveTarget(target, connections.get(target.name)?.pages)]),
    );
    this.store = config.state === undefined ? undefined : new Store(config.state);
    this.jobs = new Jobs({
      config,
      store: this.store,
      log,
      registry,
      statementEffect: this.store && tableEffect(this.store),
    });
    if (this.store !== undefined) {
      const { store, targets } = this;
      this.#recorder = new HistoryRecorder({ store, targets, history: config.history, log });
      this.benchmarks = new Benchmarks({ store, version });
      this.#sweep = new BenchmarkSweep({ store, targets: config.targets, log });
      this.#benchmarkMetrics = new BenchmarkMetrics({ store, targets: config.targets, registry });
      const { retentionDays, planSeconds } = config.history;
      if (planSeconds > 0) {
        this.#plans = new PlanWatcher({ store, targets, log, retentionDays, everySeconds: planSeconds });
      }
    }
  }

  async start(): Promise<void> {
    this.#recorder?.start();
    this.#plans?.start();
    this.#sweep?.start();
    this.#benchmarkMetrics?.start();
    await this.jobs.start();
  }

  /** Those who ask before those who answer. */
  async close(): Promise<void> {
    const asking = [this.jobs, this.benchmarks, this.#recorder, this.#plans, this.#sweep, this.#benchmarkMetrics];
    await Promise.all(asking.map(async (one) => one?.close()));
    await Promise.all([...this.targets.values()].map((target) => target.close()));
    await this.store?.close();
  }
}
