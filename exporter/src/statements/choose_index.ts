/** Which columns, in which order: equality first, then lists, then a range or the order of the result. */
import type { IndexCandidate } from '../contract/index.ts';
import type { Level, Predicate } from './predicates.ts';
import type { ColumnFacts, IndexFacts, TableFacts } from './table_facts.ts';

export interface TablePredicates {
  readonly predicates: readonly Predicate[];
  readonly order: Level['order'];
  readonly limited: boolean;
}

export interface Choice {
  readonly items: IndexCandidate[];
  readonly notes: string[];
}

/** A table this small is read as fast without an index. */
const TINY_PAGES = 10;
/** So few rows per look-up that a further column would not pay for itself. */
const FEW_ROWS = 5;
/** A larger part of a table than this is read faster from end to end. */
const LARGEST_PART = 0.2;
/** Fewer different values than this tell hardly any rows apart. */
const FEWEST_VALUES = 3;

type Column = IndexCandidate['columns'][number];

export function chooseIndexes(table: TableFacts, given: TablePredicates): Choice {
  const name = table.relation.name;
  const { predicates, order } = given;
  if (predicates.length === 0 && order.length === 0) return { items: [], notes: [] };
  if (!['table', 'partitioned table', 'materialized view'].includes(table.relation.kind)) {
    return { items: [], notes: [`${name} is a view or a foreign table: indexes belong to the tables behind it`] };
  }
  if (table.rows !== null && table.pages < TINY_PAGES) {
    return { items: [], notes: [`${name} has ${table.pages} pages: it is read as fast without an index`] };
  }
  const chooser = new Chooser(table, given);
  // An order alone is the last resort: rows are read in it until enough of them fit.
  const looksUp = predicates.some(({ kind }) => kind === 'equal' || kind === 'in');
  if (!looksUp) chooser.forContents();
  chooser.forValues();
  chooser.forJoins();
  if (looksUp) chooser.forContents();
  return chooser;
}

class Chooser implements Choice {
  readonly items: IndexCandidate[] = [];
  readonly notes: string[] = [];
  readonly #table: TableFacts;
  readonly #given: TablePredicates;

  constructor(table: TableFacts, given: TablePredicates) {
    this.#table = table;
    this.#given = given;
  }

  /** Compared with values, and sorted. */
  forValues(): void {
    const reasons: string[] = [];
    const equal = this.#selective(this.#columns('equal'), reasons);
    const lists = this.#selective(this.#columns('in', equal.columns), reasons);
    const columns = [...equal.columns, ...lists.columns].map(ascending);
    const part = equal.part * lists.part;
    const rest = this.#after(columns, lists.columns.length > 0, reasons);
    const sortOnly = rest.kind === 'order' && this.#given.limited;
    if (columns.length + rest.columns.length === 0) return;
    if (part > LARGEST_PART && rest.kind !== 'range' && !sortOnly) {
      if (columns.length > 0)
        this.#note(`${columns.map((column) => column.name).join(', ')} would still leave ${percent(part)} of its rows`);
      return;
    }
    this.#add('btree', [...columns, ...rest.columns], equal.columns.length, reasons);
  }

  /** By what another table gives, for each row of it; all columns that it gives together. */
  forJoins(): void {
    const joins = this.#given.predicates.filter(({ kind }) => kind === 'join');
    for (const partner of new Set(joins.map(partnerOf))) {
      const reasons: string[] = [];
      const names = joins.filter((join) => partnerOf(join) === partner).map(({ column }) => column);
      const joined = this.#selective(this.#ordered(names), reasons, 'joined');
      if (joined.columns.length === 0) continue;
      const others = this.#columns('equal', joined.columns);
      const more = this.#rowsLeft(joined.part) > FEW_ROWS ? this.#selective(others, reasons) : undefined;
      const columns = [...joined.columns, ...(more?.columns ?? [])];
      if (joined.part * (more?.part ?? 1) > LARGEST_PART) continue;
      this.#add('btree', columns.map(ascending), columns.length, reasons);
    }
  }

  /** What a document or an array holds. */
  forContents(): void {
    for (const { kind, column } of this.#given.predicates) {
      const facts = this.#facts(column);
      if (kind !== 'contains' || facts === undefined) continue;
      if (!facts.gin) this.#note(`${column} is of type ${facts.type}, for whose operators there is no default index`);
      else this.#add('gin', [ascending(facts)], 0, [`${column} (${facts.type}) is asked for what it contains`]);
    }
  }

