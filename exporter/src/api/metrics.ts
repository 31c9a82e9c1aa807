/** How long the API takes, by endpoint: its users are people who wait. */
import { Histogram, type Registry } from 'prom-client';
import type { EndpointKey } from '../contract/index.ts';

/** Every metric of this file; the manual reads it. */
export const apiMetrics = {
  duration: {
    name: 'pgvigil_api_request_duration_seconds',
    type: 'histogram',
    help: 'Time until an answer of the API was ready to be sent, by endpoint and status (pgvigil).',
    labels: ['method', 'path', 'code'],
  },
} as const;

/** Around the target of 0.1 s, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export class ApiMetrics {
  readonly #registry: Registry;
  readonly #duration: Histogram;

  constructor(registry: Registry) {
    const { name, help, labels } = apiMetrics.duration;
    this.#registry = registry;
    this.#duration = new Histogram({ name, help, labelNames: [...labels], buckets: BUCKETS, registers: [] });
  }

  /** @param key as the contract has it, parameters by name: a path with their values would be a series each. */
  answered(key: EndpointKey, code: number, seconds: number): void {
    // From its first sample on: prom-client would print the header of an empty one.
    this.#registry.registerMetric(this.#duration);
    const [method, path] = key.split(' ');
    this.#duration.observe({ method, path, code }, seconds);
  }
}
