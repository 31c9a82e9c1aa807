import type { Blocker, Session } from '@pgvigil/exporter/contract';

export interface Group {
  readonly state: string;
  readonly sessions: readonly Session[];
}

/** What costs or holds something comes first; what is not listed stands before `background`. */
const ORDER = ['active', 'idle in transaction (aborted)', 'idle in transaction', 'fastpath function call', 'idle'];
/** Of the server's own: checkpointer, walsenders, autovacuum … */
export const BACKGROUND = 'background processes';
const UNKNOWN = 'state not visible';

const rank = (state: string) => {
  const at = ORDER.indexOf(state);
  return state === BACKGROUND ? ORDER.length + 1 : at === -1 ? ORDER.length : at;
};

/** By state; in each the oldest transaction first, then the longest in its state. Parallel workers follow their session. */
export function grouped(sessions: readonly Session[]): Group[] {
  const states = new Map<string, Session[]>();
  const helpers = new Map<number, Session[]>();
  const shown = new Set(sessions.map(({ pid }) => pid));
  for (const session of sessions) {
    const { leaderPid } = session;
    const state = session.background ? BACKGROUND : (session.state ?? UNKNOWN);
    if (leaderPid !== null && shown.has(leaderPid)) put(helpers, leaderPid, session);
    else put(states, state, session);
  }
  const age = (session: Session) => session.transactionSeconds ?? -1;
  return [...states.entries()]
    .map(([state, of]) => ({
      state,
      sessions: of
        .sort((a, b) => age(b) - age(a) || (b.stateSeconds ?? 0) - (a.stateSeconds ?? 0) || a.pid - b.pid)
        .flatMap((session) => [session, ...(helpers.get(session.pid) ?? [])]),
    }))
    .sort((a, b) => rank(a.state) - rank(b.state) || a.state.localeCompare(b.state));
}

function put<K>(map: Map<K, Session[]>, key: K, session: Session): void {
  map.set(key, [...(map.get(key) ?? []), session]);
}

/** Without the parallel workers: each is one more process of a session that is counted. */
export const countOf = ({ sessions }: Group): number => sessions.filter(({ leaderPid }) => leaderPid === null).length;

/** Who it is, in two lines: what a process of the server's own is called says more than whose right it has. */
export function namesOf({ user, application, backendType, background, leaderPid }: Session): [string, string] {
  if (leaderPid !== null) return [backendType, `of session ${leaderPid}`];
  if (background) return [backendType, [user, application].filter(Boolean).join(' · ')];
  return [user ?? backendType, application];
}

/** Idle sessions of the exporter itself: they are its connections, and no news. */
export const isQuiet = ({ own, state }: Session): boolean => own && state === 'idle';

/** Every word has to be in one of the values. */
export function hasWords(values: readonly unknown[], search: string): boolean {
  const text = values.join('\n').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const wordsOf = ({ pid, backendType, user, database, application, client, query, state, waitEvent }: Session) => [
  pid,
  backendType,
  user,
  database,
  application,
  client,
  query,
  state,
  waitEvent,
];

export const found = (sessions: readonly Session[], search: string): readonly Session[] =>
  search.trim() === '' ? sessions : sessions.filter((session) => hasWords(wordsOf(session), search));

/** Sessions that wait for a lock, each once, however often the tree shows it. */
export function victimsOf(roots: readonly Blocker[]): Set<number> {
  const seen = new Set<number>();
  const walk = (children: readonly Blocker[]): void =>
    children.forEach((child) => {
      if (!seen.has(child.pid)) {
        seen.add(child.pid);
        walk(child.children);
      }
    });
  roots.forEach((root) => walk(root.children));
  return seen;
}
