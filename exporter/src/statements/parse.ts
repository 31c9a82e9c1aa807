/** What a statement is and which tables it names, read from its text alone. */
import { type Named, written } from './names.ts';
import { type Fields, parse, tagOf } from './parser.ts';

export { loadParser } from './parser.ts';

export const KINDS = ['select', 'insert', 'update', 'delete', 'merge', 'utility', 'other'] as const;
export type Kind = (typeof KINDS)[number];

export interface Described {
  readonly kind: Kind;
  /** As written, `schema.table` or `table`, in the order met; names of WITH queries left out. */
  readonly tables: readonly string[];
}

const KIND_OF_TAG: Readonly<Record<string, Kind>> = {
  SelectStmt: 'select',
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  DeleteStmt: 'delete',
  MergeStmt: 'merge',
};
const KIND_OF_WORD: Readonly<Record<string, Kind>> = {
  select: 'select',
  values: 'select',
  table: 'select',
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  merge: 'merge',
  // What a WITH statement does comes after what was cut off.
  with: 'other',
};

/** Never throws: of a text that is cut or not SQL, what its first word tells. Call `loadParser` once before. */
export function describeStatement(text: string): Described {
  const statements = parse(text);
  if (statements === undefined || statements.length === 0) return { kind: kindOfFirstWord(text), tables: [] };
  return { kind: kindOf(statements[0]), tables: [...new Set(statements.flatMap(tablesOf).map(written))] };
}

export function kindOf(statement: unknown): Kind {
  const [tag, fields] = tagOf(statement) ?? ['', {} as Fields];
  // SELECT INTO makes a table: to the server it is no query.
  if (tag === 'SelectStmt' && fields.intoClause !== undefined) return 'utility';
  return KIND_OF_TAG[tag] ?? 'utility';
}

function kindOfFirstWord(text: string): Kind {
  const word = /^(?:\s|--[^\n]*(?:\n|$)|\/\*(?:(?!\*\/)[^])*\*\/|\()*([a-z]+)/i.exec(text)?.[1].toLowerCase();
  if (word === undefined) return 'other';
  return KIND_OF_WORD[word] ?? (UTILITIES.has(word) ? 'utility' : 'other');
}

const UTILITIES = new Set(
  `alter analyze begin call checkpoint close cluster comment commit copy create deallocate declare discard do drop end
   execute explain fetch grant import listen load lock move notify prepare reassign refresh reindex release reset
   revoke rollback savepoint security set show start truncate unlisten vacuum`.split(/\s+/),
);

/** Relations named in it, each as often as it is. */
export function tablesOf(statement: unknown): Named[] {
  const found: Named[] = [];
  collect(statement, new Set(), found);
  return found;
}

/** `scope`: names of WITH queries that hide tables of the same name. */
function collect(node: unknown, scope: ReadonlySet<string>, found: Named[]): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) return node.forEach((item) => collect(item, scope, found));
  const fields = node as Fields;
  if (typeof fields.relname === 'string') {
    const schema = typeof fields.schemaname === 'string' ? fields.schemaname : undefined;
    if (schema !== undefined || !scope.has(fields.relname)) found.push({ schema, name: fields.relname });
    return;
  }
  const { withClause, ...rest } = fields;
  const inner = withClause === undefined ? scope : collectWith(withClause as Fields, scope, found);
  for (const value of Object.values(rest)) collect(value, inner, found);
}

/** A WITH query sees those before it; with RECURSIVE itself and all others too. */
function collectWith(clause: Fields, scope: ReadonlySet<string>, found: Named[]): ReadonlySet<string> {
  const queries = ((clause.ctes ?? []) as readonly { CommonTableExpr: Fields }[]).map((query) => query.CommonTableExpr);
  const all = new Set([...scope, ...queries.map(({ ctename }) => ctename as string)]);
  const seen = new Set(scope);
  for (const { ctename, ctequery } of queries) {
    collect(ctequery, clause.recursive === true ? all : seen, found);
    seen.add(ctename as string);
  }
  return all;
}
