/** How one run of one collector in one database ended. */
import type { Reason } from '../db/errors.ts';
import type { Output } from './sink.ts';
import type { Collector } from './types.ts';

export interface Problem {
  readonly reason: Reason | 'missing_extension' | 'missing_privilege';
  /** For a person: what is missing and what it costs. No secret, no user data beyond object names. */
  readonly message: string;
}

export interface Result {
  readonly collector: Collector;
  /** The database that was asked; undefined for the whole server. */
  readonly database: string | undefined;
  /** Undefined after a failure, or when this server has nothing for the collector. */
  readonly output: Output | undefined;
  readonly success: boolean;
  readonly problems: readonly Problem[];
  /** Seconds of its own: in a pipeline, since the result before it. */
  readonly durationSeconds: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Results by collector and database: a later one replaces an earlier one. */
export class Results {
  private readonly byKey = new Map<string, Result>();

  set(result: Result): void {
    this.byKey.set(keyOf(result.collector, result.database), result);
  }

  get(collector: Collector, database: string | undefined): Result | undefined {
    return this.byKey.get(keyOf(collector, database));
  }

  delete(collector: Collector, database: string | undefined): void {
    this.byKey.delete(keyOf(collector, database));
  }

  all(): Result[] {
    return [...this.byKey.values()];
  }
}

export const keyOf = (collector: Collector, database: string | undefined): string =>
  `${collector.name}\0${database ?? ''}`;
