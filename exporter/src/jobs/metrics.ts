/** Jobs as metrics: boards draw them as annotations. */
import { Counter, Gauge, type Metric, type Registry } from 'prom-client';

export class JobMetrics {
  readonly #registry: Registry;
  readonly #start = new Gauge({
    name: 'pgvigil_job_start_timestamp_seconds',
    help: 'Start of the last action of its kind on the target that this exporter ran (pgvigil).',
    labelNames: ['target', 'action'],
    registers: [],
  });
  readonly #end = new Gauge({
    name: 'pgvigil_job_end_timestamp_seconds',
    help: 'End of the last action of its kind on the target that this exporter ran (pgvigil).',
    labelNames: ['target', 'action'],
    registers: [],
  });
  readonly #total = new Counter({
    name: 'pgvigil_jobs_total',
    help: 'Actions that ended, by outcome (pgvigil).',
    labelNames: ['target', 'action', 'outcome'],
    registers: [],
  });

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  started(target: string, action: string, at: Date): void {
    this.#served(this.#start).set({ target, action }, at.getTime() / 1000);
  }

  ended(target: string, action: string, at: Date, outcome: string): void {
    this.#served(this.#end).set({ target, action }, at.getTime() / 1000);
    this.#served(this.#total).inc({ target, action, outcome });
  }

  /** From its first sample on: prom-client would print the header of an empty one. */
  #served<M extends Metric>(metric: M): M {
    this.#registry.registerMetric(metric);
    return metric;
  }
}
