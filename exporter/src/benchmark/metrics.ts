/** The last benchmarks as metrics: boards draw when they ran, and how they went. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { TargetConfig } from '../config/types.ts';
import type { Query, Store } from '../store/store.ts';
import { lastBenchmarks, type ListedRow } from './book/rows.ts';

/** As often as Prometheus usually asks: what a command has measured is seen by the exporter in the state database only. */
const REFRESH_MS = 15_000;

const SIDE = ['target', 'workload', 'arm'] as const;

/** Every metric of this file; the manual reads it. */
export const benchmarkMetrics = {
  start: {
    name: 'pgvigil_benchmark_start_timestamp_seconds',
    type: 'gauge',
    help: 'Start of the last benchmark of the workload on the target, however it ended (pgvigil).',
    labels: ['target', 'workload', 'kind'],
  },
  end: {
    name: 'pgvigil_benchmark_end_timestamp_seconds',
    type: 'gauge',
    help: 'End of the last benchmark of the workload on the target; none while it runs (pgvigil).',
    labels: ['target', 'workload', 'kind'],
  },
  latency: {
    name: 'pgvigil_benchmark_latency_seconds',
    type: 'gauge',
    help: 'Latency in the last benchmark that was done, from when a statement was due (pgvigil).',
    labels: [...SIDE, 'quantile'],
  },
  mean: {
    name: 'pgvigil_benchmark_latency_mean_seconds',
    type: 'gauge',
    help: 'Mean latency in the last benchmark that was done, from when a statement was due (pgvigil).',
    labels: SIDE,
  },
  throughput: {
    name: 'pgvigil_benchmark_statements_per_second',
    type: 'gauge',
    help: 'Statements of the workload answered per second in the last benchmark that was done (pgvigil).',
    labels: SIDE,
  },
  failed: {
    name: 'pgvigil_benchmark_failed_ratio',
    type: 'gauge',
    help: 'Of what was due in the last benchmark that was done, what failed or was not sent, 0 to 1 (pgvigil).',
    labels: SIDE,
  },
  reached: {
    name: 'pgvigil_benchmark_threshold_reached',
    type: 'gauge',
    help: 'Whether the last benchmark that was done reached what its workload wants, 0 or 1 (pgvigil).',
    labels: [...SIDE, 'threshold'],
  },
  change: {
    name: 'pgvigil_benchmark_change_ratio',
    type: 'gauge',
    help: 'Figure after ÷ before in the last comparison by turns, and the ends of its 95 % interval (pgvigil).',
    labels: ['target', 'workload', 'figure', 'bound'],
  },
} as const;

type Name = keyof typeof benchmarkMetrics;
type Labels = Readonly<Record<string, string>>;

export interface BenchmarkMetricsOptions {
  readonly store: Store;
  readonly targets: readonly TargetConfig[];
  readonly registry: Registry;
}

export class BenchmarkMetrics {
  readonly #options: BenchmarkMetricsOptions;
  readonly #gauges: Readonly<Record<Name, Gauge>>;
  readonly #closing = new AbortController();
  #refreshing: Promise<void> | undefined;

  constructor(options: BenchmarkMetricsOptions) {
    this.#options = options;
    this.#gauges = Object.fromEntries(
      Object.entries(benchmarkMetrics).map(([key, { name, help, labels }]) => [
        key,
        new Gauge({ name, help, labelNames: [...labels], registers: [] }),
      ]),
    ) as Record<Name, Gauge>;
  }

  /** Where no target allows a benchmark, nothing is asked. */
  start(): void {
    const targets = this.#options.targets.filter(({ benchmark }) => benchmark === 'allowed');
    if (targets.length > 0) this.#refreshing = this.#keepFresh(targets.map(({ name }) => name));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#refreshing;
  }

  async #keepFresh(targets: readonly string[]): Promise<void> {
    const { signal } = this.#closing;
    const query: Query = (statement, values) => this.#options.store.query(statement, values);
    while (!signal.aborted) {
      // While the state database is away, what was last is still what was last.
      await this.#refresh(query, targets).catch(() => undefined);
      await sleep(REFRESH_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #refresh(query: Query, targets: readonly string[]): Promise<void> {
    const begun = await lastBenchmarks(query, targets, false);
    const done = await lastBenchmarks(query, targets, true);
    for (const gauge of Object.values(this.#gauges)) gauge.reset();
    for (const row of begun) this.#times(row);
    for (const row of done) this.#came(row);
  }

  #times({ target, workload_id: workload, kind, started_at, finished_at }: ListedRow): void {
    this.#set('start', { target, workload, kind }, started_at.getTime() / 1000);
    this.#set('end', { target, workload, kind }, finished_at && finished_at.getTime() / 1000);
  }

  #came({ target, workload_id: workload, summary }: ListedRow): void {
    for (const [arm, { p50, p95, p99, mean, throughput, failedRatio }] of Object.entries(summary?.arms ?? {})) {
      const side = { target, workload, arm };
      for (const [quantile, us] of Object.entries({ 0.5: p50, 0.95: p95, 0.99: p99 }))
        this.#set('latency', { ...side, quantile }, us && us / 1e6);
      this.#set('mean', side, mean && mean / 1e6);
      this.#set('throughput', side, throughput);
      this.#set('failed', side, failedRatio);
      for (const { name, met } of summary!.thresholds[arm])
        this.#set('reached', { ...side, threshold: name }, met === null ? null : Number(met));
    }
    for (const { figure, ratio, low, high } of summary?.comparison?.changes ?? [])
      for (const [bound, value] of Object.entries({ estimate: ratio, low, high }))
        this.#set('change', { target, workload, figure, bound }, value);
  }

  /** From its first sample on: prom-client would print the header of an empty one. What is not known is not there. */
  #set(name: Name, labels: Labels, value: number | null): void {
    if (value === null) return;
    this.#options.registry.registerMetric(this.#gauges[name]);
    this.#gauges[name].set(labels, value);
  }
}
