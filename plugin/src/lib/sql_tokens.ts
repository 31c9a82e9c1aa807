/**
 * Splits a statement for display: words, quoted names, literals, comments. It is no parser: a statement that
 * it cannot make sense of is shown as it is. What is copied is always the text itself.
 */

export type TokenKind = 'space' | 'comment' | 'string' | 'quoted' | 'parameter' | 'number' | 'word' | 'sign';
export interface Token {
  kind: TokenKind;
  text: string;
}

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['string', /\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|[eE]'(?:[^'\\]|\\.|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)/y],
  ['quoted', /"(?:[^"]|"")*(?:"|$)/y],
  ['parameter', /\$\d+/y],
  ['number', /\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['sign', /::|<=|>=|<>|!=|\|\||->>|->|[\s\S]/uy],
];

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = at;
      const found = pattern.exec(sql);
      if (found && found[0] !== '') {
        tokens.push({ kind, text: found[0] });
        at += found[0].length;
        break;
      }
    }
  }
  return tokens;
}

/** On one line: comments out, white space folded. A leading tag comment is no part of what a statement does. */
export function oneLine(sql: string): Token[] {
  const line: Token[] = [];
  for (const token of tokensOf(sql)) {
    const space = token.kind === 'space' || token.kind === 'comment';
    if (!space) {
      line.push(token);
    } else if (line.length > 0 && line[line.length - 1].kind !== 'space') {
      line.push({ kind: 'space', text: ' ' });
    }
  }
  if (line[line.length - 1]?.kind === 'space') {
    line.pop();
  }
  return line;
}

/** In characters; a shorter list of columns is shown whole. */
const SHORT_LIST = 16;

/**
 * A query with its list of columns as `…`: many begin with the same one, and what tells them apart is where they read and
 * by which conditions. As it is where that list cannot be told from the rest.
 */
export function withoutColumns(line: readonly Token[]): readonly Token[] {
  if (line[0]?.text.toLowerCase() !== 'select' || line[1]?.kind !== 'space') return line;
  let depth = 0;
  for (let at = 1; at < line.length; at++) {
    const { kind, text } = line[at];
    if (kind !== 'word' && kind !== 'sign') continue;
    depth += text === '(' ? 1 : text === ')' ? -1 : 0;
    // "is distinct from" compares.
    if (depth !== 0 || text.toLowerCase() !== 'from' || line[at - 2]?.text.toLowerCase() === 'distinct') continue;
    const length = line.slice(2, at - 1).reduce((sum, token) => sum + token.text.length, 0);
    return length <= SHORT_LIST || line[at - 1].kind !== 'space'
      ? line
      : [...line.slice(0, 2), { kind: 'sign', text: '…' }, ...line.slice(at - 1)];
  }
  return line;
}

const unquoted = (name: string) => name.replace(/"((?:[^"]|"")*)"/g, (_, inner: string) => inner.replace(/""/g, '"'));

/**
 * Which tokens name one of `tables` (as written, perhaps with a schema, perhaps quoted): for bold type.
 * A qualified name is its last part; a column of the same name after a dot is none.
 */
export function tableTokens(tokens: readonly Token[], tables: readonly string[]): Set<number> {
  const names = new Set(tables.map((table) => lastPart(table)));
  const found = new Set<number>();
  tokens.forEach((token, at) => {
    if (token.kind !== 'word' && token.kind !== 'quoted') {
      return;
    }
    const name = token.kind === 'word' ? token.text.toLowerCase() : unquoted(token.text);
    const before = tokens[at - 1]?.text === '.' ? tokens[at - 2]?.text : undefined;
    const schema = before !== undefined && tables.some((table) => unquoted(table).startsWith(`${unquoted(before)}.`));
    if ((names.has(name) || names.has(token.text)) && (before === undefined || schema)) {
      found.add(at);
    }
  });
  return found;
}

function lastPart(table: string): string {
  const parts = tokensOf(table).filter((token) => token.text !== '.');
  const last = parts[parts.length - 1]?.text ?? table;
  return last.startsWith('"') ? unquoted(last) : parts.length === 1 || table.includes('.') ? last : table;
}
