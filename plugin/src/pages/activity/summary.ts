import type { Activity } from '@pgvigil/exporter/contract';
import { plural } from '../../lib/format';
import { formatDuration } from '../../lib/time';
import { countOf, grouped, victimsOf } from './groups';

/** Name of a session in a sentence. */
export const who = (pid: number): string => (pid === 0 ? 'a prepared transaction' : `session ${pid}`);

/** The page's answer in one sentence: who blocks whom, for how long. */
export function answerOf({ blocking, sessions }: Activity): string {
  const victims = victimsOf(blocking);
  if (victims.size === 0) return 'Nobody waits for anybody.';
  const waits = sessions.filter(({ pid }) => victims.has(pid)).map(({ waitingSeconds }) => waitingSeconds ?? 0);
  const longest = Math.max(0, ...waits);
  const verb = victims.size === 1 ? 'waits' : 'wait';
  const blockers = blocking.map(({ pid }) => who(pid));
  const behind = blockers.length > 3 ? plural(blockers.length, 'blocker') : blockers.join(' and ');
  return `${plural(victims.size, 'session')} ${verb} for ${behind}${longest > 0 ? `, for up to ${formatDuration(Math.max(1, longest))}` : ''}.`;
}

/** "3 active · 1 idle in transaction · 8 idle" */
export const countsOf = ({ sessions }: Activity): string =>
  grouped(sessions)
    .map((group) => `${countOf(group)} ${group.state}`)
    .join(' · ');
