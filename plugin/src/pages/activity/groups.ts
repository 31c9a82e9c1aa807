import type { Blocker, Session } from '@pgvigil/exporter/contract';

export interface Group {
  readonly state: string;
  readonly sessions: readonly Session[];
}

/** What costs or holds something comes first; what is not listed stands before `background`. */
const ORDER = ['active', 'idle in transaction (aborted)', 'idle in transaction', 'fastpath function call', 'idle'];
/** Of sessions without a state: autovacuum, walsender, checkpointer … */
export const BACKGROUND = 'background processes';

const rank = (state: string) => {
  const at = ORDER.indexOf(state);
  return state === BACKGROUND ? ORDER.length + 1 : at === -1 ? ORDER.length : at;
};

/** By state; in each the oldest transaction first, then the longest in its state. */
export function grouped(sessions: readonly Session[]): Group[] {
  const states = new Map<string, Session[]>();
  for (const session of sessions) {
    const state = session.state ?? BACKGROUND;
    states.set(state, [...(states.get(state) ?? []), session]);
  }
  const age = (session: Session) => session.transactionSeconds ?? -1;
  return [...states.entries()]
    .map(([state, of]) => ({
      state,
      sessions: of.sort((a, b) => age(b) - age(a) || (b.stateSeconds ?? 0) - (a.stateSeconds ?? 0) || a.pid - b.pid),
    }))
    .sort((a, b) => rank(a.state) - rank(b.state) || a.state.localeCompare(b.state));
}

/** Without a statement and without times; of what we may not see not even the type is known. */
export const isBackground = ({ state, backendType }: Session): boolean => state === null && backendType !== '';

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

const wordsOf = ({ pid, user, database, application, client, query, state, waitEvent }: Session) => [
  pid,
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
