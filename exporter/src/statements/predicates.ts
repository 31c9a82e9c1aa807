/** Which columns a statement compares, level by level: each SELECT, UPDATE or DELETE within it has its own tables. */
import type { Named } from './names.ts';
import { as, type Fields, strings, tagOf } from './parser.ts';

export interface ColumnName {
  /** Table or alias before the dot. */
  readonly of: string | undefined;
  readonly column: string;
}

export type PredicateKind = 'equal' | 'in' | 'range' | 'contains' | 'join';

export interface Predicate extends ColumnName {
  readonly kind: PredicateKind;
  /** Of a join: the other side. */
  readonly other?: ColumnName;
}

export interface Level {
  /** Alias or name → relation; undefined for a subquery, a function or a WITH query. */
  readonly sources: ReadonlyMap<string, Named | undefined>;
  readonly predicates: readonly Predicate[];
  /** ORDER BY of plain columns; empty when any of them is not. */
  readonly order: readonly (ColumnName & { readonly order: 'asc' | 'desc' })[];
  readonly limited: boolean;
  /** What a plain column index cannot serve. */
  readonly notes: readonly string[];
}

interface Draft {
  sources: Map<string, Named | undefined>;
  predicates: Predicate[];
  notes: string[];
}

/** All levels of a statement, outermost first. */
export function levelsOf(statement: unknown): Level[] {
  const levels: Level[] = [];
  collect(statement, new Set(), levels);
  return levels;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

function collect(node: unknown, hidden: ReadonlySet<string>, levels: Level[]): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) return node.forEach((item) => collect(item, hidden, levels));
  const [tag, fields] = tagOf(node) ?? [undefined, node as Fields];
  const names = list((fields.withClause as Fields | undefined)?.ctes).map((cte) => as(cte, 'CommonTableExpr')?.ctename);
  const inner = names.length === 0 ? hidden : new Set([...hidden, ...(names as string[])]);
  // A set operation's arms are without their tags.
  if (tag !== undefined ? LEVEL.test(tag) : 'targetList' in fields) levels.push(levelOf(fields, inner));
  for (const value of Object.values(fields)) collect(value, inner, levels);
}

const LEVEL = /^(?:Select|Update|Delete)Stmt$/;

function levelOf(fields: Fields, hidden: ReadonlySet<string>): Level {
  const draft: Draft = { sources: new Map(), predicates: [], notes: [] };
  const from = [...list(fields.fromClause), ...list(fields.usingClause)];
  if (fields.relation !== undefined) from.unshift({ RangeVar: fields.relation });
  for (const item of from) addSource(item, hidden, draft);
  addCondition(fields.whereClause, draft);
  const order = list(fields.sortClause).map(orderOf);
  return {
    ...draft,
    order: order.every((item) => item !== undefined) ? order : [],
    limited: fields.limitCount !== undefined,
  };
}

function addSource(item: unknown, hidden: ReadonlySet<string>, draft: Draft): void {
  const [tag, fields] = tagOf(item) ?? ['', {} as Fields];
  const alias = (fields.alias as Fields | undefined)?.aliasname as string | undefined;
  if (tag === 'RangeVar') {
    const named = { schema: fields.schemaname as string | undefined, name: fields.relname as string };
    const isQuery = named.schema === undefined && hidden.has(named.name);
    draft.sources.set(alias ?? named.name, isQuery ? undefined : named);
  } else if (tag === 'JoinExpr') {
    addSource(fields.larg, hidden, draft);
    addSource(fields.rarg, hidden, draft);
    addCondition(fields.quals, draft);
    const sides = [fields.larg, fields.rarg].map((side) => aliasOf(side));
    for (const column of strings(fields.usingClause)) {
      const [of, other] = sides;
      if (of === undefined || other === undefined) continue;
      draft.predicates.push({ kind: 'join', of, column, other: { of: other, column } });
      draft.predicates.push({ kind: 'join', of: other, column, other: { of, column } });
    }
  } else if (alias !== undefined) draft.sources.set(alias, undefined);
}

function aliasOf(item: unknown): string | undefined {
  const fields = as(item, 'RangeVar');
  return ((fields?.alias as Fields | undefined)?.aliasname ?? fields?.relname) as string | undefined;
}

function columnOf(node: unknown): ColumnName | undefined {
  const names = list(as(node, 'ColumnRef')?.fields);
  const words = strings(names);
  if (words.length !== names.length || words.length === 0) return undefined;
  return { of: words.at(-2), column: words.at(-1)! };
}

function orderOf(item: unknown): Level['order'][number] | undefined {
  const fields = as(item, 'SortBy') ?? {};
  const column = columnOf(fields.node);
  if (column === undefined || fields.useOp !== undefined) return undefined;
  const nulls = fields.sortby_nulls ?? 'SORTBY_NULLS_DEFAULT';
  const order = fields.sortby_dir === 'SORTBY_DESC' ? 'desc' : 'asc';
  // An index in the default order of NULLs is no use for another.
  return nulls === 'SORTBY_NULLS_DEFAULT' ? { ...column, order } : undefined;
}

