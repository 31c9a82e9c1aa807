/** What a load is, and what it leaves. */
import type { Dsn } from '../../config/types.ts';
import type { StatementRecord, Tick } from '../recording.ts';
import type { Found } from '../workload/parameters.ts';
import type { Load, Statement } from '../workload/schema.ts';

export interface Arm {
  readonly name: string;
  /** Settings of its sessions. */
  readonly session: Readonly<Record<string, string>>;
}

export interface LoadPlan {
  readonly dsn: Dsn;
  /** Each has its clients, connected from the start. */
  readonly arms: readonly Arm[];
  /** Per arm. */
  readonly clients: number;
  readonly load: Load;
  readonly statements: readonly Statement[];
  /** The server cancels a step that takes longer; an answer that is a second late on top is cancelled from here. */
  readonly statementTimeoutMs: number;
  /** How long what was due in a segment is still sent after its end: an overloaded server might never catch up. */
  readonly catchUpMs?: number;
  /** See `findValues`. */
  readonly found: Found;
}

/** Of one arm. */
export interface Sessions {
  /** Between the clients and the server stands something that lends its sessions for a transaction at a time. */
  readonly pooled: boolean;
  /** Each session parses a statement once (a named one). Else it is parsed each time. */
  readonly prepared: boolean;
}

/** Seconds of arrivals, or statements in all over all clients. */
export type Until = { readonly seconds: number } | { readonly count: number };

/** One second; `at` counts from the segment's beginning, and the arm is the segment's. */
export type LoadTick = Omit<Tick, 'arm'>;

export interface FirstError {
  readonly statement: string;
  /** The server's. */
  readonly message: string;
}

export interface SegmentResult {
  readonly startedAt: Date;
  /** To the last answer, and not less than the seconds that were asked for. */
  readonly seconds: number;
  readonly due: number;
  readonly sent: number;
  readonly statements: Readonly<Record<string, StatementRecord>>;
  readonly ticks: readonly LoadTick[];
  /** By what is counted in `errors`: the first of each. */
  readonly messages: Readonly<Record<string, FirstError>>;
}

export interface SegmentOrder {
  readonly arm: string;
  readonly seed: number;
  readonly until: Until;
  /** For the warm-up: ends at the first error that would come again. */
  readonly strict?: boolean;
}

/** A statement of the workload does not work: no run of it can be right. */
export class BadStatement extends Error {
  readonly statement: string;
  /** The server's message. */
  readonly detail: string;
  readonly sqlState: string | undefined;

  constructor(statement: string, detail: string, sqlState?: string) {
    super(`statement ${statement}: ${detail}`);
    this.statement = statement;
    this.detail = detail;
    this.sqlState = sqlState;
  }
}
