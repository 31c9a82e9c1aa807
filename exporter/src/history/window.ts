/** Reading the history. All throw StateUnavailable or StateMissing when the state database cannot be read. */
export { historySpan } from './span.ts';
export { listStatements } from './list.ts';
export { readStatement } from './detail.ts';
export { waitHistory } from './waits.ts';
export { sessionsAt } from './samples_at.ts';
export { whyNotRecorded } from './source.ts';
