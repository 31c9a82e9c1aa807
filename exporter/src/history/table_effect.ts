/** What the statements on a table cost before an action and after it, from the history. */
import type { Measure, Statement } from '../contract/index.ts';

import type { Store } from '../store/store.ts';
import { listStatements } from './list.ts';
import type { TimeRange } from './types.ts';

/** The costliest of a window; the rest does not decide. */
const STATEMENTS = 500;
/** Shown one by one. */
const SINGLE = 3;
const TEXT_LENGTH = 80;

/** Tables are noted as they are written in a statement, with or without schema and quotes. */
const plain = (name: string): string => name.replaceAll('"', '');

/** @returns a function of a table, as the server prints it, and two windows; it gives nothing where nothing ran in both. */
export const tableEffect =
  (store: Store) =>
  async (
    { target, database, table }: { readonly target: string; readonly database: string; readonly table: string },
    before: TimeRange,
    after: TimeRange,
  ): Promise<Measure[]> => {
    const full = plain(table);
    const names = [full, full.slice(full.indexOf('.') + 1)];
    const read = async (span: TimeRange): Promise<Map<string, Statement>> => {
      const query = { target, database, ...span, sort: 'load', order: 'desc', page: 1, pageSize: STATEMENTS } as const;
      const { items } = await listStatements(store, query);
      const touching = items.filter(({ tables }) => tables.some((name) => names.includes(plain(name))));
      return new Map(touching.map((item) => [`${item.queryId} ${item.user}`, item]));
    };
    return compare(await read(before), await read(after));
  };

type Pair = readonly [before: Statement, after: Statement];

/** Of statements that ran in both; both means are weighted by the calls after it, so that another mix is no effect. */
export function compare(before: ReadonlyMap<string, Statement>, after: ReadonlyMap<string, Statement>): Measure[] {
  const pairs = [...after].flatMap(([key, now]): Pair[] => {
    const then = before.get(key);
    return then === undefined || now.figures.calls === 0 || then.figures.calls === 0 ? [] : [[then, now]];
  });
  if (pairs.length === 0) return [];
  const calls = pairs.reduce((sum, [, now]) => sum + now.figures.calls, 0);
  const weighted = (pick: (pair: Pair) => Statement): number =>
    pairs.reduce((sum, pair) => sum + (pick(pair).figures.meanSeconds ?? 0) * pair[1].figures.calls, 0) / calls;
  const single = pairs
    .toSorted(([a], [b]) => b.figures.totalSeconds - a.figures.totalSeconds)
    .slice(0, SINGLE)
    .map(
      ([then, now]): Measure => ({
        title: `Mean of ${shortened(now.text)}`,
        unit: 'seconds',
        before: then.figures.meanSeconds,
        after: now.figures.meanSeconds,
      }),
    );
  return [
    {
      title: 'Mean time of the statements on the table',
      unit: 'seconds',
      before: weighted(([then]) => then),
      after: weighted(([, now]) => now),
    },
    ...single,
  ];
}

const shortened = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > TEXT_LENGTH ? `${line.slice(0, TEXT_LENGTH)}…` : line;
};
