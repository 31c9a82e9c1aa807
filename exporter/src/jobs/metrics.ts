/** Jobs as metrics: boards draw them as annotations. */
import { Counter, Gauge, type Metric, type Registry } from 'prom-client';

/** Every metric of this file; the manual reads it. */
export const jobMetrics = {
  start: {
    name: 'pgvigil_job_start_timestamp_seconds',
    type: 'gauge',
    help: 'Start of the last action of its kind on the target that this exporter ran (pgvigil).',
    labels: ['target', 'action'],
  },
  end: {
    name: 'pgvigil_job_end_timestamp_seconds',
    type: 'gauge',
    help: 'End of the last action of its kind on the target that this exporter ran (pgvigil).',
    labels: ['target', 'action'],
  },
  total: {
    name: 'pgvigil_jobs_total',
    type: 'counter',
    help: 'Actions that ended, by outcome (pgvigil).',
    labels: ['target', 'action', 'outcome'],
  },
} as const;

const told = ({ name, help, labels }: (typeof jobMetrics)[keyof typeof jobMetrics]) => ({
  name,
  help,
  labelNames: [...labels],
  registers: [],
});

export class JobMetrics {
  readonly #registry: Registry;
  readonly #start = new Gauge(told(jobMetrics.start));
  readonly #end = new Gauge(told(jobMetrics.end));
  readonly #total = new Counter(told(jobMetrics.total));

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