  #facts(column: string): ColumnFacts | undefined {
    return this.#table.columns.find(({ name }) => name === column);
  }

  #columns(kind: Predicate['kind'], but: readonly ColumnFacts[] = []): ColumnFacts[] {
    const names = this.#given.predicates.filter((predicate) => predicate.kind === kind).map(({ column }) => column);
    return this.#ordered(names).filter((facts) => !but.includes(facts));
  }

  /** Those whose values have an order, each once. */
  #ordered(names: readonly string[]): ColumnFacts[] {
    return [...new Set(names)].flatMap((name) => {
      const facts = this.#facts(name);
      if (facts === undefined || facts.btree) return facts ?? [];
      this.#note(`${name} is of type ${facts.type}, which has no order`);
      return [];
    });
  }

  /** Those that tell rows apart, the most different values first, until few rows are left. */
  #selective(
    columns: readonly ColumnFacts[],
    reasons: string[],
    how = 'compared for equality',
  ): { columns: ColumnFacts[]; part: number } {
    const chosen: ColumnFacts[] = [];
    let part = 1;
    const byValues = [...columns].sort((a, b) => (b.distinct ?? Infinity) - (a.distinct ?? Infinity));
    for (const column of byValues) {
      const { name, distinct, nulls } = column;
      if (distinct !== null && distinct < FEWEST_VALUES) {
        this.#note(`${name} has ${counted(distinct, 'different value')}: an index on it tells hardly any rows apart`);
      } else if (chosen.length > 0 && this.#rowsLeft(part) <= FEW_ROWS) {
        const left = counted(Math.ceil(this.#rowsLeft(part)), 'row');
        reasons.push(`${name} is left out: the columns before it leave about ${left}`);
      } else {
        chosen.push(column);
        if (distinct !== null && distinct > 0) part *= (1 - (nulls ?? 0)) / distinct;
        else part *= 0.01;
        const values =
          distinct === null ? 'no statistics that may be read' : `about ${counted(distinct, 'different value')}`;
        reasons.push(`${name} is ${how}: ${values}`);
      }
    }
    return { columns: chosen, part };
  }

  #rowsLeft(part: number): number {
    return (this.#table.rows ?? Infinity) * part;
  }

  /** What may come after the columns that are fixed: the order of the result, or one range. */
  #after(
    fixed: readonly Column[],
    hasLists: boolean,
    reasons: string[],
  ): { kind: 'range' | 'order' | 'none'; columns: Column[] } {
    const names = new Set(fixed.map(({ name }) => name));
    const order = this.#given.order.filter(({ column }) => !names.has(column));
    const ranges = this.#columns('range').filter(({ name }) => !names.has(name));
    const sorted = order.map(({ column, order: direction }) => ({ name: column, order: direction }));
    const sortable = sorted.length > 0 && !hasLists && sorted.every(({ name }) => this.#facts(name)?.btree);
    if (sortable && (ranges.length === 0 || ranges[0].name === sorted[0].name)) {
      reasons.push(`${sorted.map(({ name }) => name).join(', ')}: rows come sorted as ORDER BY wants them`);
      return { kind: ranges.length > 0 ? 'range' : 'order', columns: sorted };
    }
    if (ranges.length === 0) return { kind: 'none', columns: [] };
    const [range, second] = ranges;
    reasons.push(`${range.name} is compared for a range: what comes after it does not narrow the search`);
    if (second === undefined) return { kind: 'range', columns: [ascending(range)] };
    reasons.push(`${second.name} is looked at inside the index, before a row of the table is read`);
    return { kind: 'range', columns: [ascending(range), ascending(second)] };
  }

  #add(method: 'btree' | 'gin', columns: Column[], fixed: number, reasons: string[]): void {
    const { relation, indexes } = this.#table;
    const coveredBy = indexes.find((index) => covers(index, method, columns, fixed))?.name ?? null;
    this.items.push({ table: relation, columns, method, include: [], reasons, coveredBy });
  }

  #note(sentence: string): void {
    this.notes.push(`${this.#table.relation.name}: ${sentence}`);
  }
}

/** The first `fixed` columns may stand in any order; a unique index on some of them leaves one row anyway. */
function covers(index: IndexFacts, method: string, columns: readonly Column[], fixed: number): boolean {
  if (index.partial || index.method !== method) return false;
  const names = columns.map(({ name }) => name);
  const first = new Set(names.slice(0, fixed));
  if (index.unique && index.columns.every((column) => column !== null && first.has(column))) return true;
  const leading = index.columns.slice(0, names.length);
  return (
    leading.length === names.length &&
    leading.slice(0, fixed).every((column) => column !== null && first.has(column)) &&
    leading.slice(fixed).every((column, i) => column === names[fixed + i])
  );
}

/** Joined by the same table, or by a subquery of its own. */
const partnerOf = ({ other, column }: Predicate): string => other?.of ?? ` ${column}`;

const ascending = ({ name }: Pick<ColumnFacts, 'name'>): Column => ({ name, order: 'asc' });
const percent = (part: number): string => `${Math.round(part * 100)} %`;

/** `1 row`, `4,950 rows`. */
function counted(value: number, one: string): string {
  const whole = Math.round(value);
  return `${whole.toLocaleString('en-GB')} ${one}${whole === 1 ? '' : 's'}`;
}