const RANGES = new Set(['<', '<=', '>', '>=']);
const CONTAINS = new Set(['@>', '<@', '&&', '?', '?|', '?&', '@@', '@?']);

function addCondition(node: unknown, draft: Draft): void {
  const [tag, fields] = tagOf(node) ?? ['', {} as Fields];
  if (tag === 'BoolExpr') return addBoolean(fields, draft);
  if (tag === 'A_Expr') return addComparison(fields, draft);
  if (tag === 'NullTest' && fields.nulltesttype === 'IS_NULL') {
    const column = columnOf(fields.arg);
    if (column !== undefined) draft.predicates.push({ kind: 'equal', ...column });
  } else if (tag === 'SubLink' && fields.subLinkType === 'ANY_SUBLINK' && fields.operName === undefined) {
    const column = columnOf(fields.testexpr);
    if (column !== undefined) draft.predicates.push({ kind: 'join', ...column });
  } else if (tag === 'ColumnRef' || tag === 'BooleanTest') {
    const column = columnOf(node) ?? columnOf(fields.arg);
    if (column !== undefined)
      draft.notes.push(`${column.column} is compared as a boolean: no plain index on it helps, a partial one might`);
  }
}

function addBoolean({ boolop, args }: Fields, draft: Draft): void {
  const arms = list(args);
  if (boolop === 'AND_EXPR') return arms.forEach((arm) => addCondition(arm, draft));
  if (boolop === 'NOT_EXPR') return void draft.notes.push('NOT (…) cannot be looked up in an index');
  const within = arms.map((arm) => {
    const one: Draft = { sources: draft.sources, predicates: [], notes: [] };
    addCondition(arm, one);
    return one.predicates.length === 1 ? one.predicates[0] : undefined;
  });
  const [first] = within;
  const sameColumn = within.every(
    (one) =>
      one !== undefined && ['equal', 'in'].includes(one.kind) && one.of === first!.of && one.column === first!.column,
  );
  if (first !== undefined && sameColumn) draft.predicates.push({ ...first, kind: 'in' });
  else draft.notes.push('conditions joined by OR are not served by one plain column index');
}

function addComparison({ kind, name, lexpr, rexpr }: Fields, draft: Draft): void {
  const operator = strings(name).at(-1) ?? '';
  const [left, right] = [columnOf(lexpr), columnOf(rexpr)];
  if (/LIKE|SIMILAR/.test(String(kind))) {
    if (left !== undefined) draft.notes.push(likeNote(left.column, rexpr));
    return;
  }
  if (left === undefined && right === undefined) {
    const inside = [...columnsIn(lexpr), ...columnsIn(rexpr)];
    if (inside.length > 0) {
      draft.notes.push(`${inside.join(' and ')} inside an expression: not by a plain column index`);
    }
    return;
  }
  if (kind === 'AEXPR_OP' && operator === '=' && left !== undefined && right !== undefined) {
    draft.predicates.push({ kind: 'join', ...left, other: right }, { kind: 'join', ...right, other: left });
    return;
  }
  const column = left ?? right!;
  const isList = kind === 'AEXPR_IN' || kind === 'AEXPR_OP_ANY';
  if (isList && operator === '=' && left !== undefined) draft.predicates.push({ kind: 'in', ...left });
  else if (kind === 'AEXPR_BETWEEN') draft.predicates.push({ kind: 'range', ...column });
  else if (kind !== 'AEXPR_OP' || (left !== undefined && right !== undefined)) return;
  else if (operator === '=') draft.predicates.push({ kind: 'equal', ...column });
  else if (RANGES.has(operator)) draft.predicates.push({ kind: 'range', ...column });
  else if (CONTAINS.has(operator)) draft.predicates.push({ kind: 'contains', ...column });
  else draft.notes.push(`${column.column} ${operator} …: not by a plain column index`);
}

function likeNote(column: string, pattern: unknown): string {
  const text = ((as(pattern, 'A_Const')?.sval as Fields | undefined)?.sval ?? '') as string;
  if (/^[%_]/.test(text)) return `LIKE on ${column} begins with a wildcard: only a trigram index (pg_trgm) could help`;
  return `LIKE on ${column}: a pattern needs a trigram index (pg_trgm), or one with text_pattern_ops`;
}

function columnsIn(node: unknown): string[] {
  const found = new Set<string>();
  const look = (inner: unknown): void => {
    if (typeof inner !== 'object' || inner === null || as(inner, 'SubLink') !== undefined) return;
    const column = columnOf(inner);
    if (column !== undefined) found.add(column.column);
    else Object.values(inner).forEach(look);
  };
  look(node);
  return [...found];
}
