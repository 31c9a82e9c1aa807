import { tokensOf, type Token } from './sql_tokens';

/** A line of a statement laid out: how deep, and its tokens. */
export interface SqlLine {
  depth: number;
  tokens: Token[];
}

/** Words that begin a line of their own. */
const CLAUSES = new Set([
  'select', 'from', 'where', 'group', 'having', 'order', 'limit', 'offset', 'fetch', 'window', 'union', 'intersect',
  'except', 'values', 'set', 'returning', 'join', 'left', 'right', 'full', 'inner', 'cross', 'natural', 'on', 'using',
  'insert', 'update', 'delete', 'merge', 'when', 'with',
]); // prettier-ignore
/** Of these, what follows belongs to the same line: LEFT OUTER JOIN, INSERT … ON CONFLICT DO UPDATE SET. */
const JOINS = new Set(['left', 'right', 'full', 'inner', 'cross', 'natural', 'outer']);
/** They stand one step in below their clause. */
const INNER = new Set(['and', 'or', 'on', 'using']);

/** Longer than this, a list after SELECT is broken at its commas. */
const LONG = 100;

/**
 * Breaks a statement at its clauses, AND and OR, sub-selects indented. Tokens and their order stay as they are:
 * only white space changes, so what is read is what ran.
 */
export function layoutSql(sql: string): SqlLine[] {
  const lines: SqlLine[] = [];
  let current: SqlLine = { depth: 0, tokens: [] };
  /** For each open bracket: whether a sub-select stands in it. */
  const brackets: boolean[] = [];
  const level = () => brackets.filter(Boolean).length;
  const breakLine = (depth: number) => {
    trim(current.tokens);
    if (current.tokens.length > 0) {
      lines.push(current);
    }
    current = { depth, tokens: [] };
  };

  const tokens = tokensOf(sql.trim());
  let previous = '';
  /** The next AND is BETWEEN's. */
  let between = false;
  tokens.forEach((token, at) => {
    const word = token.kind === 'word' ? token.text.toLowerCase() : token.text;
    const plain = brackets.length === level();
    if (token.kind === 'space') {
      if (current.tokens.length > 0) {
        current.tokens.push({ kind: 'space', text: ' ' });
      }
      return;
    }
    if (token.text === '(') {
      current.tokens.push(token);
      const next = tokens.slice(at + 1).find((one) => one.kind !== 'space' && one.kind !== 'comment');
      const sub = next?.kind === 'word' && ['select', 'with'].includes(next.text.toLowerCase());
      brackets.push(sub);
      if (sub) {
        breakLine(level() * 2);
      }
    } else if (token.text === ')') {
      const sub = brackets[brackets.length - 1];
      if (sub) {
        breakLine((level() - 1) * 2);
      }
      brackets.pop();
      current.tokens.push(token);
    } else {
      if (word === 'and' && between) {
        between = false;
      } else if (token.kind === 'word' && plain && startsLine(word, previous)) {
        breakLine(level() * 2 + (INNER.has(word) ? 1 : 0));
      }
      current.tokens.push(token);
      if (token.kind === 'comment' && token.text.startsWith('--')) {
        breakLine(current.depth);
      }
    }
    if (token.kind !== 'comment') {
      between ||= word === 'between';
      previous = word;
    }
  });
  breakLine(0);
  return lines.flatMap(breakLong);
}

function startsLine(word: string, previous: string): boolean {
  if (word === 'and' || word === 'or') {
    return true;
  }
  if (!CLAUSES.has(word)) {
    return false;
  }
  // No clauses of their own: LEFT OUTER JOIN's JOIN, DO UPDATE, FOR UPDATE, DELETE FROM, IS DISTINCT FROM, DISTINCT ON.
  const joined = word === 'join' && JOINS.has(previous);
  const part = ['do', 'for', 'key', 'no', 'then', 'distinct', 'delete', '.'].includes(previous);
  return !joined && !part;
}

function breakLong(line: SqlLine): SqlLine[] {
  if (line.tokens.reduce((sum, token) => sum + token.text.length, 0) <= LONG) {
    return [line];
  }
  const broken: SqlLine[] = [];
  let current: SqlLine = { depth: line.depth, tokens: [] };
  let open = 0;
  for (const token of line.tokens) {
    open += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
    if (token.kind === 'space' && current.tokens.length === 0) {
      continue;
    }
    current.tokens.push(token);
    if (token.text === ',' && open === 0) {
      broken.push(current);
      current = { depth: line.depth + 1, tokens: [] };
    }
  }
  if (current.tokens.length > 0) {
    broken.push(current);
  }
  return broken;
}

function trim(tokens: Token[]): void {
  while (tokens[tokens.length - 1]?.kind === 'space') {
    tokens.pop();
  }
}

const KEYWORDS = new Set([
  ...CLAUSES, 'and', 'or', 'not', 'null', 'is', 'in', 'exists', 'between', 'like', 'ilike', 'as', 'by', 'asc', 'desc',
  'distinct', 'all', 'any', 'case', 'then', 'else', 'end', 'into', 'conflict', 'do', 'nothing', 'for', 'outer', 'lateral',
  'over', 'partition', 'filter', 'first', 'last', 'nulls', 'only', 'true', 'false', 'cast', 'interval', 'recursive',
  'materialized', 'create', 'drop', 'alter', 'table', 'index', 'view', 'vacuum', 'analyze', 'reindex', 'truncate', 'copy',
]); // prettier-ignore

export const isKeyword = (token: Token) => token.kind === 'word' && KEYWORDS.has(token.text.toLowerCase());
