import type { Activity, Role, Session } from '../../contract/index.ts';
import { waitHistory } from '../../history/waits.ts';
import { blockingTree } from '../../live/blocking_tree.ts';
import { queryText } from '../../live/query_text.ts';
import { readSessions, seesAllSessions, type SessionRow } from '../../live/sessions.ts';
import { normaliseQuery } from '../../statements/normalise.ts';
import { loadParser } from '../../statements/parser.ts';
import type { Handlers, Services } from '../services.ts';
import { fromState } from '../state.ts';
import { targetOf } from '../targets.ts';

const HOUR_MS = 3_600_000;

export const activityHandlers = {
  'GET /api/v1/activity': async ({ query }, caller, services): Promise<Activity> => {
    const target = targetOf(services, query.target);
    await loadParser();
    const [rows, sees, history] = await Promise.all([
      readSessions(target),
      seesAllSessions(target),
      historyOf(target.name, services),
    ]);
    const sessions = rows.map((row) => shown(row, caller.role));
    const blockers = new Set(sessions.flatMap(({ blockedBy }) => blockedBy));
    return {
      at: new Date().toISOString(),
      // Whoever blocks is shown, wherever they are and whatever they do: a lock held at session level outlives its transaction.
      sessions: sessions.filter(
        ({ pid, state, database }) =>
          blockers.has(pid) ||
          ((query.idle === 'true' || state !== 'idle') && (query.database ?? database) === database),
      ),
      blocking: blockingTree(sessions),
      waits: waitsOf(sessions),
      history,
      problem: sees
        ? ''
        : "The monitoring role sees its own sessions only: grant pg_monitor to it, and it sees the others' too.",
    };
  },
} satisfies Handlers<'GET /api/v1/activity'>;

const shown = (row: SessionRow, role: Role): Session => ({ ...row, query: queryText(row.query, role, normaliseQuery) });

function waitsOf(sessions: readonly Session[]): Activity['waits'] {
  const counts = new Map<string, Activity['waits'][number]>();
  for (const { state, waitType, waitEvent } of sessions) {
    if (state !== 'active' || waitType === null) continue;
    const key = `${waitType} ${waitEvent}`;
    const known = counts.get(key);
    counts.set(key, { type: waitType, event: waitEvent, sessions: (known?.sessions ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.sessions - a.sessions);
}

function historyOf(target: string, services: Services): Promise<Activity['history']> {
  const to = new Date();
  return fromState(services, [], (store) => waitHistory(store, target, { from: new Date(to.getTime() - HOUR_MS), to }));
}
