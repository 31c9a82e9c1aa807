/** Texts of pg_stat_statements without data in them. */
import { normaliseQuery } from './normalise.ts';
import { loadParser } from './parser.ts';

/** Strings, dollar quotes, comments. */
const QUOTED = /'|\$[^\W\d]?\w*\$|--|\/\*/;
const PARAMETER = /\$\d/;
const NUMBER = /(?<![\w$.])\.?\d/;

/**
 * pg_stat_statements puts $1 for the constants of queries, but keeps comments; commands it keeps as they are
 * (CREATE ROLE … PASSWORD), and so it does a query whose entry was evicted while it ran. A text that it did normalise is
 * given back unchanged: its numbers are of types (numeric(10,2)), and EXPLAIN needs them.
 */
export async function recordedText(text: string): Promise<string> {
  if (!QUOTED.test(text) && (PARAMETER.test(text) || !NUMBER.test(text))) return text;
  await loadParser();
  return normaliseQuery(text) ?? `${/^\s*([a-z]+)/i.exec(text)?.[1] ?? ''} …`;
}
