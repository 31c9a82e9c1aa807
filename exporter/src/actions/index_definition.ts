/** The typed parts of a new index → SQL, every identifier and value quoted by the server. */
import type { ParamValues } from '../contract/index.ts';
import { ActionRefusal, type ActionSession } from './types.ts';

export interface IndexDefinition {
  readonly unique: boolean;
  readonly columns: readonly string[];
  /** From USING on, without the table. */
  readonly sql: string;
}

interface Column {
  readonly name: string;
  readonly quoted: string;
  /** As the server writes it, e.g. `character varying`. */
  readonly type: string;
  readonly boolean: boolean;
  /** Its input and output run nothing but PostgreSQL's own functions. */
  readonly plain: boolean;
}

const COLUMNS_SQL = `
  select attname as name, quote_ident(attname) as quoted, format_type(atttypid, -1) as type,
         atttypid = 'bool'::regtype as boolean,
         (select t.typtype = 'e' or t.typtype = 'b' and t.typcategory <> 'A' and t.typinput::oid < 16384
            from pg_type t where t.oid = atttypid) as plain
    from pg_attribute where attrelid = $1 and attnum > 0 and not attisdropped`;

const ORDERED = ['btree'];
const COVERING = ['btree', 'gist', 'spgist'];
const UNIQUE = ['btree'];
const ONE_COLUMN = ['hash', 'spgist'];

type Predicate = NonNullable<ParamValues['predicate']>;

/** @throws ActionRefusal naming the field. */
export async function indexDefinition(
  session: ActionSession,
  table: { readonly oid: number; readonly printed: string },
  params: ParamValues,
): Promise<IndexDefinition> {
  const { columns = [], include = [], method = 'btree', unique = false, predicate } = params;
  if (columns.length === 0) throw new ActionRefusal('params.columns is missing', 'Give at least one column.');
  const known = new Map((await session.query<Column>(COLUMNS_SQL, [table.oid])).map((column) => [column.name, column]));
  const find = (name: string, field: string): Column => {
    const column = known.get(name);
    if (column !== undefined) return column;
    throw new ActionRefusal(
      `${field}: ${table.printed} has no column ${JSON.stringify(name)}`,
      `Columns only, no expressions. It has: ${[...known.keys()].slice(0, 20).join(', ')}.`,
    );
  };
  const only = (allowed: readonly string[], field: string, what: string): void => {
    if (allowed.includes(method)) return;
    throw new ActionRefusal(
      `params.${field}: ${method} has no ${what}`,
      `Leave it out, or choose ${allowed.join(' or ')}.`,
    );
  };
  const names = [...columns.map(({ name }) => name), ...include];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new ActionRefusal(
      `params.columns: ${JSON.stringify(twice)} is named twice`,
      'Name each column once, in columns or in include.',
    );
  }
  if (columns.some(({ order, nulls }) => order === 'desc' || nulls !== undefined)) only(ORDERED, 'columns', 'order');
  if (include.length > 0) only(COVERING, 'include', 'included columns');
  if (unique) only(UNIQUE, 'unique', 'unique indexes');
  if (columns.length > 1 && ONE_COLUMN.includes(method)) {
    throw new ActionRefusal(
      `params.columns: ${method} takes one column`,
      'Leave the others out, or choose another method.',
    );
  }
  const keys = columns.map(({ name, order, nulls }, i) =>
    [find(name, `params.columns[${i}]`).quoted, order === 'desc' && 'desc', nulls && `nulls ${nulls}`]
      .filter(Boolean)
      .join(' '),
  );
  const included = include.map((name, i) => find(name, `params.include[${i}]`).quoted);
  const parts = [`using ${method} (${keys.join(', ')})`];
  if (included.length > 0) parts.push(`include (${included.join(', ')})`);
  if (predicate !== undefined) {
    parts.push(`where ${await predicateSql(session, find(predicate.column, 'params.predicate.column'), predicate)}`);
  }
  return { unique, columns: columns.map(({ name }) => name), sql: parts.join(' ') };
}

/**
 * The value goes to the server as a parameter, through the column's type and back as a literal. Without a cast: one that
 * the type's owner has made, or the check of a domain, would run as the maintenance login. Where even reading the value
 * might, it is quoted as it is, and the trial judges it, as the table's owner.
 */
async function predicateSql(session: ActionSession, column: Column, { operator, value }: Predicate): Promise<string> {
  if (operator.startsWith('is ')) {
    if (value !== undefined) {
      throw new ActionRefusal(`params.predicate.value: ${operator} takes none`, 'Leave it out.');
    }
    if (/true|false/.test(operator) && !column.boolean) {
      throw new ActionRefusal(`params.predicate.operator: ${column.name} is not boolean`, 'Compare it with =.');
    }
    return `${column.quoted} ${operator}`;
  }
  if (value === undefined)
    throw new ActionRefusal(`params.predicate.value is missing for ${operator}`, 'Give a value.');
  try {
    const [{ literal }] = await session.query<{ literal: string }>(
      // Of boolean the output is t, its text true.
      `select format('%L', $1::${!column.plain ? 'text' : column.boolean ? 'boolean::text' : column.type}) as literal`,
      [String(value)],
    );
    return `${column.quoted} ${operator} ${literal}::${column.type}`;
  } catch (error) {
    const { message, severity } = error as { message: string; severity?: string };
    if (severity === undefined) throw error;
    throw new ActionRefusal(
      `params.predicate.value is no ${column.type}: ${message}`,
      `Give a value of type ${column.type}.`,
    );
  }
}
