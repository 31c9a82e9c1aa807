import type { Activity, EndpointKey, PastSessions, Role, Session, Waits } from '../../contract/index.ts';
import { sessionsAt, waitHistory, whyNotRecorded } from '../../history/window.ts';
import { blockingTree } from '../../live/blocking_tree.ts';
import { queryText } from '../../live/query_text.ts';
import { readSessions, seesAllSessions, type SessionRow } from '../../live/sessions.ts';
import { normaliseQuery } from '../../statements/normalise.ts';
import { loadParser } from '../../statements/parser.ts';
import { timeRange } from '../../statements/time_range.ts';
import { stateMissing } from '../errors.ts';
import type { Handlers, Services } from '../services.ts';
import { ofStatements } from '../statement_failure.ts';
import { targetOf } from '../targets.ts';

export const activityHandlers = {
  'GET /api/v1/activity': async ({ query }, caller, services): Promise<Activity> => {
    const target = targetOf(services, query.target);
    await loadParser();
    const [rows, sees] = await Promise.all([readSessions(target), seesAllSessions(target)]);
    const sessions = rows.map((row) => shown(row, caller.role));
    const blockers = new Set(sessions.flatMap(({ blockedBy }) => blockedBy));
    return {
      at: new Date().toISOString(),
      // Whoever blocks is shown, wherever they are and whatever they do: a lock held at session level outlives its transaction.
      sessions: sessions.filter(
        ({ pid, state, background, database }) =>
          blockers.has(pid) ||
          ((query.idle === 'true' || state !== 'idle' || background) && (query.database ?? database) === database),
      ),
      blocking: blockingTree(sessions),
      waits: waitsOf(sessions),
      problem: sees
        ? ''
        : "The monitoring role sees its own sessions only: grant pg_monitor to it, and it sees the others' too.",
    };
  },

  'GET /api/v1/activity/waits': ({ query }, _, services): Promise<Waits> =>
    ofStatements(async () => {
      const { target, database, ...asked } = query;
      const live = targetOf(services, target);
      const store = storeOf(services);
      const range = timeRange(asked, services.config.history.retentionDays);
      const found = await waitHistory(store, live.name, range, database);
      if (found.points.length > 0) return found;
      const why = await whyNotRecorded(live);
      return why === null ? found : { ...found, window: { ...found.window, notes: [why] } };
    }),

  'GET /api/v1/activity/past': ({ query }, _, services): Promise<PastSessions> => {
    const { target, database, at } = query;
    const live = targetOf(services, target);
    // What goes on now is written with the next point.
    const latest = Date.now() - services.config.history.intervalSeconds * 1000;
    return sessionsAt(storeOf(services), live.name, new Date(at ?? latest), database);
  },
} satisfies Handlers<Extract<EndpointKey, `${string}/activity${string}`>>;

function storeOf({ store }: Services): NonNullable<Services['store']> {
  if (store === undefined) throw stateMissing();
  return store;
}

const shown = (row: SessionRow, role: Role): Session => ({ ...row, query: queryText(row.query, role, normaliseQuery) });

const CLIENT = 'client backend';

function waitsOf(sessions: readonly Session[]): Activity['waits'] {
  const counts = new Map<string, Activity['waits'][number]>();
  for (const { backendType, state, waitType, waitEvent } of sessions) {
    // As in the history: who helps a session or serves the server is none.
    if (backendType !== CLIENT || state !== 'active' || waitType === null) continue;
    const key = `${waitType} ${waitEvent}`;
    const known = counts.get(key);
    counts.set(key, { type: waitType, event: waitEvent, sessions: (known?.sessions ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.sessions - a.sessions);
}
