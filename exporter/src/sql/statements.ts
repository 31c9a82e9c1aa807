/** Where the statements of a SQL text begin: the server names a position only for some errors. */

/** What hides a semicolon comes first: comments, strings, quoted names, bodies in dollar quotes. */
const TOKENS =
  /--[^\n]*|\/\*|[eE]'|'|"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\S/g;

/** The 1-based lines on which the statements of `text` begin, in order. */
export function statementLines(text: string): number[] {
  const lines: number[] = [];
  const tokens = new RegExp(TOKENS);
  let inside = false;
  /** How many END are to come in a body that is SQL itself (BEGIN ATOMIC); its semicolons end no statement. */
  let depth = 0;
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const token = found[0].toLowerCase();
    if (token.startsWith('--')) continue;
    if (token === '/*') {
      tokens.lastIndex = endOfComment(text, tokens.lastIndex);
      continue;
    }
    if (token === 'atomic' || (depth > 0 && token === 'case')) depth++;
    else if (depth > 0 && token === 'end') depth--;
    if (token === ';') {
      inside &&= depth > 0;
      continue;
    }
    if (!inside) lines.push(lineAt(text, found.index));
    inside = true;
    if (/^(e?'|"|\$.*\$)$/.test(token)) {
      tokens.lastIndex = endOfQuoted(text, found[0].replace(/^e/i, ''), tokens.lastIndex, token === "e'");
    }
  }
  return lines;
}

/** @param index from 0. @returns the line from 1. */
export const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** A doubled quote ends a string and opens the next one, which comes to the same. */
function endOfQuoted(text: string, quote: string, from: number, escapes: boolean): number {
  for (let at = from; at < text.length; at++) {
    if (escapes && text[at] === '\\') at++;
    else if (text.startsWith(quote, at)) return at + quote.length;
  }
  return text.length;
}

/** A comment may hold others. */
function endOfComment(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('/*', at)) {
      depth++;
      at++;
    } else if (text.startsWith('*/', at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}
