/** What an action is made of. No connection is opened here: a session is handed in. */
import type {
  ActionInfo,
  ActionPlan,
  Job,
  Measure,
  ParamValues,
  Relation,
  Role,
  SessionActionResult,
} from '../contract/index.ts';

/** A session of the maintenance role in the database at hand; every name that it prints has its schema. */
export interface ActionSession {
  /** @throws what the server says. */
  query<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

export type Precondition = ActionPlan['preconditions'][number];
export type Check = Job['verified'][number];

/** What a role needs, from the major version `from` on and before `until`; absent: no bound. */
export interface Grant {
  readonly from?: number;
  readonly until?: number;
  readonly text: string;
}

/**
 * How a statement waits.
 * - `session`: it does not; it prepares the session.
 * - `lock`: in a queue for a lock, with everybody who comes after behind it. Tried briefly, again and again.
 * - `transactions`: for transactions older than itself, while others go on (CONCURRENTLY). A lock_timeout would leave
 *   an invalid index, so its wait is watched.
 */
export type Waits = 'session' | 'lock' | 'transactions';

export interface Step {
  readonly sql: string;
  readonly waits: Waits;
}

export interface IndexName {
  readonly schema: string;
  readonly name: string;
}

/** What is needed after the plan: to measure, to verify, to find what was left behind. Stored as JSON. */
export interface Subject {
  /** The object that the advisory lock is for: the table, or the view. */
  readonly lockOid: number;
  /** What is measured: table, index or view. */
  readonly oid: number;
  /** As the server prints it, with its schema. */
  readonly name: string;
  /** Of an index, and of itself otherwise. */
  readonly table: string;
  /** Bytes that the action reads; with a duration it makes the rate of the next estimate. */
  readonly bytes: number | null;
  /** The index that must be there and valid afterwards; its oid may be another then. */
  readonly index?: IndexName;
  /** On a partitioned table: the indexes to be built, each with the one it is attached to. */
  readonly parts?: readonly { readonly index: IndexName; readonly parent: IndexName | null; readonly sql: string }[];
  /** Indexes of the table that were invalid before. */
  readonly invalidBefore?: readonly string[];
  /** Counters of before, where success shows as a change. */
  readonly before?: Readonly<Record<string, number | null>>;
}

export type Figure = Pick<Measure, 'title' | 'unit'> & { readonly value: number | null };

export interface Draft {
  /** The deed and its object: "Vacuum musicdb.tracks". */
  readonly title: string;
  readonly relation: Relation;
  readonly steps: readonly Step[];
  readonly lock: ActionPlan['lock'];
  readonly expected: ActionPlan['expected'];
  readonly waitsFor: readonly string[];
  readonly preconditions: readonly Precondition[];
  readonly predicted: readonly Measure[];
  readonly subject: Subject;
}

export interface PlanContext {
  /** Bytes per second of this action on this target, from its own earlier runs; undefined before the first. */
  readonly rate: number | undefined;
}

/** What an action changed on the server after it ended, well or not. */
export interface Verdict {
  readonly checks: readonly Check[];
  /** What to do about what is left; empty when nothing is. */
  readonly hint: string;
}

interface Common extends Omit<ActionInfo, 'grants' | 'kind' | 'role'> {
  readonly role: Exclude<Role, 'Viewer'>;
  readonly grants: readonly Grant[];
}

export interface MaintenanceAction extends Common {
  readonly kind: 'maintenance';
  /** One heavy action per database at a time. */
  readonly heavy: boolean;
  /** Its effect shows in the statements of the windows after it. */
  readonly affectsStatements: boolean;
  /** Changes nothing. @throws ActionRefusal for parameters that name nothing or the wrong thing. */
  plan(session: ActionSession, params: ParamValues, context: PlanContext): Promise<Draft>;
  /** Figures that it is meant to change; read before and after. */
  measure(session: ActionSession, subject: Subject): Promise<Figure[]>;
  /** After its end, also after a failed or interrupted one. */
  verify(session: ActionSession, subject: Subject): Promise<Verdict>;
}

/** Runs at once, on a connection that is held open for it. */
export interface SessionAction extends Common {
  readonly kind: 'session';
  /** $1 is the pid, $2 its start; one row with `done` and `present`. One statement: a pid may be given again. */
  readonly sql: string;
  /** What to say when it was done. */
  said(pid: number): Pick<SessionActionResult, 'message'>['message'];
}

export type Action = MaintenanceAction | SessionAction;

/** Wrong parameters, or an object that this action is not for. `message` names what, `hint` the cure. */
export class ActionRefusal extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
