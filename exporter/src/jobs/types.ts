import type { Registry } from 'prom-client';
import type { Config } from '../config/types.ts';
import type { Measure, Role } from '../contract/index.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** Who asks. */
export interface Requester {
  readonly login: string;
  readonly role: Role;
}

export interface TimeSpan {
  readonly from: Date;
  readonly to: Date;
}

/** What statements on a table cost before and after; from the history. Empty when it cannot be told. */
export type StatementEffect = (
  where: { readonly target: string; readonly database: string; readonly table: string },
  before: TimeSpan,
  after: TimeSpan,
) => Promise<readonly Measure[]>;

/** Seconds, each; tests shorten them. */
export interface JobTimings {
  /** A plan may be confirmed for so long. */
  readonly planSeconds: number;
  /** Without a sign of life for so long, a job is another exporter's to close. */
  readonly leaseSeconds: number;
  /** Between two looks at a running statement. */
  readonly pollSeconds: number;
  /** Between two looks for jobs that wait, or whose exporter is gone. */
  readonly sweepSeconds: number;
  /** One wait for a lock: others queue behind us no longer than that. */
  readonly lockTrySeconds: number;
  /** After the end, the effect on statements is measured over this long. */
  readonly effectSeconds: number;
}

export interface JobsOptions {
  readonly config: Config;
  /** Undefined: no state database is configured; then only cancel and terminate work. */
  readonly store: Store | undefined;
  readonly log: Log;
  /** Gets the metrics of jobs. */
  readonly registry: Registry;
  readonly statementEffect?: StatementEffect;
  readonly timings?: Partial<JobTimings>;
}
