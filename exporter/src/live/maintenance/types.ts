import type { Finding } from '../../contract/index.ts';
import { type RelationRow, relationOf } from '../relations.ts';

/** One way to look; the first whose function is there and open to the monitoring role is used. */
export interface Variant {
  /** As to_regprocedure takes it. Absent: the catalogue alone is enough. */
  readonly uses?: string;
  readonly sql: string;
}

/** One statement in one database, and what its rows mean. */
export interface Look {
  /** What is looked at, as the beginning of a sentence. */
  readonly title: string;
  readonly variants: readonly Variant[];
  /** Said where only a variant without a function was left, or none; empty when nothing is missed. */
  readonly missing: string;
  /** Seconds that what it found may be shown for. */
  readonly ttlSeconds: number;
  findings(row: never): readonly Draft[];
}

/** A finding without what all have in common. */
export type Draft = Omit<Finding, 'id' | 'database'>;

type Given = Pick<Draft, 'action' | 'message'> & Partial<Draft>;

/** Of a table with fewer rows neither plans nor scans are worth a person's time, whatever its thresholds say. */
export const WORTH_ROWS = 1000;

/** With the oid as the parameter that the action takes. */
export const draft = (row: RelationRow, parameter: 'table' | 'index' | 'view', given: Given): Draft => ({
  params: { [parameter]: row.oid },
  relation: relationOf(row),
  state: 'warn',
  gain: null,
  heldBack: '',
  since: null,
  ...given,
});

/** As messages name it. */
export const printed = ({ schema, name }: RelationRow): string => `${schema}.${name}`;
