/** What the exporter and the thread of the clients tell each other. */
import type { Dsn } from '../../config/types.ts';
import { DatabaseFailure, type Reason } from '../../db/errors.ts';
import {
  BadStatement,
  type LoadPlan,
  type LoadTick,
  type SegmentOrder,
  type SegmentResult,
  type Sessions,
} from './types.ts';

/** A copy between threads takes what is enumerable, which a password never is: it is handed over by name, in memory. */
export interface PackedPlan {
  readonly plan: LoadPlan;
  readonly password: string | undefined;
}

export const packPlan = (plan: LoadPlan): PackedPlan => ({ plan, password: plan.dsn.password });

export function unpackPlan({ plan, password }: PackedPlan): LoadPlan {
  const dsn: Dsn = Object.defineProperty({ ...plan.dsn }, 'password', { value: password, enumerable: false });
  return { ...plan, dsn };
}

export type ToClients =
  | { readonly kind: 'run'; readonly order: SegmentOrder }
  | { readonly kind: 'renew'; readonly arm: string }
  | { readonly kind: 'abort' }
  | { readonly kind: 'close' };

export type FromClients =
  | { readonly kind: 'ready'; readonly sessions: Readonly<Record<string, Sessions>> }
  | { readonly kind: 'renewed' }
  | { readonly kind: 'tick'; readonly tick: LoadTick }
  | { readonly kind: 'result'; readonly result: SegmentResult }
  | { readonly kind: 'failed'; readonly failure: PackedFailure };

/** The class of an error gets lost between threads. */
export type PackedFailure =
  | { readonly kind: 'statement'; readonly statement: string; readonly message: string; readonly sqlState?: string }
  | {
      readonly kind: 'database';
      readonly reason: Reason;
      readonly message: string;
      readonly fatal: boolean;
      readonly sqlState?: string;
    }
  | { readonly kind: 'other'; readonly name: string; readonly message: string };

export function packFailure(error: unknown): PackedFailure {
  if (error instanceof BadStatement) {
    const { statement, detail: message, sqlState } = error;
    return { kind: 'statement', statement, message, sqlState };
  }
  if (error instanceof DatabaseFailure) {
    const { reason, message, fatal, sqlState } = error;
    return { kind: 'database', reason, message, fatal, sqlState };
  }
  const { name, message } = error as Error;
  return { kind: 'other', name, message };
}

export function unpackFailure(failure: PackedFailure): Error {
  switch (failure.kind) {
    case 'statement':
      return new BadStatement(failure.statement, failure.message, failure.sqlState);
    case 'database':
      return new DatabaseFailure(failure.reason, failure.message, failure);
    case 'other':
      return Object.assign(new Error(failure.message), { name: failure.name });
  }
}
