/** What the readers of the history take and give. Times in ISO 8601 as the contract has them; seconds and bytes. */
import type { QueryDetail, SlowQueries, Target } from '../contract/index.ts';
import type { SORTS } from '../contract/queries.ts';

export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

export interface StatementsQuery extends TimeRange {
  /** Name of the configured target. */
  readonly target: string;
  readonly database?: string;
  readonly user?: string;
  /** select, insert, update, delete, merge, utility or other. */
  readonly kind?: string;
  /** As written in the statement. */
  readonly table?: string;
  /** `CPU`, or `type:event` as in the answer's `mainWait`; those whose main wait it is. */
  readonly wait?: string;
  /** Part of the text, or a queryid. */
  readonly search?: string;
  readonly sort: (typeof SORTS)[number];
  readonly order: 'asc' | 'desc';
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
}

/** The whole answer of GET slow-queries. */
export type StatementsPage = SlowQueries;

export interface StatementKey {
  readonly target: string;
  /** Signed, in decimal. */
  readonly queryId: string;
  readonly database?: string;
  /** Absent: the user for whom it cost most in the window. */
  readonly user?: string;
}

/** What the history knows of one statement: the query detail without what only the live database knows. */
export interface StatementHistory extends Omit<QueryDetail, 'marks' | 'tables' | 'indexes' | 'problems'> {
  /** Named in it, as written; the detail looks them up. */
  readonly tableNames: readonly string[];
}

export type HistorySpan = NonNullable<Target['history']>;
