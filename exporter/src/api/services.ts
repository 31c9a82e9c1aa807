import type { Benchmarks } from '../benchmark/benchmarks.ts';
import type { Config } from '../config/types.ts';
import type { Answer, EndpointKey, Input, Role } from '../contract/index.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { LiveTarget } from '../live/live_target.ts';
import type { Log } from '../log.ts';
import type { Collector } from '../metrics/types.ts';
import type { Store } from '../store/store.ts';

/** Who asks: Grafana's user, or `direct` for a caller with the secret and no Grafana in between. */
export interface Caller {
  readonly login: string;
  readonly role: Role;
}

/** What handlers work with; made once, in `pgvigil serve`. */
export interface Services {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  /** Those that run, under the names that they have here. */
  readonly collectors: readonly Collector[];
  /** By name, in the order of the configuration. */
  readonly targets: ReadonlyMap<string, LiveTarget>;
  /** Undefined: no state database is configured. */
  readonly store: Store | undefined;
  /** Plans, runs and audits actions; without a state database cancel and terminate only. */
  readonly jobs: Jobs;
  /** Undefined where the store is. */
  readonly benchmarks: Benchmarks | undefined;
}

/** @throws ApiFailure; StateUnavailable, TargetUnavailable and DatabaseFailure get their codes from the server. */
export type Handler<K extends EndpointKey> = (
  input: Input<K>,
  caller: Caller,
  services: Services,
) => Promise<Answer<K>> | Answer<K>;
export type Handlers<K extends EndpointKey = EndpointKey> = { readonly [Key in K]: Handler<Key> };
