/** Takes the literals out of a text, for those who may not see data. */
import { type ScanToken, scanSync } from 'libpg-query';
import { tryParse } from './parser.ts';

/** Strings of every kind, bit strings, dollar quotes, numbers; not `$1` and not U&"names". */
const LITERAL = /^(?:(?:[bxen]|u&)?'|\$(?:[^\d$'"\s][^$'"\s]*)?\$|\.?\d)/i;
const COMMENT = /^(?:--|\/\*)/;
/** Ends before its quote where standard_conforming_strings is off, which the text does not tell. */
const AMBIGUOUS = /^'(?:[^]*[^\\])?\\(?:\\\\)*'/;
/** What servers keep of a query at most, unless set higher. */
const LONGEST = 100_000;

/**
 * Literals become $n after the highest that is there; comments go, since anything may stand in them. A text that the
 * server cut (track_activity_query_size) ends before the literal it was cut in, with an ellipsis.
 * Call `loadParser` once before.
 * @returns undefined when it cannot be told what is a literal: then nothing of it may be shown.
 */
export function normaliseQuery(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  const whole = scan(text);
  if (whole !== undefined) return without(text, whole);
  const end = endOfWhole(text);
  const tokens = end === undefined ? undefined : scan(text.slice(0, end));
  const shown = tokens && without(text.slice(0, end), tokens);
  return shown && `${shown.trimEnd()} …`;
}

function scan(text: string): ScanToken[] | undefined {
  try {
    return text.trim() === '' ? [] : scanSync(text).tokens;
  } catch {
    return undefined;
  }
}

/** Where the literal, name or comment begins that has no end. */
function endOfWhole(text: string): number | undefined {
  const parsed = tryParse(text);
  if ('statements' in parsed || !/^(unterminated|trailing junk|invalid)/.test(parsed.problem)) return undefined;
  // The parser counts characters, JavaScript half of some.
  return parsed.at === undefined ? undefined : [...text].slice(0, parsed.at).join('').length;
}

/** Places of tokens are bytes. */
function without(text: string, tokens: readonly ScanToken[]): string | undefined {
  const bytes = Buffer.from(text);
  const raw = ({ start, end }: ScanToken): string => bytes.subarray(start, end).toString();
  if (tokens.some((token) => AMBIGUOUS.test(raw(token)))) return undefined;
  let number = Math.max(0, ...tokens.map((token) => Number(/^\$(\d+)$/.exec(raw(token))?.[1] ?? 0)));
  return replaceTokens(bytes, tokens, (word, { tokenName }) => {
    if (COMMENT.test(word) && tokenName.endsWith('COMMENT')) return ' ';
    return LITERAL.test(word) ? `$${++number}` : undefined;
  }).trim();
}

/** Whether a server with standard_conforming_strings off could read the text in another way. */
export function isAmbiguous(text: string): boolean {
  const bytes = Buffer.from(text);
  return scan(text)?.some(({ start, end }) => AMBIGUOUS.test(bytes.subarray(start, end).toString())) ?? true;
}

/** Literals and parameters of an expression; the whole of it where it cannot be told. */
export function replaceLiterals(text: string, by: string): string {
  const tokens = scan(text);
  if (tokens === undefined) return by;
  return replaceTokens(Buffer.from(text), tokens, (word) =>
    LITERAL.test(word) || /^\$\d+$/.test(word) ? by : undefined,
  );
}

function replaceTokens(
  bytes: Buffer,
  tokens: readonly ScanToken[],
  replacement: (word: string, token: ScanToken) => string | undefined,
): string {
  let at = 0;
  const parts: string[] = [];
  for (const token of tokens) {
    const by = replacement(bytes.subarray(token.start, token.end).toString(), token);
    if (by === undefined) continue;
    parts.push(bytes.subarray(at, token.start).toString(), by);
    at = token.end;
  }
  parts.push(bytes.subarray(at).toString());
  return parts.join('');
}
