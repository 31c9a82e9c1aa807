import type { Status, Target } from '@pgvigil/exporter/contract';
import { formatDuration } from '../lib/time';

/** One part of the line of truth. */
export interface Fact {
  readonly words: string;
  /** Shown on demand: reason and cure; empty when there is nothing to explain. */
  readonly why: string;
  readonly state: 'plain' | 'off' | 'bad';
}

/** @param ageSeconds since the target was asked about; its own ages are of then. */
export function facts(target: Target, status: Status, ageSeconds: number): Fact[] {
  return [dataFact(target, ageSeconds), historyFact(target, status), actionsFact(target, status)];
}

function dataFact({ up, problem, history }: Target, ageSeconds: number): Fact {
  if (!up) return { words: 'target is down', why: problem, state: 'bad' };
  return plain(`data ${formatDuration((history?.ageSeconds ?? 0) + ageSeconds)} old`);
}

function historyFact({ history }: Target, { state, history: { intervalSeconds } }: Status): Fact {
  if (history) {
    const seconds = history.days * 86_400;
    const words = `history ${seconds < 2 * 86_400 ? formatDuration(seconds) : `${Math.floor(history.days)} days`}`;
    return state.state === 'unavailable' ? { words, why: reasonOf(state), state: 'bad' } : plain(words);
  }
  if (state.state === 'on') {
    const why = `Two snapshots are needed; they are ${formatDuration(intervalSeconds)} apart.`;
    return { words: 'history: none yet', why, state: 'off' };
  }
  return { words: `history: ${state.state}`, why: reasonOf(state), state: state.state === 'off' ? 'off' : 'bad' };
}

function actionsFact(target: Target, status: Status): Fact {
  const part = status.actions.state === 'on' ? target.actions : status.actions;
  if (part.state !== 'on') {
    return { words: `actions: ${part.state}`, why: reasonOf(part), state: part.state === 'off' ? 'off' : 'bad' };
  }
  switch (status.you.role) {
    case 'Admin':
      return plain('actions: on (you may run them)');
    case 'Editor':
      return {
        words: 'actions: on (you may run some)',
        why: 'An Editor may cancel, analyze, vacuum and refresh; the rest is for Admins.',
        state: 'plain',
      };
    case 'Viewer':
      return { words: 'actions: on (not for Viewers)', why: 'Editors and Admins may run actions.', state: 'plain' };
  }
}

const plain = (words: string): Fact => ({ words, why: '', state: 'plain' });
const reasonOf = ({ reason, cure }: { reason: string; cure: string }) => [reason, cure].filter(Boolean).join(' ');
