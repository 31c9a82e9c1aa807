import type { Collector, MetricType } from '../types.ts';

/** What another release of postgres_exporter did differently. Collectors not named here are the same in every profile. */
export interface Profile {
  readonly name: string;
  /** `server="host:port"` on the metrics of every PostgreSQL collector, of the collectors listed, or of none. */
  readonly serverLabel: boolean | readonly string[];
  /** By name, the collectors that take another's place. */
  readonly replace: Readonly<Record<string, Collector>>;
  /** Metric as the collector names it → as this release named it. */
  readonly rename: Readonly<Record<string, string>>;
  /** Types, by the metric's name before `rename`. */
  readonly types: Readonly<Record<string, MetricType>>;
  /** Metrics that this release did not have, by their name before `rename`. */
  readonly omit: readonly string[];
}
