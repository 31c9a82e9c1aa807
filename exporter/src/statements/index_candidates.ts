/** What the form for a new index is prefilled with. It proposes, and knows no workload but this statement. */
import type { IndexCandidate } from '../contract/index.ts';
import type { LiveTarget } from '../live/live_target.ts';
import { type Choice, chooseIndexes, type TablePredicates } from './choose_index.ts';
import { written } from './names.ts';
import { loadParser } from './parser.ts';
import { type ColumnName, type Level, levelsOf } from './predicates.ts';
import { runnable } from './rewrite.ts';
import type { FoundStatement } from './statement_text.ts';
import { tableFacts, type TableFacts } from './table_facts.ts';

/** @throws StatementRefusal, DatabaseFailure, TargetUnavailable */
export async function indexCandidates(
  live: LiveTarget,
  found: FoundStatement,
): Promise<{ items: IndexCandidate[]; notes: string[] }> {
  await loadParser();
  const levels = levelsOf(runnable(found.text).statement);
  const names = levels.flatMap(({ sources }) =>
    [...sources.values()].flatMap((named) => (named ? written(named) : [])),
  );
  const facts = await tableFacts(live, found, [...new Set(names)]);
  const missing = [...new Set(names)].filter((name) => !facts.has(name));
  const notes = missing.map((name) => `${name} is not found in this database`);
  const items: IndexCandidate[] = [];
  for (const level of levels) {
    notes.push(...level.notes);
    for (const [alias, named] of level.sources) {
      const table = named && facts.get(written(named));
      if (table === undefined) continue;
      const chosen = chooseIndexes(table, predicatesOn(alias, table, level, facts));
      notes.push(...chosen.notes);
      for (const one of chosen.items) if (!items.some((item) => sameIndex(item, one))) items.push(one);
    }
  }
  if (items.length === 0 && notes.length === 0) notes.push('no column is compared with a value, joined or sorted by');
  return {
    items: items.sort((a, b) => Number(a.coveredBy !== null) - Number(b.coveredBy !== null)),
    notes: [...new Set(notes)],
  };
}

const sameIndex = (a: IndexCandidate, b: Choice['items'][number]): boolean =>
  a.table.oid === b.table.oid && a.method === b.method && JSON.stringify(a.columns) === JSON.stringify(b.columns);

/** A column without a table's name is of the only one that has it. */
function predicatesOn(
  alias: string,
  table: TableFacts,
  { sources, predicates, order, limited }: Level,
  facts: ReadonlyMap<string, TableFacts>,
): TablePredicates {
  const has = (facts: TableFacts | undefined, column: string): boolean =>
    facts?.columns.some(({ name }) => name === column) ?? false;
  const ours = ({ of, column }: ColumnName): boolean => {
    if (!has(table, column)) return false;
    if (of !== undefined) return of === alias;
    return [...sources].every(([other, named]) => other === alias || !has(named && facts.get(written(named)), column));
  };
  return {
    predicates: predicates.filter(ours),
    // Rows come in an index's order only where nothing is joined to them before.
    order: sources.size === 1 && order.every(ours) ? order : [],
    limited,
  };
}
