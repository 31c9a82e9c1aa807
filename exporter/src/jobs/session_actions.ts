/** Cancel and terminate: noted on disk, done at once, audited when the state database is there. */
import { randomUUID } from 'node:crypto';
import type { SessionAction } from '../actions/types.ts';
import type { ParamValues, SessionActionResult } from '../contract/index.ts';
import { DatabaseFailure } from '../db/errors.ts';
import type { Query, Store } from '../store/store.ts';
import { type AuditEvent, insertEvents } from './audit.ts';
import type { Journal } from './journal.ts';
import type { JobMetrics } from './metrics.ts';
import { Refusal } from './refusal.ts';
import type { Looked, Signalled, Signaller } from './signaller.ts';
import type { Requester } from './types.ts';

/** Longer than this, nobody waits for the state database: the journal has it. */
const AUDIT_WITHIN_MS = 1500;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d(:?\d\d)?)$/;
const PRIVILEGE = '42501';
const GRANTS_HINT =
  'Grant pg_signal_backend and pg_read_all_stats (or pgvigil_maintain) to the login, for autovacuum pg_signal_autovacuum_worker; sessions of superusers stay out of reach.';

interface Tools {
  readonly journal: Journal;
  readonly store: Store | undefined;
  readonly signaller: Signaller;
  readonly metrics: JobMetrics;
}

export async function actOnSession(
  action: SessionAction,
  session: ParamValues['session'],
  target: string,
  who: Requester,
  tools: Tools,
): Promise<SessionActionResult> {
  if (session === undefined) {
    throw new Refusal(
      'bad_request',
      'params.session is missing',
      'Give pid and backendStart as GET /api/v1/activity has them.',
    );
  }
  if (!TIME.test(session.backendStart)) {
    const hint = 'Give it as GET /api/v1/activity has it, e.g. 2026-11-23T10:00:00.123456Z.';
    throw new Refusal('bad_request', 'params.session.backendStart is no point in time with its zone', hint);
  }
  const { pid } = session;
  // What it is and where is not for the caller to say. A server that does not answer fails below, where that is noted.
  const looked = tools.signaller.look(session);
  const database = (await looked.catch(() => undefined))?.database ?? '';
  const entry = randomUUID();
  const began = new Date();
  const title = `${action.title} of session ${pid}`;
  const note = (event: AuditEvent['event'], message: string): Promise<void> =>
    tools.journal.append({
      eventId: randomUUID(),
      entry,
      at: new Date().toISOString(),
      event,
      login: who.login,
      role: who.role,
      action: action.id,
      title,
      target,
      database,
      statements: [action.sql.trim().replace(/\s+/g, ' ')],
      message,
      durationSeconds: event === 'confirmed' ? null : (Date.now() - began.getTime()) / 1000,
      effect: [],
      job: null,
    });
  await note('confirmed', `pid ${pid}, started ${session.backendStart}`).catch((error: unknown) => {
    throw new Refusal(
      'state_unavailable',
      (error as Error).message,
      'Without the journal nothing is done: make it writable (--actions.journal-file).',
    );
  });
  const end = async (event: AuditEvent['event'], message: string): Promise<boolean> => {
    tools.metrics.started(target, action.id, began);
    tools.metrics.ended(target, action.id, new Date(), event);
    await note(event, message).catch(() => undefined);
    return replayWithin(tools);
  };
  try {
    const seen = await looked;
    if (seen && !seen.signals.includes(action.id)) {
      const message = notFor(action, pid, seen);
      return { done: false, message, audited: await end('refused', message) };
    }
    // An editor must not stop by its session what takes an administrator to stop by its job.
    const mayEndJobs = who.role === 'Admin';
    const { present, same, done, own, job } = await tools.signaller.send(action, session, mayEndJobs);
    if (present && same === null) {
      const why = `the login may not see when session ${pid} began, so that it cannot be told from another with its pid`;
      throw new Refusal('database_error', why, GRANTS_HINT);
    }
    const message = done ? action.said(pid) : whyNot(pid, { present, same, own, job: mayEndJobs ? null : job });
    return { done, message, audited: await end(done ? 'done' : 'refused', message) };
  } catch (error) {
    await end('failed', (error as Error).message);
    if (error instanceof DatabaseFailure && error.sqlState === PRIVILEGE) {
      throw new Refusal('database_error', error.message, GRANTS_HINT);
    }
    throw error;
  }
}

function notFor({ title }: SessionAction, pid: number, { backendType, leaderPid }: Looked): string {
  const cure = leaderPid === null ? '' : `; it works for session ${leaderPid}, which is the one to stop`;
  return `process ${pid} is a ${backendType}, which “${title}” is not for: it was left alone${cure}`;
}

function whyNot(pid: number, { present, same, own, job }: Omit<Signalled, 'done'>): string {
  if (own) return `session ${pid} is the one by which pgvigil cancels and terminates; it was left alone`;
  if (!present) return `session ${pid} had ended by itself`;
  if (!same) return `session ${pid} had ended; its pid belongs to another session now, which was left alone`;
  if (job !== null) {
    return `session ${pid} works for job ${job}; it was left alone: cancel the job, which takes the role that its action takes`;
  }
  return `session ${pid} did not end in time: it may be in the middle of something that cannot be interrupted`;
}

/** @returns whether the audit has all of it by now. */
async function replayWithin({ journal, store }: Tools): Promise<boolean> {
  if (store === undefined) return false;
  const replayed = replayJournal(journal, store).then(
    () => true,
    () => false,
  );
  const timeout = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), AUDIT_WITHIN_MS).unref());
  return Promise.race([replayed, timeout]);
}

/** @throws StateUnavailable, StateMissing: then all stay in the journal. */
export const replayJournal = (journal: Journal, store: Store): Promise<void> =>
  journal.replay((events) => insertGood(store.query.bind(store), events));

/** One event that the audit refuses must not keep the others out of it. @returns those refused. */
async function insertGood(query: Query, events: readonly AuditEvent[]): Promise<readonly AuditEvent[]> {
  try {
    await insertEvents(query, events);
    return [];
  } catch (error) {
    if (!isBadValue(error)) throw error;
    if (events.length === 1) return events;
  }
  const refused: AuditEvent[] = [];
  for (const event of events) refused.push(...(await insertGood(query, [event])));
  return refused;
}

/** Classes 22 and 23: a value that does not fit, now or later. */
const isBadValue = (error: unknown): boolean => error instanceof DatabaseFailure && /^2[23]/.test(error.sqlState ?? '');
