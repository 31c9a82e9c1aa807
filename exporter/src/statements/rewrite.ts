/** pg_stat_statements puts $1 where PostgreSQL's grammar takes a literal only; such places are put another way. */
import { scanSync } from 'libpg-query';
import { isAmbiguous } from './normalise.ts';
import { as, type Fields, parse, walk } from './parser.ts';
import { StatementRefusal } from './refusal.ts';

export interface Runnable {
  readonly text: string;
  /** The one statement in it. */
  readonly statement: unknown;
  /** Sentences about what the text no longer says. */
  readonly notes: readonly string[];
}

const EXPLAINABLE = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);
/** PostgreSQL 18 writes a list of values as its first and this comment. */
const SHORTENED = '/*, ... */';

/**
 * The text as a server takes it. It is one statement that has a plan, or it is refused.
 * @throws StatementRefusal bad_request
 */
export function runnable(text: string): Runnable {
  const refuse = (message: string, hint: string): StatementRefusal =>
    new StatementRefusal('bad_request', message, hint);
  const statements = parse(text);
  if (statements === undefined || isAmbiguous(text)) {
    throw refuse('the text of this statement cannot be read', 'It may be cut off, or be of a newer PostgreSQL.');
  }
  if (statements.length !== 1) {
    throw refuse(`the text holds ${statements.length} statements`, 'A plan is of one statement.');
  }
  const [statement] = statements;
  const [tag, fields] = Object.entries(statement)[0] as [string, Fields];
  if (!EXPLAINABLE.has(tag) || fields.intoClause !== undefined) {
    throw refuse('this statement has no plan', 'Only SELECT, INSERT, UPDATE, DELETE and MERGE are planned.');
  }
  const notes = text.includes(SHORTENED)
    ? ['A list of values is kept with its first one only: it is planned as if it were that short.']
    : [];
  return { text: rewrite(text, statement), statement, notes };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Places of nodes and tokens are bytes. */
function rewrite(text: string, statement: unknown): string {
  const bytes = Buffer.from(text);
  const cut = (start: number, end: number): string => bytes.subarray(start, end).toString();
  const tokens = scanSync(text).tokens.filter(({ tokenName }) => !tokenName.endsWith('COMMENT'));
  const edits: Edit[] = [];
  const parameterAt = (location: unknown): Edit | undefined => {
    const token = tokens.find(({ start }) => start === location);
    return token && { start: token.start, end: token.end, text: cut(token.start, token.end) };
  };
  walk(statement, (tag, fields) => {
    if (tag === 'TypeCast') {
      // `interval $1`: the type stands before the value, which it may before a literal only.
      const type = (fields.typeName as Fields | undefined)?.location;
      const parameter = parameterAt(as(fields.arg, 'ParamRef')?.location);
      if (parameter === undefined || typeof type !== 'number' || type >= parameter.start) return;
      if (/^cast\s*\(/i.test(cut(type, parameter.start))) return;
      edits.push({ start: type, end: parameter.end, text: `cast(${parameter.text} as ${cut(type, parameter.start)})` });
    } else if (tag === 'FuncCall' && fields.funcformat === 'COERCE_SQL_SYNTAX') {
      // `extract($1 from …)`: the field is a word in the grammar; as an argument it may be a parameter.
      const args = (fields.args ?? []) as unknown[];
      const parameter = parameterAt(as(args[0], 'ParamRef')?.location);
      const from = parameter && tokens.find(({ start }) => start >= parameter.end);
      const name = tokens.find(({ start }) => start === fields.location);
      if (name === undefined || from === undefined || !/^extract$/i.test(cut(name.start, name.end))) return;
      edits.push({ start: name.start, end: name.end, text: 'pg_catalog.extract' });
      edits.push({ start: from.start, end: from.end, text: ',' });
    }
  });
  let at = 0;
  const parts: string[] = [];
  for (const edit of edits.sort((a, b) => a.start - b.start)) {
    if (edit.start < at) continue;
    parts.push(cut(at, edit.start), edit.text);
    at = edit.end;
  }
  return [...parts, bytes.subarray(at).toString()].join('');
}
