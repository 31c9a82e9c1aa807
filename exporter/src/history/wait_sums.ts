/** Session samples of a window, by statement and by wait. */
import type { Names } from './index_cache.ts';

export interface Waited {
  readonly type: string;
  readonly event: string;
  readonly seconds: number;
}

/** Statement → what it waited for, most first. */
export type WaitsByStatement = ReadonlyMap<number, readonly Waited[]>;

/** Active sessions only: what idles in a transaction runs no statement. */
export function waitsByStatement(seconds: ReadonlyMap<number, number>, names: Names): WaitsByStatement {
  const sums = new Map<number, Map<string, { type: string; event: string; seconds: number }>>();
  for (const [id, value] of seconds) {
    const wait = names.waits.get(id);
    if (wait?.state !== 'active') continue;
    const statement = names.find(wait);
    if (statement === undefined) continue;
    const known = sums.get(statement) ?? new Map<string, { type: string; event: string; seconds: number }>();
    sums.set(statement, known);
    const label = labelOf(wait);
    const sum = known.get(label) ?? { type: wait.type, event: wait.event, seconds: 0 };
    known.set(label, sum);
    sum.seconds += value;
  }
  return new Map(
    Array.from(sums, ([statement, waits]) => [
      statement,
      [...waits.values()].sort((a, b) => b.seconds - a.seconds || (labelOf(a) < labelOf(b) ? -1 : 1)),
    ]),
  );
}

/** `CPU`, or `Lock:transactionid`. */
export const labelOf = ({ type, event }: { type: string; event: string }): string =>
  event === '' ? type : `${type}:${event}`;
